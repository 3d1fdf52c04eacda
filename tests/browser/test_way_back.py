"""A bookmark that is opened signed out leads to its page after signing in, with its choices."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from demo.company.people import RICH
from tests.browser.conftest import Stack
from tests.browser.steps import sign_in, the


def test_a_bookmark_leads_to_its_page_with_its_choices(page: Page, stack: Stack) -> None:
    address = f"{stack.dashboard}/captured?application=Outlook&kind=message"
    sign_in(page, stack, the(RICH), address)
    expect(page.get_by_role("heading", level=1, name="What was captured")).to_be_visible()
    expect(page.get_by_role("button", name="Remove Outlook")).to_be_visible()
    expect(page.get_by_role("button", name="Remove messages")).to_be_visible()
    expect(page).to_have_url(address)
