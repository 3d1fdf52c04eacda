"""Captures are removed after their last day, unless they are held."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import clock
from lake.rules.retention import sweep
from lake.storage.connection import writer
from tests.lake.rows import MORNING, count, every_minute, one_value, place_hold, put, rollup_differences

LAST_DAY = date(2026, 6, 30)
DAY_AFTER = LAST_DAY + timedelta(days=1)


@pytest.fixture
def subjects(home: Path) -> list[UUID]:
    """Two people with 10 captures kept through 30 June and 5 kept a day longer, in the same slices."""
    people = [uuid4(), uuid4()]
    with writer() as connection:
        for person in people:
            put(
                connection,
                person,
                [
                    *every_minute(10, retained_until=LAST_DAY),
                    *every_minute(5, MORNING + timedelta(hours=1), retained_until=DAY_AFTER),
                ],
            )
    return people


def test_a_capture_is_kept_through_its_last_day(subjects: list[UUID]) -> None:
    assert sweep(LAST_DAY) == {"removed": 0, "people": 0, "held": 0}


def test_a_sweep_removes_exactly_the_expired_captures(subjects: list[UUID]) -> None:
    assert sweep(DAY_AFTER) == {"removed": 20, "people": 2, "held": 0}
    assert sweep(DAY_AFTER) == {"removed": 0, "people": 0, "held": 0}
    with writer() as connection:
        assert [count(connection, person) for person in subjects] == [5, 5]
        assert rollup_differences(connection) == []
        removals = connection.execute("select cause, request, policy, events from removals").fetchall()
    assert removals == [("retention", None, "assistant", 10)] * 2


def test_held_captures_stay_until_the_hold_is_lifted(subjects: list[UUID]) -> None:
    with writer() as connection:
        place_hold(connection, subjects[0], until_at=MORNING + timedelta(minutes=4))
    assert sweep(DAY_AFTER) == {"removed": 16, "people": 2, "held": 4}
    with writer() as connection:
        connection.execute("update holds set lifted_at = $now", {"now": MORNING})
    assert sweep(DAY_AFTER) == {"removed": 4, "people": 1, "held": 0}


def test_a_sweep_defaults_to_the_clocks_day(subjects: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 1, 0, 0, 1, tzinfo=UTC))
    assert sweep()["removed"] == 20


def test_a_sweep_merges_small_files_in_sorted_order(home: Path) -> None:
    person = uuid4()
    with writer() as connection:
        for minutes in (40, 20, 0):
            put(connection, person, every_minute(10, MORNING + timedelta(minutes=minutes)))
    sweep(LAST_DAY)
    with writer() as connection:
        for table in ("captures", "capture_rollup", "batches"):
            query = "select count(*) from ducklake_list_files('lake', $table)"
            assert one_value(connection, query, table=table) == 1
        in_file_order = connection.execute("select captured_at from captures order by file_row_number").fetchall()
        assert in_file_order == sorted(in_file_order)
        assert len(in_file_order) == 30
