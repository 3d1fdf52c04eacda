"""Chromium, and signing in with it at the demo's identity provider."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from demo.company.people import PASSWORD

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The path of the program; None: it isn't installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    """Chromium until the block ends. `program`: its path."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        browser.close()


def sign_in(page: Page, login: str, dashboard: str, address: str = "") -> None:
    """`dashboard`: its address. `address`: of the page to begin on; the start if empty."""
    page.goto(address or dashboard)
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=login]").fill(login)
    page.get_by_role("button", name="Continue").click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[name=answer], button[type=submit]").last.click()
    page.wait_for_url(f"{dashboard}/**")
