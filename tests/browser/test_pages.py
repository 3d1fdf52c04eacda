"""A page whose scripts fail is noticed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import page_of


def run(browser: Browser, script: str) -> None:
    with page_of(browser) as page:
        page.evaluate(script)
        page.wait_for_timeout(200)


@pytest.mark.parametrize(
    ("script", "fault"),
    [("setTimeout(() => undefined.every(1))", "every"), ("console.error(new TypeError('no such thing'))", "no such")],
)
def test_a_fault_in_a_script_fails_the_test(browser: Browser, script: str, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        run(browser, script)


def test_other_words_in_the_console_do_not(browser: Browser) -> None:
    run(browser, "console.error('the server answered 401'); console.log('TypeError')")
