"""Retention: a capture is kept through its last day, `retained_until`; then it goes, unless it is held, or its owner
has asked that it be kept and not used.

A sweep is what a worker does once a day (`governance.sweeping`), or `python -m lake sweep`. It takes out what
expired, rewrites the small files of the day into larger ones, and purges.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import clock
from lake import maintenance
from lake.connection import transaction, writer
from lake.removal import take_out
from lake.statements import statement


@dataclass(frozen=True)
class Taken:
    """What retention has taken out since some moment, in all of its sweeps."""

    captures: int
    people: int
    until: datetime
    """When it last took something out, or that moment."""


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


def taken_since(since: datetime) -> Taken:
    """What sweeps have taken out after a moment (naive UTC): also what one did that was interrupted later."""
    with writer() as connection:
        [(captures, people, until)] = connection.execute(statement("removed_by_retention"), {"since": since}).fetchall()
    return Taken(captures, people, until or since)
