"""A person reads Open Book in their language: the browser's, then one that they choose, which is kept with them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.pages import PAGES
from demo.company.people import PASSWORD, Person, people
from languages.language import language
from tests.browser.conftest import Stack
from tests.browser.pages import PATIENCE_MS

FOLLOWS_THE_BROWSER, CHOOSES = people()[7:9]
TITLE = "What is held about you"


def opened(browser: Browser, stack: Stack, person: Person, locale: str) -> Page:
    """Signed in, in a browser with this language."""
    context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(stack.dashboard)
    page.get_by_test_id("stMain").get_by_role("button").first.click()
    page.locator("input[name=login]").fill(person.login)
    page.locator("input[name=login]").press("Enter")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{stack.dashboard}/**")
    return page


def speaks(page: Page, code: str) -> None:
    spoken = language(code)
    expect(page.locator("html")).to_have_attribute("lang", code)
    expect(page.get_by_role("heading", level=1, name=spoken.t(TITLE))).to_be_visible()
    for _, title, _ in PAGES:
        expect(page.get_by_test_id("stSidebar").get_by_role("link", name=spoken.t(title), exact=True)).to_be_visible()


@pytest.mark.parametrize("code", ["de", "fr", "es"])
def test_the_browsers_language(browser: Browser, stack: Stack, code: str) -> None:
    page = opened(browser, stack, FOLLOWS_THE_BROWSER, f"{code}-{code.upper()}")
    speaks(page, code)
    page.context.close()


def test_a_chosen_language_is_kept_with_the_person(browser: Browser, stack: Stack) -> None:
    page = opened(browser, stack, CHOOSES, "de-DE")
    page.get_by_role("link", name="Français").click()
    speaks(page, "fr")
    elsewhere = opened(browser, stack, CHOOSES, "en-GB")
    speaks(elsewhere, "fr")
    elsewhere.get_by_role("link", name="English").click()
    speaks(elsewhere, "en")
    page.context.close()
    elsewhere.context.close()
