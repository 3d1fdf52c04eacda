"""What people ask when they are worried (`test_journeys.py`), on a phone, where the menu is closed at first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Stack
from tests.browser.test_journeys import (
    Journey,
    test_delete_what_i_typed_there,
    test_pause_recording_now,
    test_was_anything_done_against_the_rules,
    test_when_is_all_of_it_gone,
    test_which_model_learned_from_my_messages_and_stop_it,
    test_who_looked,
    walked,
    with_yesterday,
)

__all__ = [
    "test_delete_what_i_typed_there",
    "test_pause_recording_now",
    "test_was_anything_done_against_the_rules",
    "test_when_is_all_of_it_gone",
    "test_which_model_learned_from_my_messages_and_stop_it",
    "test_who_looked",
]

ON_OVERVIEW = {"Models": "Which models used them"}
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
    with with_yesterday(browser, stack, tmp_path_factory.mktemp("on_a_phone"), width=390, height=844) as page:
        yield page


@pytest.fixture
def journey(signed_in: Page, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Journey]:
    signed_in.evaluate("localStorage.clear()")  # Streamlit keeps there that another walk opened the menu
    with walked(OnAPhone, signed_in, stack, request) as journey:
        yield journey
