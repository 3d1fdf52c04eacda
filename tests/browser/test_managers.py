"""Managers of a large area, of a team of six and of nobody; and what everybody sees about the company."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from demo.company.people import HEADS, RICH, WITHOUT_A_TEAM
from tests.browser.conftest import Stack
from tests.browser.pages import page_of
from tests.browser.steps import open_page, sign_in, the

LARGE = (
    "50 people are in your area. The same rules apply",
    "Records that may be used are held about",
    "How much is held",
)
SMALL = ("6 people are in your area: that is too few for numbers about this area alone", "What applies to everybody")
NOBODY = ("Nobody reports to you",)


@pytest.mark.parametrize(
    ("name", "told", "charts"), [(HEADS[0], LARGE, 2), ("Kira Novotna", SMALL, 0), (WITHOUT_A_TEAM, NOBODY, 0)]
)
def test_a_manager_sees_published_numbers_of_their_area(
    browser: Browser, stack: Stack, name: str, told: tuple[str, ...], charts: int
) -> None:
    with page_of(browser, viewport={"width": 1280, "height": 900}) as page:
        sign_in(page, stack, the(name))
        expect(page.get_by_text("of your work are held")).to_be_visible()
        open_page(page, "My area")
        for words in told:
            expect(page.get_by_text(words).first).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(charts)


def test_everybody_sees_the_programme_but_no_area(browser: Browser, stack: Stack) -> None:
    with page_of(browser, viewport={"width": 390, "height": 844}) as page:
        sign_in(page, stack, the(RICH))
        expect(page.get_by_text("of your work are held")).to_be_visible()
        page.goto(f"{stack.dashboard}/programme")
        expect(page.get_by_text("of the 599 people in the company").first).to_be_visible()
        expect(page.get_by_text(re.compile("no one was identified"))).to_be_visible()
        expect(page.get_by_text(re.compile(r"cost epsilon 3\.00 of 3 in total"))).to_be_visible()
        expect(page.get_by_role("link", name="My area")).to_have_count(0)
