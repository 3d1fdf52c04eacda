"""Retention is enforced by the workers, without anybody's doing."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

import clock
from governance import sweeping
from governance.database import governance_folder
from lake import retention
from lake.maintenance import ReadersInTheWay
from tests.governance.conftest import POLICY, START, Capture, wait_until
from tests.support.people import Company


@pytest.fixture
def swept(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[date | None]:
    """The days of which the lake was swept; the sweep itself does nothing."""
    days: list[date | None] = []

    def sweep(today: date | None = None) -> dict[str, int]:
        days.append(today)
        return {"removed": 0, "people": 0, "held": 0}

    governance_folder().mkdir(parents=True)
    monkeypatch.setattr(retention, "sweep", sweep)
    return days


def test_each_day_is_swept_once(swept: list[date | None], monkeypatch: pytest.MonkeyPatch) -> None:
    today = clock.today()
    assert [sweeping.sweep_if_due(), sweeping.sweep_if_due()] == [True, False]
    monkeypatch.setattr(clock, "today", lambda: today + timedelta(days=1))
    assert sweeping.sweep_if_due()
    assert swept == [today, today + timedelta(days=1)]


def test_a_sweep_that_readers_were_in_the_way_of_is_tried_again(
    swept: list[date | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_the_way(_: date) -> dict[str, int]:
        raise ReadersInTheWay("A long read.")

    with monkeypatch.context() as patch:
        patch.setattr(retention, "sweep", in_the_way)
        with pytest.raises(ReadersInTheWay):
            sweeping.sweep_if_due()
    assert sweeping.sweep_if_due()


def test_a_failure_does_not_end_the_daily_sweeps(swept: list[date | None], monkeypatch: pytest.MonkeyPatch) -> None:
    (governance_folder() / "swept").write_text("no day")
    works, failures = retention.sweep, [ValueError("'captured'"), ReadersInTheWay("A long read.")]

    def at_the_third_try(today: date | None = None) -> dict[str, int]:
        if failures:
            raise failures.pop()
        return works(today)

    monkeypatch.setattr(retention, "sweep", at_the_third_try)
    monkeypatch.setattr(sweeping, "ROUND_SECONDS", 0.01)
    with sweeping.every_day():
        wait_until(lambda: swept, seconds=10)
    assert "retention" not in {thread.name for thread in threading.enumerate()}


def test_what_is_past_its_last_day_is_gone_from_the_lake(
    person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(person(), 3)
    governance_folder().mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(clock, "today", lambda: POLICY.retained_until(START.date()) + timedelta(days=1))
    assert sweeping.sweep_if_due()
    assert retention.sweep() == {"removed": 0, "people": 0, "held": 0}
