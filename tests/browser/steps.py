"""Common steps in a browser: sign in, go to a page, choose a kind of request."""

from __future__ import annotations

import re

from playwright.sync_api import Error, Locator, Page, expect
from playwright.sync_api import TimeoutError as TookTooLong

from demo.company.people import Person, people, visitor
from tests.browser.conftest import Stack
from tests.support import browsers

STILL_MS = 400


def the(name: str) -> Person:
    return next(person for person in [*people(), visitor()] if person.name == name)


def sign_in(page: Page, stack: Stack, person: Person, address: str = "") -> None:
    """`address`: the page to begin on; the start if empty."""
    browsers.sign_in(page, person.login, stack.dashboard, address)


def open_page(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=name).click()


def choose(page: Page, option: str) -> None:
    """Chooses one option of a group of radio buttons."""
    page.get_by_test_id("stRadioOption").filter(has_text=option).first.click()


def pick(page: Page, field: str, *options: str) -> None:
    """Chooses options of a multi-select field."""
    box = page.get_by_test_id("stMultiSelect").filter(has_text=field).first.get_by_role("combobox")
    wait_until_still(page, box)
    for option in options:
        box.click()
        box.press_sequentially(option)
        page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")
    for option in options:
        expect(page.get_by_role("button", name=f"Remove {option}")).to_be_visible()


def wait_until_still(page: Page, element: Locator) -> None:
    """Until the page has stopped moving and running: people don't use something the moment it appears."""
    while True:
        try:
            element.scroll_into_view_if_needed()
            before = element.bounding_box()
            page.wait_for_timeout(STILL_MS)
            running = page.get_by_test_id("stStatusWidget").or_(page.locator("[data-test-script-state=running]"))
            if running.count() == 0 and element.bounding_box() == before:
                return
        except Error as error:
            if "Element is not attached" not in str(error) or isinstance(error, TookTooLong):
                raise  # otherwise it was drawn anew meanwhile


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Clicks a button once the page has stopped moving."""
    button = page.get_by_role("button", name=name).first
    expect(button).to_be_enabled()
    wait_until_still(page, button)
    button.click()


def unfold(within: Page | Locator, name: str) -> None:
    """Opens the first section of this name, if it is closed, once the page has stopped moving."""
    page = within if isinstance(within, Page) else within.page
    title = within.locator("summary").filter(has_text=name).first
    wait_until_still(page, title)
    section = title.locator("xpath=..")
    if section.get_attribute("open") is None:
        title.click()
    expect(section).to_have_attribute("open", "")
