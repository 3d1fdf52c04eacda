"""What the tests of journeys take for read out is what the accessibility tree has, and nothing that it hides."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.reading_out import read_out, squeezed

PAGE = """<main><h1>Your <em>data</em></h1><p>About <b>two</b> thirds: 1,024 records.</p>
<p aria-hidden="true">hidden one</p><p style="visibility:hidden">hidden two</p>
<button aria-label="Say &quot;yes&quot;">no</button><a href="/x">a link</a>
<table><tr><th>Day</th><td>Monday: 3</td></tr></table></main>"""


def test_only_what_a_screen_reader_gets_is_read_out(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(PAGE)
    said = read_out(page.locator("main"))
    page.close()
    for text in ("Your data", "About two thirds: 1,024 records.", 'Say "yes"', "a link", "Day", "Monday: 3"):
        assert squeezed(text) in said
    for text in ("hidden", "/x"):
        assert text not in said
