"""Automatic retention: once a UTC day, a worker sweeps the lake.

A sweep is safe to repeat. What it removed is recorded in the ledger in the transaction that marks the day as done, so
there is one entry per day, even if a sweep was interrupted and repeated. Its counts cover everything that retention has
removed and no entry has recorded yet. That is known from the moments of the recorded removals, one by one, and not from
their order, which a wrong clock can reverse. No day is swept while the clock is doubted; a day that was swept before it
began is swept again when it begins. A lock lets one worker at a time try. The sweep runs in its own thread: requests
don't wait for it, except for their turn at the lake.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from filelock import Timeout
from sqlalchemy import delete, func, select, update

import clock
from governance import ledger
from governance.db.database import lock, reading, writing
from governance.ledger import trusted_time
from governance.requests.work_tables import SweepRow, SweptMomentRow
from governance.rounds import repeating
from lake.rules import retention

logger = logging.getLogger("governance")

ROUND_SECONDS = 60.0
WAITS = "The clock can't be trusted. What is past its last day still exists; workers delete it once that is settled."
EVER = datetime(1970, 1, 1)  # noqa: DTZ001 (our databases' times are naive UTC)


@contextmanager
def scheduled() -> Iterator[None]:
    """Sweep at once and at the start of each day, for as long as the block runs."""
    with repeating.repeated("retention", sweep_if_due, ROUND_SECONDS):
        yield


def sweep_if_due() -> bool:
    """Sweep unless today is done, or another worker is sweeping. Returns whether it did.

    Raises LakeUnavailable: nothing was lost, call it again.
    """
    today = clock.today()
    if _is_done(today) or not trusted_time.allows("retention"):
        return False
    try:
        with lock("sweep", timeout=0):
            if _is_done(today):
                return False
            _list_recorded_moments()
            swept = retention.sweep(today)
            _note(today, swept["held"])
    except Timeout:
        return False
    logger.info("retention of %s: %d records removed, %d held", today, swept["removed"], swept["held"])
    return True


def sweep_now() -> bool:
    """Sweep now, even if today is done, for a lake that has been replaced since; False while the clock is doubted.

    Raises LakeUnavailable.
    """
    if not trusted_time.allows("retention"):
        return False
    if not sweep_if_due():
        retention.sweep(clock.today())
    return True


def _is_done(day: date) -> bool:
    with reading() as session:
        return session.get(SweepRow, day) is not None


def _note(day: date, held: int) -> None:
    with reading() as session:
        recorded = list(session.scalars(select(SweptMomentRow.at)))
    taken = retention.taken(without=recorded)
    with writing() as session:
        session.execute(delete(SweepRow).where(SweepRow.day > day))  # from a clock that was ahead
        session.add(SweepRow(day=day, counted_until=max(taken.moments, default=EVER), listed=True))
        session.add_all(SweptMomentRow(at=moment) for moment in taken.moments)
        body = {"day": day.isoformat(), "removed": taken.captures, "people": taken.people, "held": held}
        ledger.append(session, "retention", body)


def _list_recorded_moments() -> None:
    """Once, for sweeps of versions that stored only the end of what they recorded: list the moments up to then."""
    with reading() as session:
        until = session.scalar(select(func.max(SweepRow.counted_until)).where(~SweepRow.listed))
    if until is None:
        return
    moments = [moment for moment in retention.taken(without=[]).moments if moment <= until]
    with writing() as session:
        known = set(session.scalars(select(SweptMomentRow.at)))
        session.add_all(SweptMomentRow(at=moment) for moment in moments if moment not in known)
        session.execute(update(SweepRow).values(listed=True))
