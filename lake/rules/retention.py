"""Retention: a capture is kept through its last day, `retained_until`; then it goes, unless it is held, or its owner
has asked that it be kept and not used.

A sweep is what a worker does once a day (`governance.rounds.retention`), or `python -m lake sweep`. It takes out what
expired, rewrites the small files of the day into larger ones, and purges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import clock
from lake.rules.removal import take_out
from lake.statements import statement
from lake.storage import maintenance
from lake.storage.connection import transaction, writer


@dataclass(frozen=True)
class Taken:
    """What retention has taken out, in all of its sweeps but some."""

    captures: int
    people: int
    moments: tuple[datetime, ...]
    """When, by the clock as it was (naive UTC)."""


def sweep(today: date | None = None) -> dict[str, int]:
    """Remove the captures whose last day is before `today` (UTC; default: the current day), for good.

    Returns `removed` (captures), `people` (who lost any) and `held` (captures that expired but are kept by a hold or
    a restriction). Safe to repeat.
    """
    day = {"today": today or clock.today()}
    with writer() as connection:
        with transaction(connection):
            removed, people = take_out(connection, "leaving_by_retention", day, cause="retention")
        [(held,)] = connection.execute(statement("count_expired"), day).fetchall()
        maintenance.compact(connection)
    return {"removed": removed, "people": people, "held": held}


def taken(without: Sequence[datetime]) -> Taken:
    """What sweeps have taken out at other moments than those: also what one did that was interrupted later."""
    with writer() as connection:
        removed = connection.execute(statement("removed_by_retention"), {"without": list(without)}).fetchall()
    [(captures, people, moments)] = removed
    return Taken(captures, people, tuple(moments))
