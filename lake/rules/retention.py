"""Retention: a capture is kept through its last day, `retained_until`. Then it is removed, unless it is held or its
owner asked to keep it without use.

Mentions in records of others have a last day of their own, which nothing moves.

A worker sweeps once a day (`governance.rounds.retention`); so does `python -m lake sweep`. A sweep removes what
expired, merges the day's small files, and purges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import clock
from lake.rules import indirect
from lake.rules.removal import remove_captures
from lake.statements import statement
from lake.storage import maintenance
from lake.storage.connection import parts, reader_once, transaction, writer


@dataclass(frozen=True)
class Taken:
    """What retention has removed, in all of its sweeps except some."""

    captures: int
    people: int
    moments: tuple[datetime, ...]
    """When, by the clock at that time (naive UTC)."""


def sweep(today: date | None = None) -> dict[str, int]:
    """Permanently remove the captures whose last day is before `today` (UTC; default: the current day).

    Returns `removed` (captures), `people` (who lost any) and `held` (captures that expired but are kept by a hold or
    a restriction). Safe to repeat.
    """
    day = {"today": today or clock.today()}
    removed = people = 0
    with writer() as connection:
        for part, _ in parts(connection):
            with transaction(part):
                captures, owners = remove_captures(part, "leaving_by_retention", day, cause="retention")
            removed, people = removed + captures, people + owners
        with transaction(connection):
            indirect.remove_expired(connection, day["today"])
        [(held,)] = connection.execute(statement("count_expired"), day).fetchall()
        maintenance.compact(connection)
    return {"removed": removed, "people": people, "held": held}


def preview() -> dict[str, int]:
    """What `sweep` would do now, on a reader."""
    day = {"today": clock.today()}
    with reader_once() as connection:
        connection.execute(statement("no_people_leaving"))
        connection.execute(statement("leaving_by_retention"), day)
        connection.execute(statement("leaving_slices"))
        [(removed, people)] = connection.execute(statement("count_leaving")).fetchall()
        [(expired,)] = connection.execute(statement("count_expired"), day).fetchall()
    return {"removed": removed, "people": people, "held": expired - removed}


def taken(without: Sequence[datetime]) -> Taken:
    """What sweeps removed at other times than those, including sweeps that were later interrupted."""
    with writer() as connection:
        removed = connection.execute(statement("removed_by_retention"), {"without": list(without)}).fetchall()
    [(captures, people, moments)] = removed
    return Taken(captures, people, tuple(moments))
