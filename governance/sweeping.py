"""Retention enforced by itself: once a UTC day, a worker sweeps the lake.

A sweep is safe to repeat. What it took out is told in the ledger in the transaction that notes the day as done, so
there is one entry a day, also where a sweep was interrupted and repeated; its counts are of all that retention has
taken out since the entry before. A lock lets one worker at a time try. The sweep runs in a thread of its own: requests
don't wait for it, except for their turn at the lake.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from filelock import Timeout
from sqlalchemy import func, select

import clock
from governance import background, ledger
from governance.database import lock, reading, writing
from governance.work_rows import SweepRow
from lake import retention

logger = logging.getLogger("governance")

ROUND_SECONDS = 60.0
EVER = datetime(1970, 1, 1)  # noqa: DTZ001 (our databases' times are naive UTC)


@contextmanager
def every_day() -> Iterator[None]:
    """Sweep at once and at the start of each day, as long as the block runs."""
    with background.repeated("retention", sweep_if_due, ROUND_SECONDS):
        yield


def sweep_if_due() -> bool:
    """Sweep unless today was done, or another worker is at it. Says whether it did.

    Raises LakeUnavailable: nothing was lost, call it again.
    """
    today = clock.today()
    if _is_done(today):
        return False
    try:
        with lock("sweep", timeout=0):
            if _is_done(today):
                return False
            swept = retention.sweep(today)
            _note(today, swept["held"])
    except Timeout:
        return False
    logger.info("retention of %s: %d captures removed, %d held", today, swept["removed"], swept["held"])
    return True


def _is_done(day: date) -> bool:
    with reading() as session:
        return session.get(SweepRow, day) is not None


def _note(day: date, held: int) -> None:
    with reading() as session:
        since = session.scalar(select(func.max(SweepRow.counted_until))) or EVER
    taken = retention.taken_since(since)
    with writing() as session:
        session.add(SweepRow(day=day, counted_until=taken.until))
        body = {"day": day.isoformat(), "removed": taken.captures, "people": taken.people, "held": held}
        ledger.append(session, "retention", body)
