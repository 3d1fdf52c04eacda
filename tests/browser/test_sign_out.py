"""Signing out in a real browser: what a copied cookie and another tab show afterwards."""

from __future__ import annotations

from uuid import uuid4

import httpx
from playwright.sync_api import Browser, Page, expect

from demo.company.people import RICH
from tests.browser.conftest import PATIENCE_MS, Stack
from tests.browser.steps import press, sign_in, the

PAGES = ("", "captured", "models", "retention", "requests", "access", "programme", "area", "officer")
DOWNLOADS = ("export/{}", "receipt/{}", "receipt/{}/page", "membership/{}", "membership/{}/leaves")


def test_a_copied_cookie_shows_nothing_after_sign_out(page: Page, browser: Browser, stack: Stack) -> None:
    sign_in(page, stack, the(RICH))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "openbook_session"]
    assert not [each["name"] for each in page.context.cookies() if each["name"].startswith("_streamlit_user")]
    thief = browser.new_context(storage_state={"cookies": [cookie], "origins": []})
    thief.set_default_timeout(PATIENCE_MS)
    try:
        copied, other = thief.new_page(), page.context.new_page()
        for tab in (copied, other):
            tab.goto(stack.dashboard)
            expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
        press(page, "Sign out")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        for tab in (copied, other):  # which notice by themselves
            expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
        for name in PAGES:
            copied.goto(f"{stack.dashboard}/{name}")
            expect(copied.get_by_role("button", name="Sign in")).to_be_visible()
    finally:
        thief.close()
    for path in DOWNLOADS:
        address = f"{stack.dashboard}/{path.format(uuid4())}"
        answer = httpx.get(address, headers={"Cookie": f"openbook_session={cookie['value']}"}, timeout=60)
        assert answer.status_code == 401, path
