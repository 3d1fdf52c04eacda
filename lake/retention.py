"""Retention: a capture is kept through its last day, `retained_until`; then it goes, unless it is held.

A sweep is what a worker does once a day (`governance.sweeping`), or `python -m lake sweep`. It takes out what
expired, rewrites the small files of the day into larger ones, and purges.
"""

from __future__ import annotations

from datetime import date

import clock
from lake import maintenance
from lake.connection import transaction, writer
from lake.removal import take_out
from lake.statements import statement


def sweep(today: date | None = None) -> dict[str, int]:
    """Remove the captures whose last day is before `today` (UTC; default: the current day), for good.

    Returns `removed` (captures), `people` (who lost any) and `held` (captures that expired but are held).
    Safe to repeat.
    """
    day = {"today": today or clock.today()}
    with writer() as connection:
        with transaction(connection):
            removed, people = take_out(connection, "leaving_by_retention", day, cause="retention")
        [(held,)] = connection.execute(statement("count_expired"), day).fetchall()
        maintenance.compact(connection)
    return {"removed": removed, "people": people, "held": held}
