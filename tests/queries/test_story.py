"""A day in numbers: what an erasure hides isn't counted, and the answers stay small."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from directory import Employee
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import Own
from tests.lake.rows import MORNING, every_minute, put
from tests.support.lake import store_captures
from tests.support.people import Company

OwnOf = Callable[[Employee], Own]
NINE = MORNING.replace(microsecond=0)
DAY = Scope(from_at=NINE.replace(hour=0), until_at=NINE.replace(hour=0) + timedelta(days=1))
FEW_SQUARES = 66 * 66


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


def test_minutes_are_those_of_the_day_and_not_hidden(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(4))
        put(connection, ada.subject, every_minute(2, signal="mouse_click", application="Chrome"))
        put(connection, ada.subject, every_minute(3, MORNING + timedelta(days=1)))
        erasure.write_tombstone(
            connection, ada.subject, Scope(until_at=MORNING + timedelta(seconds=30)), uuid4(), MORNING
        )
    rows = own_of(ada).minutes(DAY)
    assert list(rows.itertuples(index=False, name=None)) == [
        (NINE + timedelta(minutes=1), "Chrome", "mouse_click", 1),
        (NINE + timedelta(minutes=1), "Excel", "keystroke", 1),
        (NINE + timedelta(minutes=2), "Excel", "keystroke", 1),
        (NINE + timedelta(minutes=3), "Excel", "keystroke", 1),
    ]


def test_the_heat_of_many_points_is_few_squares(ada: Employee, own_of: OwnOf) -> None:
    moved = 20_000
    store_captures(ada, moved, signal="mouse_move", start=NINE, every=timedelta(seconds=1), position=(-500, -40))
    store_captures(ada, 5, signal="mouse_click", start=NINE, every=timedelta(0), position=(100_000, 7))
    heat = own_of(ada).pointer_heat(DAY)
    assert heat["events"].sum() == moved + 5
    assert heat["clicks"].sum() == 5
    assert len(heat) <= FEW_SQUARES
    assert heat["side"].nunique() == 1
    assert (heat["x"].min(), heat["x"].max()) <= (-500, 100_004)


def test_the_pace_is_of_what_follows_within_two_seconds(ada: Employee, own_of: OwnOf) -> None:
    typed = uuid4()
    store_captures(ada, 11, start=NINE, every=timedelta(milliseconds=200), session=typed)
    store_captures(ada, 3, start=NINE + timedelta(hours=1), every=timedelta(seconds=3), session=typed)
    [row] = own_of(ada).pace(DAY).to_dict("records")
    assert (row["signal"], row["events"], row["close"]) == ("keystroke", 14, 10)
    assert [row["lower"], row["middle"], row["upper"]] == pytest.approx([0.2, 0.2, 0.2])


def test_a_day_without_records_has_no_numbers(ada: Employee, own_of: OwnOf) -> None:
    store_captures(ada, 1, start=datetime(2026, 3, 5, 9, 0))  # noqa: DTZ001
    own = own_of(ada)
    assert own.minutes(DAY).empty
    assert own.pointer_heat(DAY).empty
    assert own.pace(DAY).empty
