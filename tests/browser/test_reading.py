"""What people get who read with a screen reader, or with wider spacing: on every page, with everything on it opened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.pages import FOR_MANAGERS, FOR_OFFICERS, PAGES
from demo.company.people import HEADS, PRIVACY_OFFICER, RICH
from tests.browser.conftest import Stack
from tests.browser.pages import PATIENCE_MS
from tests.browser.steps import sign_in, the
from tests.browser.test_accessibility import DRAWN, open_everything, settle, violations

WIDE: Any = {"viewport": {"width": 1280, "height": 900}}
PHONE: Any = {"viewport": {"width": 390, "height": 844}}
ANDROID = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Mobile Safari/537.36"
)

HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6, [role=heading]")]
  .filter((each) => each.checkVisibility())
  .map((each) => Number(each.ariaLevel ?? each.tagName[1]))"""

ESCAPES = r"""() => {
  const escape = /\\[!-\/:-@\[-`{-~]|\*\*/;
  const named = [...document.querySelectorAll("[aria-label], [alt], [title], [placeholder], [aria-description]")];
  const names = named.flatMap((each) => ["aria-label", "title", "placeholder", "aria-description"]
    .map((name) => each.getAttribute(name) ?? "").filter((said) => escape.test(said) || said.includes("\u2060")));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode())
    if (escape.test(texts.currentNode.data) && !texts.currentNode.parentElement.closest("style, script, code, pre"))
      names.push(texts.currentNode.data);
  return names;
}"""
"""What a screen reader would read with its escapes for Markdown. (In drawn text the invisible character is left.)"""

SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""
"""WCAG 1.4.12."""

CUT = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const style = getComputedStyle(each);
  if (each.closest("svg, [data-testid=stDataFrame]") || each.clientWidth <= 1) return false;
  if (style.clipPath !== "none") return false;
  if (!each.checkVisibility({visibilityProperty: true, opacityProperty: true}) || !each.innerText?.trim()) return false;
  const cuts = (overflow) => ["hidden", "clip"].includes(overflow);
  return (cuts(style.overflowX) && each.scrollWidth > each.clientWidth + 1)
    || (cuts(style.overflowY) && each.scrollHeight > each.clientHeight + 1);
}).map((each) => `${each.tagName} ${each.dataset.testid ?? each.role ?? ""}: ${each.innerText.slice(0, 60)}`)"""


def opened(page: Page, stack: Stack) -> Iterator[str]:
    """Signs in as each kind of person, and opens every page that they have, and everything on it."""
    for person, paths in (
        (RICH, [path for path, *_ in PAGES]),
        (HEADS[0], [FOR_MANAGERS[0]]),
        (PRIVACY_OFFICER, [FOR_OFFICERS[0]]),
    ):
        page.context.clear_cookies()
        sign_in(page, stack, the(person))
        for path in paths:
            page.goto(f"{stack.dashboard}/{path}")
            page.locator(DRAWN).first.wait_for(state="attached")
            open_everything(page)
            yield path


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_is_read_and_spaced_well(browser: Browser, stack: Stack, screen: dict[str, Any]) -> None:
    context = browser.new_context(**screen)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    found: dict[str, list[str]] = {}
    for path in opened(page, stack):
        found[path] = outline_faults(page.evaluate(HEADINGS)) + page.evaluate(ESCAPES)
        page.add_style_tag(content=SPACING)
        settle(page)
        found[path] += page.evaluate(CUT)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found[path].append("wider than the window")
    context.close()
    assert {path: said for path, said in found.items() if said} == {}
    assert len(found) == len(PAGES) + 2


def outline_faults(levels: list[int]) -> list[str]:
    """What is wrong with the levels of the headings, in their order."""
    faults = [] if levels.count(1) == 1 and levels[0] == 1 else [f"not one first heading: {levels}"]
    if len(levels) < 2:
        faults.append("only one heading")
    return faults + [f"skips a level: {levels}" for before, after in pairwise(levels) if after > before + 1]


def test_planted_faults_are_found(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.dashboard}/letter")
    page.set_content(
        r'<h1>One</h1><h3>Three</h3><p aria-label="a\*b"></p><div style="height: 20px; overflow: hidden">'
        "<p>Some text</p><p>More of it</p></div>"
    )
    assert outline_faults(page.evaluate(HEADINGS)) == ["skips a level: [1, 3]"]
    assert page.evaluate(ESCAPES) == [r"a\*b"]
    assert len(page.evaluate(CUT)) == 1


def test_the_parts_of_captured_are_a_list_of_headings(page: Page, stack: Stack) -> None:
    sign_in(page, stack, the(RICH), f"{stack.dashboard}/captured")
    expect(page.get_by_role("heading", level=2, name="Records", exact=True)).to_be_attached()
    settle(page)
    parts = page.get_by_role("heading", level=2).all_text_contents()
    assert parts[:4] == ["Your selection", "Filters and timeline", "Search", "Records"]
    page.get_by_role("tab", name="Mouse paths").click()
    expect(page.get_by_role("heading", level=2, name="Mouse paths")).to_be_attached()


def test_the_menu_of_a_phone_closes_on_a_page(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(**PHONE, user_agent=ANDROID)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    sign_in(page, stack, the(RICH))
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="AI models that used your data")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    context.close()


def test_records_as_cards_have_no_violations_on_a_phone(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(**PHONE, color_scheme="dark")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    sign_in(page, stack, the(RICH), f"{stack.dashboard}/captured?as=cards")
    box = page.locator("[class*=st-key-card-]").first
    box.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(page.locator(".st-key-record")).to_be_visible()
    open_everything(page)
    assert violations(page) == []
    context.close()
