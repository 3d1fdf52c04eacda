"""Requests that are worked on together: whole people and parts, held and shared captures, each counted for its own."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from duckdb import DuckDBPyConnection

from lake.rules.erasure import Asked, remove_all, verify_erased, write_tombstones
from lake.rules.scope import Scope
from tests.lake.rows import MORNING, change, count, every_minute, one_value, place_hold, put, rollup_differences

RECEIVED = MORNING + timedelta(days=10)
EVERYTHING = Scope()
EXCEL = Scope(applications=("Excel",))
AT_NIGHT = Scope(from_at=MORNING + timedelta(hours=12))


@pytest.fixture
def people(lake: DuckDBPyConnection) -> list[UUID]:
    """Six people with 30 keystrokes in Excel and 20 clicks in Chrome each."""
    six = [uuid4() for _ in range(6)]
    for number, someone in enumerate(six):
        put(lake, someone, every_minute(30, MORNING + timedelta(seconds=number)))
        put(lake, someone, every_minute(20, MORNING + timedelta(seconds=number), application="Chrome", signal="click"))
    return six


def asked(subject: UUID, scope: Scope, minutes: int = 0) -> Asked:
    return Asked(uuid4(), subject, scope, RECEIVED + timedelta(minutes=minutes))


def test_each_request_counts_its_own(lake: DuckDBPyConnection, people: list[UUID]) -> None:
    whole, part, held, shared, none, _ = people
    hold = place_hold(lake, held, applications=["Chrome"])
    later, earlier = asked(shared, EVERYTHING, minutes=1), asked(shared, EXCEL)
    group = [asked(whole, EVERYTHING), asked(part, EXCEL), asked(held, EVERYTHING), later, earlier]
    group.append(asked(none, AT_NIGHT))
    write_tombstones(lake, group)
    removed = remove_all(lake, group)
    assert [removed[one.request].erased for one in group] == [50, 30, 30, 20, 30, 0]
    assert [removed[one.request].nothing_left for one in group] == [True, False, False, True, False, False]
    assert [(each.hold, each.events) for each in removed[group[2].request].held] == [(hold, 20)]
    assert [count(lake, one) for one in people] == [0, 20, 20, 0, 50, 50]
    assert rollup_differences(lake) == []
    assert set(verify_erased(lake, group).values()) == {0}
    again = remove_all(lake, group)
    assert [again[one.request].erased for one in group] == [50, 30, 30, 20, 30, 0]


def test_slices_that_miss_captures_are_not_believed(lake: DuckDBPyConnection, people: list[UUID]) -> None:
    """What is counted is what was there, also where the rollup is wrong."""
    someone = people[0]
    change(
        lake,
        someone,
        "delete from capture_rollup where subject = $subject and application = 'Chrome'",
        {"subject": someone},
    )
    request = asked(someone, EVERYTHING)
    write_tombstones(lake, [request])
    assert remove_all(lake, [request])[request.request].erased == 50
    assert count(lake, someone) == 0
    assert one_value(lake, "select count(*) from capture_rollup where subject = $subject", subject=someone) == 0


def test_everything_ends_where_its_tombstone_was_closed(lake: DuckDBPyConnection, people: list[UUID]) -> None:
    someone = people[0]
    put(lake, someone, every_minute(5, RECEIVED + timedelta(days=1)))
    request = Asked(uuid4(), someone, EVERYTHING, RECEIVED, ended_at=RECEIVED)
    removed = remove_all(lake, [request])[request.request]
    assert (removed.erased, removed.nothing_left) == (50, False)
    assert count(lake, someone) == 5
    assert rollup_differences(lake) == []
