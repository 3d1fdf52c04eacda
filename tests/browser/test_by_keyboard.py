"""What people ask when they are worried (`test_journeys.py`), by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Stack
from tests.browser.keyboard import Walk
from tests.browser.steps import wait_until_still
from tests.browser.test_journeys import (
    Journey,
    test_a_copy_of_everything,
    test_an_hour_is_chosen_where_records_are,
    test_delete_what_i_typed_there,
    test_pause_recording_now,
    test_was_anything_done_against_the_rules,
    test_what_a_day_of_mine_looks_like,
    test_when_is_all_of_it_gone,
    test_which_model_learned_from_my_messages_and_stop_it,
    test_who_looked,
    with_yesterday,
)

__all__ = [
    "test_a_copy_of_everything",
    "test_an_hour_is_chosen_where_records_are",
    "test_delete_what_i_typed_there",
    "test_pause_recording_now",
    "test_was_anything_done_against_the_rules",
    "test_what_a_day_of_mine_looks_like",
    "test_when_is_all_of_it_gone",
    "test_which_model_learned_from_my_messages_and_stop_it",
    "test_who_looked",
]


class ByKeyboard(Journey):
    """Tab to a control, Enter; arrows within a group; typing in a list."""

    def use(self, what: Locator) -> None:
        wait_until_still(self.page, what)
        Walk(self.page).to(what)
        self.page.keyboard.press("Enter")

    def pick(self, field: re.Pattern[str], option: re.Pattern[str]) -> None:
        box = self.page.get_by_role("combobox", name=field)
        wait_until_still(self.page, box)
        Walk(self.page).to(box)
        self.page.keyboard.type(option.pattern.removeprefix("^"))
        expect(self.page.get_by_role("option").first).to_have_accessible_name(option)
        self.page.keyboard.press("Enter")

    def tick(self, option: str) -> None:
        radio = self.page.get_by_role("radio", name=option)
        group = self.page.get_by_role("radiogroup").filter(has=radio)
        wait_until_still(self.page, group)
        Walk(self.page).to(group)
        for _ in range(group.get_by_role("radio").count()):
            if not radio.evaluate("element => element === document.activeElement"):
                self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("Space")
        expect(radio).to_be_checked()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with with_yesterday(browser, stack, tmp_path_factory.mktemp("typed"), width=1280, height=900) as page:
        yield page


@pytest.fixture
def journey(signed_in: Page, stack: Stack) -> Journey:
    signed_in.goto(stack.dashboard)
    expect(signed_in.get_by_role("heading", level=1, name="What is held about you")).to_be_visible()
    return ByKeyboard(signed_in)
