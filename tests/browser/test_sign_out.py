"""Signing out in a real browser: what a copied cookie and another tab show afterwards."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from uuid import uuid4

import httpx
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, Page, expect

from demo.company.people import RICH
from tests.browser.conftest import Stack
from tests.browser.pages import PATIENCE_MS
from tests.browser.steps import press, sign_in, the
from tests.support.issuer import Issuer

PAGES = ("", "captured", "day", "models", "retention", "requests", "access", "programme", "help", "area", "officer")
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


def test_every_tab_of_somebody_dismissed_is_out_within_seconds(page: Page, browser: Browser, stack: Stack) -> None:
    """The identity provider says so (OpenID Connect back-channel logout), and nobody touches the tabs."""
    elsewhere = browser.new_context()
    elsewhere.set_default_timeout(PATIENCE_MS)
    try:
        phone = elsewhere.new_page()
        for window in (page, phone):
            sign_in(window, stack, the(RICH))
        tab = page.context.new_page()
        tab.goto(f"{stack.dashboard}/access")
        for window in (page, phone, tab):
            expect(window.get_by_role("button", name="Sign out")).to_be_visible()
        sent = httpx.post(f"{stack.api}/back-channel-logout", data={"logout_token": logout_of(RICH, stack)}, timeout=60)
        assert sent.status_code == 200, sent.text
        for window in (page, phone, tab):
            expect(window.get_by_role("button", name="Sign in")).to_be_visible()
        tab.goto(f"{stack.dashboard}/captured")
        expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
    finally:
        elsewhere.close()


def logout_of(name: str, stack: Stack) -> str:
    """The logout token that the demo's identity provider would send."""
    with closing(sqlite3.connect(stack.home / "directory" / "directory.sqlite")) as directory:
        [(sub,)] = directory.execute("select sub from employee where name = ?", (name,)).fetchall()
    described = httpx.get(f"{stack.identity_provider}/.well-known/openid-configuration", timeout=60).json()
    provider = Issuer(described["issuer"])
    provider.signing = RSAKey.import_key(json.loads((stack.home / "demo" / "signing_key.json").read_text()))
    return provider.logout_token(sub=sub)
