"""Real recordings, end to end: every record is counted, and nothing is stored twice."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

import clock
from lake.ingest.ingesting import ingest
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import reader, writer
from tests.lake.ingesting import allow, stored, texts
from tests.support.people import Company


def test_opencua_session(person: Company, recordings: Path) -> None:
    ada = person()
    allow()
    summary = ingest("opencua", str(recordings / "opencua_session"), ada.email)
    captures = stored(ada.subject)
    assert (summary.batch.read, summary.batch.stored) == (4099, 4099)
    assert Counter(capture.signal for capture in captures) == {
        "mouse_move": 4034,
        "mouse_click": 42,
        "scroll": 19,
        "keystroke": 4,
    }
    keys = [capture.content for capture in captures if capture.signal == "keystroke"]
    assert Counter(key["action"] for key in keys if key) == {"press": 3, "release": 1}
    assert all(capture.content is None for capture in captures if capture.signal == "mouse_move")
    assert f"{captures[0].captured_at}" == "2024-11-05 18:56:37.224340"
    assert "Night light, ButtonControl" in texts(captures)


@pytest.mark.parametrize(("name", "rows"), [("Reimbursement", 4591), ("StudentRecord", 2409)])
def test_ui_logs(person: Company, recordings: Path, name: str, rows: int) -> None:
    ada = person()
    allow()
    log = recordings / "rpm_ui_logs" / f"{name}.csv"
    summary = ingest("ui-log", str(log), ada.email)
    captures = stored(ada.subject)
    assert (summary.batch.read, summary.batch.stored, summary.batch.quarantined) == (rows, rows, 0)
    with log.open(newline="", encoding="utf-8") as file:
        applications = Counter(row["targetApp"] for row in csv.DictReader(file))
    assert Counter(capture.application for capture in captures) == applications
    kept = texts(captures)
    assert "@example.com" not in kept
    assert "[e-mail address removed]" in kept
    assert "[phone number removed]" in kept
    assert summary.batch.redacted == sum(1 for capture in captures if capture.redactions)


def test_the_same_recording_twice_adds_nothing(person: Company, recordings: Path) -> None:
    ada = person()
    allow()
    for name, location in (
        ("opencua", "opencua_session"),
        ("ui-log", "rpm_ui_logs/Reimbursement.csv"),
        ("ui-log", "rpm_ui_logs/StudentRecord.csv"),
    ):
        first = ingest(name, str(recordings / location), ada.email).batch
        again = ingest(name, str(recordings / location), ada.email).batch
        assert (again.read, again.stored, again.already_known) == (first.read, 0, first.stored)
    assert len(stored(ada.subject)) == 4099 + 4591 + 2409
    connection = reader()
    assert connection.execute("select count(*), sum(stored) from batches").fetchone() == (3, 4099 + 4591 + 2409)
    connection.close()


def test_only_what_the_policy_allows_is_stored(person: Company, recordings: Path) -> None:
    ada = person()
    allow(["Excel"], signals=["navigation"])
    summary = ingest("ui-log", str(recordings / "rpm_ui_logs" / "StudentRecord.csv"), ada.email)
    assert summary.batch.stored == 354
    assert summary.batch.outside_policy == 2409 - 354
    assert summary.outside_policy["OS-Clipboard", "clipboard"] == 357
    assert {(capture.application, capture.signal) for capture in stored(ada.subject)} == {("Excel", "navigation")}


def test_captures_past_retention_are_not_stored(person: Company, recordings: Path) -> None:
    ada = person()
    allow(days=30)
    batch = ingest("opencua", str(recordings / "opencua_session"), ada.email).batch
    assert (batch.stored, batch.past_retention) == (0, 4099)
    assert stored(ada.subject) == []


def test_erased_captures_do_not_come_back(person: Company, recordings: Path) -> None:
    ada = person()
    allow()
    log = str(recordings / "rpm_ui_logs" / "StudentRecord.csv")
    ingest("ui-log", log, ada.email)
    request, received_at = uuid4(), clock.now_utc()
    with writer() as connection:
        erasure.write_tombstone(connection, ada.subject, Scope(), request, received_at)
    assert ingest("ui-log", log, ada.email).batch.erased_before == 2409
    with writer() as connection:
        erasure.remove(connection, ada.subject, Scope(), request, received_at)
    batch = ingest("ui-log", log, ada.email).batch
    assert (batch.stored, batch.erased_before) == (0, 2409)
    assert stored(ada.subject) == []
