"""Workers enforce retention automatically."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from duckdb import DuckDBPyConnection

import clock
from governance import ledger
from governance.db.database import governance_folder, reading, writing
from governance.requests.work_tables import SweepRow, SweptMomentRow
from governance.rounds import retention as sweeping
from lake.rules import retention, standing
from lake.rules.scope import Scope
from lake.rules.standing import Rule
from lake.storage import maintenance
from lake.storage.connection import writer
from lake.storage.maintenance import ReadersInTheWay
from tests.governance.conftest import POLICY, START, Capture, wait_until
from tests.support.people import Company


@pytest.fixture
def swept(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[date | None]:
    """The days for which the lake was swept; the sweep itself does nothing."""
    days: list[date | None] = []

    def sweep(today: date | None = None) -> dict[str, int]:
        days.append(today)
        return {"removed": 0, "people": 0, "held": 0}

    governance_folder().mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(retention, "sweep", sweep)
    return days


def test_each_day_is_swept_once(swept: list[date | None], monkeypatch: pytest.MonkeyPatch) -> None:
    today = clock.today()
    assert [sweeping.sweep_if_due(), sweeping.sweep_if_due()] == [True, False]
    monkeypatch.setattr(clock, "today", lambda: today + timedelta(days=1))
    assert sweeping.sweep_if_due()
    assert swept == [today, today + timedelta(days=1)]


def test_blocked_sweep_is_retried(swept: list[date | None], monkeypatch: pytest.MonkeyPatch) -> None:
    def in_the_way(_: date) -> dict[str, int]:
        raise ReadersInTheWay("A long read.")

    with monkeypatch.context() as patch:
        patch.setattr(retention, "sweep", in_the_way)
        with pytest.raises(ReadersInTheWay):
            sweeping.sweep_if_due()
    assert sweeping.sweep_if_due()


def test_failure_does_not_stop_daily_sweeps(swept: list[date | None], monkeypatch: pytest.MonkeyPatch) -> None:
    works, failures = retention.sweep, [ValueError("'captured'"), ReadersInTheWay("A long read.")]

    def at_the_third_try(today: date | None = None) -> dict[str, int]:
        if failures:
            raise failures.pop()
        return works(today)

    monkeypatch.setattr(retention, "sweep", at_the_third_try)
    monkeypatch.setattr(sweeping, "ROUND_SECONDS", 0.01)
    with sweeping.scheduled():
        wait_until(lambda: swept, seconds=10)
    assert "retention" not in {thread.name for thread in threading.enumerate()}


def entries() -> list[dict[str, Any]]:
    with reading() as session:
        found = [ledger.log.statement_of(session, index) for index in range(ledger.log.size(session))]
    return [statement for entry in found if entry and (statement := entry[2])["kind"] == "retention"]


def test_interrupted_sweep_is_recorded_once(person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    capture(person("ada@example.com"), 3)
    capture(person("bob@example.com"), 2)
    last_day = POLICY.retained_until(START.date())
    monkeypatch.setattr(clock, "today", lambda: last_day + timedelta(days=1))

    def killed(_: DuckDBPyConnection) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "compact", killed)
        with pytest.raises(KeyboardInterrupt):
            sweeping.sweep_if_due()
    assert entries() == []
    assert [sweeping.sweep_if_due(), sweeping.sweep_if_due()] == [True, False]
    told = {"day": str(last_day + timedelta(days=1)), "removed": 5, "people": 2, "held": 0}
    assert [told.items() <= entry.items() for entry in entries()] == [True]
    monkeypatch.setattr(clock, "today", lambda: last_day + timedelta(days=2))
    assert sweeping.sweep_if_due()
    assert [entry["removed"] for entry in entries()] == [5, 0]


def test_restricted_and_held_captures_are_not_swept(
    person: Company, capture: Capture, hold: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    for application in ("Excel", "Chrome"):
        capture(ada, 2, application=application)
    hold(ada, ["Excel"])
    restriction = uuid4()
    with writer() as connection:
        standing.start_rule(connection, ada.subject, Scope(applications=("Chrome",)), restriction, Rule.RESTRICTION)
    tomorrow = POLICY.retained_until(START.date()) + timedelta(days=1)
    assert retention.sweep(tomorrow) == {"removed": 0, "people": 0, "held": 4}
    with writer() as connection:
        standing.end_rule(connection, restriction)
    assert retention.sweep(tomorrow) == {"removed": 2, "people": 1, "held": 2}


def test_expired_captures_are_removed(person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    capture(person(), 3)
    governance_folder().mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(clock, "today", lambda: POLICY.retained_until(START.date()) + timedelta(days=1))
    assert sweeping.sweep_if_due()
    assert retention.sweep() == {"removed": 0, "people": 0, "held": 0}


def test_day_swept_early_is_swept_again(person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """If every clock was wrong, or an earlier version swept by a wrong one."""
    last_day = POLICY.retained_until(START.date())
    first, second = last_day + timedelta(days=1), last_day + timedelta(days=31)
    capture(person(), 7)
    at(monkeypatch, second)
    assert sweeping.sweep_if_due()
    capture(person(), 3)
    at(monkeypatch, first)
    assert sweeping.sweep_if_due()
    capture(person(), 4)
    at(monkeypatch, second)
    assert sweeping.sweep_if_due()
    assert sweeping.sweep_if_due() is False
    told = [(entry["day"], entry["removed"], entry["people"]) for entry in entries()]
    assert told == [(str(second), 7, 1), (str(first), 3, 1), (str(second), 4, 1)]


def test_sweeps_of_an_earlier_version_are_not_repeated(
    person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = POLICY.retained_until(START.date()) + timedelta(days=400)
    capture(person(), 7)
    at(monkeypatch, swept)
    assert sweeping.sweep_if_due()
    with writing() as session:  # as that version left it
        session.query(SweptMomentRow).delete()
        session.query(SweepRow).one().listed = False
    capture(person(), 5)
    at(monkeypatch, swept - timedelta(days=300))
    assert sweeping.sweep_if_due()
    assert [entry["removed"] for entry in entries()] == [7, 5]


def at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    began = clock.uptime()
    monkeypatch.setattr(clock, "now", lambda: moment + timedelta(seconds=clock.uptime() - began))
