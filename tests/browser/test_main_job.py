"""The main job, for two people: view, get a copy, delete; and a colleague sees none of it.

Expected numbers are counted from the recordings themselves, without our connectors.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.company.people import CALIFORNIANS, JOINED_TODAY, RICH, VISITOR, Person
from tests.browser.conftest import Stack
from tests.browser.remains import Remains
from tests.browser.steps import choose, open_page, press, sign_in, the, unfold

UI_LOGS = ("Reimbursement", "StudentRecord")
CLICKS = ("clickTextField", "clickButton", "clickLink", "clickCheckbox")


def metric(page: Page, label: str) -> int:
    value = page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")
    expect(value).to_have_text(re.compile(r"^[\d,]+$"))
    return int(value.inner_text().replace(",", ""))


def counts_in(page: Page, heading: str) -> dict[str, int]:
    """The first two columns of the table whose first column is `heading`."""
    table = page.get_by_role("table").filter(
        has=page.locator("[role=columnheader]", has_text=re.compile(f"^{heading}$"))
    )
    expect(table).to_be_visible()
    rows = table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )
    return {cells[0]: int(re.sub(r"\D", "", cells[1])) for cells in rows}


def expected_signals(recordings: Path) -> Counter[str]:
    """Counts, by the screen's name of each signal."""
    events = (recordings / "opencua_session" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    actions = Counter(json.loads(event)["action"] for event in events)
    assert actions == {"move": 4034, "click": 42, "scroll": 19, "press": 3, "release": 1}
    types = Counter(row["eventType"] for row in ui_log_rows(recordings))
    return Counter(
        {
            "Mouse movements": actions["move"],
            "Clicks": actions["click"] + sum(types[name] for name in CLICKS),
            "Scrolls": actions["scroll"],
            "Typed text": actions["press"] + actions["release"],
            "Copy and paste": types["copy"] + types["paste"],
            "Form entries": types["editField"] + types["form_submit"],
            "Pages visited": sum(
                types[name] for name in ("navigate_to", "createNewTab", "selectWorksheet", "getCell", "getRange")
            ),
        }
    )


def ui_log_rows(recordings: Path) -> list[dict[str, str]]:
    rows = []
    for name in UI_LOGS:
        with (recordings / "rpm_ui_logs" / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
            rows += list(csv.DictReader(lines))
    return rows


def ingest(stack: Stack, recordings: Path, person: Person) -> None:
    for format_, path in [
        ("opencua", recordings / "opencua_session"),
        *(("ui-log", recordings / "rpm_ui_logs" / f"{name}.csv") for name in UI_LOGS),
    ]:
        done = stack.run("lake", "ingest", format_, str(path), "--employee", person.email)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def private_files() -> Iterator[None]:
    """This process opens the stack's home: files it creates there must be private too."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("private_files")
def test_an_employee_sees_copies_and_deletes_their_captures(
    stack: Stack, page: Page, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yara = the(JOINED_TODAY)
    monkeypatch.setenv("OPENBOOK_HOME", str(stack.home))
    sign_in(page, stack, yara)
    expect(page.get_by_text("This register has nothing about you")).to_be_visible()

    ingest(stack, recordings, yara)
    ingest(stack, recordings, yara)
    expected = expected_signals(recordings)
    page.reload()
    assert metric(page, "Records held") == expected.total()
    assert counts_in(page, "What") == expected
    applications = Counter(row["targetApp"] for row in ui_log_rows(recordings))
    by_application = counts_in(page, "Application")
    assert {name: by_application[name] for name in applications} == applications

    archive = ask_for_a_copy(page, tmp_path)
    check_copy(archive, expected, recordings)

    remains = Remains(stack.home, yara.email, "Chrome")
    assert remains.places().keys() == {"lake", "exports"}, "the search sees what is there"
    delete_application(page, "Chrome", applications["Chrome"])
    assert remains.places() == {}

    open_page(page, "Overview")
    expect(page.get_by_text("What is held about you")).to_be_visible()
    assert metric(page, "Records held") == expected.total() - applications["Chrome"]
    assert "Chrome" not in counts_in(page, "Application")
    again = stack.run(
        "lake", "ingest", "ui-log", str(recordings / "rpm_ui_logs" / "Reimbursement.csv"), "--employee", yara.email
    )
    assert again.returncode == 0
    page.reload()
    assert metric(page, "Records held") == expected.total() - applications["Chrome"]


def ask_for_a_copy(page: Page, folder: Path) -> Path:
    open_page(page, "Requests")
    choose(page, "A copy")
    press(page, "Show what this covers")
    press(page, "Ask for this copy")
    link = page.get_by_role("link", name=re.compile("Download the ZIP")).first
    expect(link).to_be_visible()
    with page.expect_download() as downloading:
        link.click()
    archive = folder / "copy.zip"
    downloading.value.save_as(archive)
    unfold(page, "Check the file")
    expect(page.get_by_text(hashlib.sha256(archive.read_bytes()).hexdigest())).to_be_visible()
    return archive


def check_copy(archive: Path, expected: Counter[str], recordings: Path) -> None:
    """The copy has every capture, its manifest is correct, and pasted text is the same as in the recording."""
    with zipfile.ZipFile(archive) as copy:
        manifest = json.loads(copy.read("manifest.json"))["statement"]
        for file in manifest["files"]:
            content = copy.read(file["name"])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"]), file["name"]
        assert {file["name"] for file in manifest["files"]} == set(copy.namelist()) - {"manifest.json"}
        captures = [json.loads(line) for line in copy.read("captures.jsonl").splitlines()]
    assert len(captures) == expected.total()
    pasted = Counter(first_line(row["content"]) for row in ui_log_rows(recordings) if row["eventType"] == "paste")
    readable = Counter(
        first_line(capture["content"]["text"])
        for capture in captures
        if capture["content"] and capture["content"].get("action") == "paste" and not capture["redactions"]
    )
    assert readable.total() > 1000
    assert readable <= pasted


def first_line(text: str) -> str:
    """The pasted text; the rest of the field follows on the next lines."""
    return text.partition("\n")[0]


def delete_application(page: Page, application: str, captures: int) -> None:
    open_page(page, "Captured")
    page.get_by_test_id("stMultiSelect").filter(has_text="Applications").get_by_role("combobox").fill(application)
    page.get_by_role("option", name=application, exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_text(f"{captures:,} records").first).to_be_visible()
    press(page, "Delete these")
    page.get_by_text("I understand that this can't be undone").click()
    press(page, f"Delete {captures:,} records")
    expect(page.get_by_text(f"{captures:,} records deleted from this register")).to_be_visible()


def test_a_colleague_sees_none_of_it(stack: Stack, page: Page, recordings: Path) -> None:
    nora, rosa = the(RICH), the(CALIFORNIANS[0])
    sign_in(page, stack, rosa)
    open_page(page, "Requests")
    choose(page, "A copy")
    press(page, "Show what this covers")
    press(page, "Ask for this copy")
    link = page.get_by_role("link", name=re.compile("Download the ZIP")).first
    expect(link).to_be_visible()
    address = f"{stack.dashboard}{link.get_attribute('href')}"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.context.clear_cookies()
    assert page.request.get(address).status == 401

    sign_in(page, stack, nora)
    expect(page.get_by_text(nora.name)).to_be_visible()
    assert page.request.get(address).status == 404
    for name in ("Overview", "Captured", "Models", "Retention", "Requests"):
        open_page(page, name)
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert rosa.name not in page.content()
        # What a policy allows is the same for everybody: its notice and Retention say it.
        said_to_everybody = r"(It allows|In which applications:) [^<\n]*"
        assert "ShellExperienceHost" not in re.sub(said_to_everybody, "", page.content())


def test_an_unknown_person_is_told_so(stack: Stack, page: Page) -> None:
    sign_in(page, stack, the(VISITOR))
    expect(page.get_by_text("We don't know you yet")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
