"""Every page, as axe-core sees it (WCAG 2.2 AA and its best practices), with everything on it opened."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from dashboard.pages import FOR_MANAGERS, FOR_OFFICERS, PAGES
from demo.company.people import HEADS, PRIVACY_OFFICER, RICH
from demo.company.policies import policies
from languages.language import PSEUDO
from tests.browser.conftest import Stack
from tests.browser.on_paper import wrong_on_paper
from tests.browser.pages import PATIENCE_MS
from tests.browser.steps import STILL_MS, sign_in, the
from tests.browser.untranslated import untranslated

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: dict[str, dict[str, dict[str, Any]]] = {
    "en-US": {
        "wide, light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
        "a wide page at 400 %, dark": {"viewport": {"width": 320, "height": 256}, "color_scheme": "dark"},
        "a phone, forced colours": {"viewport": {"width": 390, "height": 844}, "forced_colors": "active"},
    },
    PSEUDO: {
        "very wide, dark, without motion": {
            "viewport": {"width": 1920, "height": 1080}, "color_scheme": "dark", "reduced_motion": "reduce",
        },
    },
}  # fmt: skip
"""How pages are looked at in each language. Each page is loaded in the first look, and changes to the others."""


TRANSLATED = ("overview", "captured", "day", "retention", "access")
"""The pages without sentences of the API, which come in English."""
DRAWN = ".rows, [data-testid=stForm], details, [data-testid=stPageLink]"
"""One of these is on each page that has been drawn."""
AT_REST = """() => Promise.allSettled(document.getAnimations()
  .filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
  .map((each) => each.finished))"""
"""Text that was stale until now has too little contrast for a moment, and a section that opens is cut off."""
WRITTEN = (*(policy.name for policy in policies(date(2026, 1, 1))), "I typed these figures")
"""What the company and the person wrote."""


@pytest.mark.parametrize("language", LOOKS)
def test_no_page_has_violations(browser: Browser, stack: Stack, language: str) -> None:
    looks = LOOKS[language]
    found: dict[str, list[str]] = {}
    for person, paths in (
        (RICH, [path for path, *_ in PAGES]),
        (HEADS[0], [FOR_MANAGERS[0]]),
        (PRIVACY_OFFICER, [FOR_OFFICERS[0]]),
    ):
        context = browser.new_context(locale=language)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        if not found:
            page.goto(stack.dashboard)
            page.get_by_role("button", name="Sign in").wait_for()
            found |= violations_in("signed out", page, looks)
        sign_in(page, stack, the(person))
        for path in paths:
            change(page, **next(iter(looks.values())))
            page.goto(f"{stack.dashboard}/{path}")
            page.locator(DRAWN).first.wait_for(state="attached")
            found |= violations_in(path, page, looks)
            if language != PSEUDO:
                found[f"{path}: on paper"] = wrong_on_paper(page)
            if language == PSEUDO and path in TRANSLATED:
                found[f"{path}: untranslated"] = untranslated(page, WRITTEN)
        context.close()
    assert {place: said for place, said in found.items() if said} == {}


def test_the_pages_beside_the_app_have_no_violations(page: Page, stack: Stack) -> None:
    for path in ("letter", "a-page-that-is-not-there", "export/00000000-0000-0000-0000-000000000000"):
        page.goto(f"{stack.dashboard}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        assert violations(page) == [], path


def test_a_planted_violation_is_found(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.dashboard}/letter")
    page.evaluate("document.body.append(document.createElement('button'))")
    assert ["button-name" in line for line in violations(page)] == [True]
    planted = '<nav data-testid="stSidebar">Menu</nav><div class="rows" style="height: 9px">A row<br>and one more</div>'
    page.evaluate("planted => { document.body.innerHTML = planted }", planted)
    wrong = {line.partition(":")[0] for line in wrong_on_paper(page)}
    assert {"is printed", "cut"} <= wrong


def violations_in(name: str, page: Page, looks: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """What is found on a page in each look; looked at once more, because a part of it may have begun to run again."""
    found = {}
    for look, emulated in looks.items():
        change(page, **emulated)
        open_everything(page)
        if said := violations(page):
            settle(page)
            said = violations(page)
        found[f"{name}: {look}"] = said
    return found


def change(page: Page, viewport: ViewportSize, **media: Any) -> None:
    """The window's size, and what the system asks for; what isn't named is as in a new window."""
    page.set_viewport_size(viewport)
    page.emulate_media(
        **({"color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"} | media)
    )


def open_everything(page: Page) -> None:
    """Opens each section, also those that appear then."""
    settle(page)
    closed = page.locator("details:not([open]) > summary")
    while number := closed.count():
        for position in reversed(range(number)):
            closed.nth(position).click()
        settle(page)


def settle(page: Page) -> None:
    """Until the page has run and what it sent is drawn."""
    page.locator("[data-test-script-state=notRunning][data-test-connection-state=CONNECTED] h1").wait_for()
    page.wait_for_timeout(STILL_MS)
    page.locator("[data-test-script-state=notRunning]:not(:has([data-stale=true]))").wait_for()
    page.evaluate(AT_REST)


def violations(page: Page) -> list[str]:
    """What axe finds, one line each, a page that is wider than its window, and the toolbar of a chart."""
    answer = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    said = [
        f"{found['impact']} {found['id']}: {node['target']} {node['failureSummary']}"
        for found in answer.response["violations"]
        for node in found["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        said.append("wider than the window")
    if page.get_by_role("button", name="Copy Vega-Lite spec").count():
        said.append("a chart's toolbar: four stops for the keyboard")
    return said
