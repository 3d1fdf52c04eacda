"""A legal hold from placing to lifting, for the privacy officer and the person, and the receipt of the deletion.

The officer holds a person's scrolls. The person deletes scrolls and clicks, and the scrolls stay. The officer lifts the
hold, and the same request finishes automatically. The verifier alone checks its receipt, outside the product.
"""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from demo.company.people import PRIVACY_OFFICER
from tests.browser.conftest import Stack
from tests.browser.pages import PATIENCE_MS
from tests.browser.steps import choose, open_page, pick, press, sign_in, the, unfold

PERSON = "Kofi Mensah"
CASE = "HR-2026/17"


def test_a_hold_delays_deletion_and_the_receipt_verifies(
    stack: Stack, page: Page, browser: Browser, tmp_path: Path
) -> None:
    office = browser.new_context(viewport={"width": 1280, "height": 900})
    office.set_default_timeout(PATIENCE_MS)
    officer = office.new_page()
    sign_in(officer, stack, the(PRIVACY_OFFICER))
    place_hold(officer)

    sign_in(page, stack, the(PERSON))
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name="Privacy office")).to_have_count(0)
    went, stayed = delete_scrolls_and_clicks(page)
    card = page.locator("[class*=st-key-request-]").filter(has_text="Deletion").last
    expect(card.get_by_text("Partly done").first).to_be_visible()
    expect(card.get_by_text(f"{went:,} records deleted from this register.")).to_be_visible()
    expect(card.get_by_text(f"{stayed:,} records stayed")).to_be_visible()

    lift_hold(officer)
    office.close()
    reload_until(page, f"{went + stayed:,} records deleted from this register.")
    expect(page.get_by_text("records stayed")).to_have_count(0)

    check_receipt(page, stack, tmp_path)
    open_page(page, "Who looked")
    expect(page.get_by_text("A privacy officer looked last")).to_be_visible()
    page.goto(f"{stack.dashboard}/officer")
    expect(page.get_by_text("This page is for the privacy officer")).to_be_visible()


def place_hold(officer: Page) -> None:
    open_page(officer, "Privacy office")
    unfold(officer, "Place a hold")
    officer.get_by_role("textbox", name="Whose records?").fill(the(PERSON).email)
    officer.get_by_role("textbox", name="Case").fill(CASE)
    choose(officer, "Some of their records")
    pick(officer, "What", "scrolls")
    law = officer.get_by_test_id("stSelectbox").filter(has_text="Legal exception").get_by_role("combobox")
    law.press_sequentially("GDPR 17(3)(e)")
    officer.get_by_role("option", name="GDPR 17(3)(e), because this is needed to establish").click()
    press(officer, "Look at it first")
    expect(officer.get_by_text(re.compile(r"This keeps scrolls of"))).to_be_visible()
    press(officer, "Place this hold")
    expect(officer.get_by_role("heading", name=f"{PERSON}: case {CASE}")).to_be_visible()
    expect(officer.get_by_text(re.compile(r"Keeps scrolls\."))).to_be_visible()


def delete_scrolls_and_clicks(page: Page) -> tuple[int, int]:
    """How many were deleted and how many stayed, according to the preview."""
    open_page(page, "Requests")
    choose(page, "Deletion")
    choose(page, "Only some of it")
    pick(page, "What", "scrolls", "clicks")
    press(page, "Show what this covers")
    went = number_in(page, r"([\d,]+) records would be deleted from this register")
    stayed = number_in(page, r"([\d,]+) records would stay")
    page.get_by_text("I understand that this can't be undone").click()
    press(page, f"Delete {went:,} records")
    return went, stayed


def number_in(page: Page, pattern: str) -> int:
    said = page.get_by_text(re.compile(pattern)).first
    expect(said).to_be_visible()
    found = re.search(pattern, said.inner_text())
    assert found
    return int(found[1].replace(",", ""))


def lift_hold(officer: Page) -> None:
    card = officer.locator("[class*=st-key-hold-]").filter(has_text=CASE)
    card.get_by_text("Lift…").click()
    press(officer, "Lift this hold")
    expect(officer.get_by_role("heading", name=f"{PERSON}: case {CASE}")).to_have_count(0)


RELOADS = 6


def reload_until(page: Page, text: str) -> None:
    """A worker deletes what was held; a page that only waits doesn't refresh by itself."""
    for _ in range(RELOADS):
        page.reload()
        with suppress(AssertionError):
            expect(page.get_by_text(text)).to_be_visible(timeout=PATIENCE_MS / RELOADS)
            return
    expect(page.get_by_text(text)).to_be_visible()


def check_receipt(page: Page, stack: Stack, folder: Path) -> None:
    """Checks the receipt on the page, then from the two saved files with Python alone."""
    unfold(page, "Receipt: check it yourself")
    press(page, "Check it here")
    expect(page.get_by_text("The receipt checks out.").first).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Save the receipt").first.click()
    receipt, verifier = folder / "receipt.json", folder / "verifier.py"
    downloading.value.save_as(receipt)
    verifier.write_bytes(page.request.get(f"{stack.dashboard}/verifier.py").body())
    verify = [sys.executable, "-I", str(verifier), str(receipt)]
    checked = subprocess.run(verify, cwd=folder, capture_output=True, text=True, timeout=60)
    assert checked.returncode == 3, checked.stdout + checked.stderr
    assert "the key came with the file" in checked.stdout
    assert "Proven" in checked.stdout
    assert "completed" in checked.stdout
    address = page.get_by_role("link", name="Read it").first.get_attribute("href")
    assert PERSON in page.request.get(f"{stack.dashboard}{address}").text()
