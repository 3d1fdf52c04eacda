"""What people ask when they are worried (`test_journeys.py`), on a phone, where the menu is closed at first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.company.people import RICH
from tests.browser.conftest import Stack
from tests.browser.pages import page_of
from tests.browser.steps import sign_in, the
from tests.browser.test_journeys import (
    MOST,
    Journey,
    recorded_yesterday,
    test_pause_recording_now,
    test_was_anything_done_against_the_rules,
    test_what_do_they_have_from_yesterday_14_to_15,
    test_when_is_all_of_it_gone,
    test_which_model_learned_from_my_messages_and_stop_it,
    test_who_looked,
)

__all__ = [
    "test_pause_recording_now",
    "test_was_anything_done_against_the_rules",
    "test_what_do_they_have_from_yesterday_14_to_15",
    "test_when_is_all_of_it_gone",
    "test_which_model_learned_from_my_messages_and_stop_it",
    "test_who_looked",
]

ON_OVERVIEW = {"Captured": "Look at a day or an hour", "Models": "Which models used them"}
"""The links below the answer that lead to a page."""


class OnAPhone(Journey):
    def go(self, name: str) -> None:
        if name in ON_OVERVIEW:
            self.click(self.page.get_by_test_id("stMain").get_by_role("link", name=ON_OVERVIEW[name]))
            return
        self.click(self.page.get_by_test_id("stExpandSidebarButton"))
        super().go(name)


@pytest.fixture(scope="module")
def signed_in(browser: Browser, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    recorded_yesterday(stack, tmp_path_factory.mktemp("on_a_phone"), the(RICH).email)
    with page_of(browser, viewport={"width": 390, "height": 844}, timezone_id="Europe/Berlin") as page:
        sign_in(page, stack, the(RICH))
        yield page


@pytest.fixture
def journey(signed_in: Page, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Journey]:
    signed_in.goto(stack.dashboard)
    expect(signed_in.get_by_role("heading", level=1, name="What is held about you")).to_be_visible()
    begun = OnAPhone(signed_in)
    yield begun
    request.node.user_properties += [("clicks", begun.clicks), ("seconds", round(begun.seconds, 1))]
    assert begun.clicks <= MOST
