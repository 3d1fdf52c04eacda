"""Every number against a plain count in Python, over random captures, tombstones and holds that cut through
days, hours and each other."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from duckdb import DuckDBPyConnection

import clock
from directory import Employee
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import Own, Size
from tests.lake.rows import MORNING, Capture, place_hold, put
from tests.support.people import Company

SIGNALS = ("mouse_move", "keystroke", "scroll")
APPLICATIONS = ("Excel", "Chrome")
ZONES = tuple(map(ZoneInfo, ("UTC", "America/Los_Angeles", "Asia/Kathmandu")))
LAST_DAYS = (date(2026, 3, 1), date(2026, 3, 20), date(2026, 9, 1))


def random_captures(dice: random.Random) -> list[Capture]:
    return [random_capture(dice, dice.choice(SIGNALS)) for _ in range(dice.randrange(120))]


def random_capture(dice: random.Random, signal: str) -> Capture:
    return Capture(
        captured_at=MORNING + timedelta(minutes=10 * dice.randrange(4 * 144)),
        signal=signal,
        application=dice.choice(APPLICATIONS),
        text=None,
        retained_until=LAST_DAYS[SIGNALS.index(signal)],
        redactions=(("iban", 1),) if dice.random() < 0.2 else None,
    )


def random_scope(dice: random.Random) -> Scope:
    moments = sorted(MORNING + timedelta(minutes=10 * dice.randrange(4 * 144)) for _ in range(2))
    return Scope(
        signals=dice.choice([None, None, SIGNALS[:1], SIGNALS[1:]]),
        applications=dice.choice([None, None, APPLICATIONS[:1]]),
        from_at=dice.choice([None, moments[0]]),
        until_at=dice.choice([None, moments[1]]),
    )


def bury(connection: DuckDBPyConnection, subject: UUID, scope: Scope) -> None:
    connection.execute(
        "insert into tombstones values (uuid(), $subject, uuid(), $now, $signals, $applications, $from_at, $until_at)",
        {"subject": subject, "now": MORNING, **scope.parameters()},
    )


def covers(scope: Scope, capture: Capture) -> bool:
    return (
        (scope.signals is None or capture.signal in scope.signals)
        and (scope.applications is None or capture.application in scope.applications)
        and (scope.from_at is None or capture.captured_at >= scope.from_at)
        and (scope.until_at is None or capture.captured_at < scope.until_at)
    )


def start_of(size: Size, moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of a moment's day, hour or quarter of an hour, in local time."""
    local = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    if size == Size.DAY:
        return local.replace(hour=0, minute=0)
    return local.replace(minute=0 if size == Size.HOUR else local.minute // 15 * 15)


@pytest.fixture
def on_10_march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat("2026-03-10T12:00:00+00:00"))


@pytest.mark.usefixtures("on_10_march")
def test_numbers_equal_a_plain_count(person: Company, own_of: Callable[[Employee], Own]) -> None:
    dice = random.Random(2026)
    people = [person(f"person{number}@example.com") for number in range(6)]
    kept: dict[Employee, list[Capture]] = {}
    buried: dict[Employee, list[Scope]] = {}
    held_by: dict[Employee, dict[UUID, Scope]] = {}
    with writer() as connection:
        for somebody in people:
            kept[somebody] = random_captures(dice)
            if kept[somebody]:
                half = len(kept[somebody]) // 2
                put(connection, somebody.subject, kept[somebody][:half] or kept[somebody])
                put(connection, somebody.subject, kept[somebody][half:])
            buried[somebody] = [random_scope(dice) for _ in range(dice.randrange(3))]
            # As erasure.write_tombstone writes them: until the request at the latest.
            buried[somebody] = [
                Scope(one.signals, one.applications, one.from_at, one.until_at or MORNING + timedelta(days=3))
                for one in buried[somebody]
            ]
            for scope in buried[somebody]:
                bury(connection, somebody.subject, scope)
            held_by[somebody] = {}
            for _ in range(dice.randrange(3)):
                scope = random_scope(dice)
                held_by[somebody][place_hold(connection, somebody.subject, **scope.parameters())] = scope
            place_hold(connection, somebody.subject, lifted_at=MORNING)

    for somebody in people:
        own = own_of(somebody)
        seen = [one for one in kept[somebody] if not any(covers(scope, one) for scope in buried[somebody])]
        holds = held_by[somebody]

        assert [record.capture_id for record in own.records(Scope(), limit=1000).records] == [
            one.capture_id for one in sorted(seen, key=lambda one: (one.captured_at, one.capture_id))
        ]

        summary = own.summary()
        assert summary.captures == own.count(Scope()) == len(seen)
        assert summary.redacted == sum(one.redactions is not None for one in seen)
        assert summary.days == len({one.captured_at.date() for one in seen})
        assert summary.first_at == min((one.captured_at for one in seen), default=None)
        assert summary.last_at == max((one.captured_at for one in seen), default=None)
        assert summary.held == sum(any(covers(scope, one) for scope in holds.values()) for one in kept[somebody])

        per_day = own.captures_per_day()
        assert {(day.date(), signal, application): events for day, signal, application, events, _ in rows(per_day)} == (
            Counter((one.captured_at.date(), one.signal, one.application) for one in seen)
        )
        assert per_day["redacted"].sum() == summary.redacted

        scope = random_scope(dice)
        assert own.count(scope) == sum(covers(scope, one) for one in seen)
        for size in Size:
            for zone in ZONES:
                counted = own.captures_per(scope, size, zone)
                assert {
                    (start, signal): events
                    for start, signal, _, events in rows(counted[counted.application == "Excel"])
                } == (
                    Counter(
                        (start_of(size, one.captured_at, zone), one.signal)
                        for one in seen
                        if covers(scope, one) and one.application == "Excel"
                    )
                )

        found = own.holds()
        assert dict(zip(found["hold"], found["events"], strict=True)) == {
            hold: sum(covers(scope, one) for one in kept[somebody]) for hold, scope in holds.items()
        }

        states = own.retention().groupby(["retained_until", "state"])["events"].sum().reset_index()
        assert {(last_day.date(), state): events for last_day, state, events in rows(states)} == Counter(
            (
                one.retained_until,
                "held"
                if any(covers(scope, one) for scope in holds.values())
                else "expired"
                if one.retained_until < date(2026, 3, 10)
                else "retained",
            )
            for one in seen
        )


def rows(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    return table.itertuples(index=False, name=None)
