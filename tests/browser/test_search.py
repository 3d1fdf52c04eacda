"""Searching in a real browser: a word, its results, a deletion from one of them, and no trace of the word."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

import clock
from demo.company.people import RICH
from tests.browser.conftest import Stack
from tests.browser.steps import open_page, press, sign_in, the, wait_until_still

WORD = "Kolibrinest"


def ingest(stack: Stack, folder: Path, email: str) -> None:
    """Four texts pasted into Excel, one of which has the word."""
    taken = clock.now_utc().replace(microsecond=0) - timedelta(minutes=5)
    texts = ["budget of May", "budget of June", f"the {WORD} plan", "budget of July"]
    rows = [
        f"{(taken + timedelta(seconds=20 * number)).isoformat()}Z,recorder,Excel,paste,{text}"
        for number, text in enumerate(texts)
    ]
    log = folder / "log.csv"
    log.write_text("\n".join(["timeStamp,userID,targetApp,eventType,content", *rows]) + "\n")
    done = stack.run("lake", "ingest", "ui-log", str(log), "--employee", email)
    assert done.returncode == 0, done.stdout + done.stderr


def search(page: Page, words: str) -> None:
    field = page.get_by_role("textbox", name="Search in your selection")
    wait_until_still(page, field)
    field.fill(words)
    field.press("Enter")


def test_from_a_word_to_a_deletion(stack: Stack, page: Page, tmp_path: Path) -> None:
    person = the(RICH)
    ingest(stack, tmp_path, person.email)
    sign_in(page, stack, person)
    open_page(page, "Captured")
    search(page, f"{WORD.upper()} plan")
    marked = page.locator("div.found mark").filter(has_text=WORD)
    expect(marked).to_have_count(1)
    assert WORD.casefold() not in page.url.casefold()
    box = page.get_by_role("checkbox", name=re.compile("Excel, copy and paste")).first
    wait_until_still(page, box)
    box.focus()
    page.keyboard.press("Space")
    press(page, "Delete the ticked")
    page.get_by_text("I understand that this can't be undone").click()
    press(page, "Delete 1 record")
    expect(page.get_by_text("1 record deleted from this register").first).to_be_visible()

    open_page(page, "Captured")
    search(page, WORD)
    expect(page.get_by_text("Nothing found")).to_be_visible()
    traces = re.compile(WORD.encode(), re.IGNORECASE)
    files = [path for path in stack.home.rglob("*") if path.is_file()]
    assert [path for path in files if traces.search(path.read_bytes())] == []
    assert not traces.search(stack.output.read_bytes())
