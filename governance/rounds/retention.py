"""Retention enforced by itself: once a UTC day, a worker sweeps the lake.

A sweep is safe to repeat. What it took out is told in the ledger in the transaction that notes the day as done, so
there is one entry a day, also where a sweep was interrupted and repeated; its counts are of all that retention has
taken out and no entry has told yet. That is known by the moments of the removals that were told, one by one, and not
by their order, which a wrong clock turns round. No day is swept while the clock is doubted; one that was swept before
it came is swept again when it comes. A lock lets one worker at a time try. The sweep runs in a thread of its own:
requests don't wait for it, except for their turn at the lake.
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
WAITS = "The clock can't be trusted. What is past its last day is still there; workers remove it once that is settled."
EVER = datetime(1970, 1, 1)  # noqa: DTZ001 (our databases' times are naive UTC)


@contextmanager
def every_day() -> Iterator[None]:
    """Sweep at once and at the start of each day, as long as the block runs."""
    with repeating.repeated("retention", sweep_if_due, ROUND_SECONDS):
        yield


def sweep_if_due() -> bool:
    """Sweep unless today was done, or another worker is at it. Says whether it did.

    Raises LakeUnavailable: nothing was lost, call it again.
    """
    today = clock.today()
    if _is_done(today) or not trusted_time.allows("retention"):
        return False
    try:
        with lock("sweep", timeout=0):
            if _is_done(today):
                return False
            _list_what_was_told()
            swept = retention.sweep(today)
            _note(today, swept["held"])
    except Timeout:
        return False
    logger.info("retention of %s: %d captures removed, %d held", today, swept["removed"], swept["held"])
    return True


def sweep_anyway() -> bool:
    """Sweep now, also where today was done, for a lake that is not the one of then; False while the clock is doubted.

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
        told = list(session.scalars(select(SweptMomentRow.at)))
    taken = retention.taken(without=told)
    with writing() as session:
        session.execute(delete(SweepRow).where(SweepRow.day > day))  # by a clock that was ahead: they are still to come
        session.add(SweepRow(day=day, counted_until=max(taken.moments, default=EVER), listed=True))
        session.add_all(SweptMomentRow(at=moment) for moment in taken.moments)
        body = {"day": day.isoformat(), "removed": taken.captures, "people": taken.people, "held": held}
        ledger.append(session, "retention", body)


def _list_what_was_told() -> None:
    """Once for the sweeps of versions that knew only until when they had told: name the moments up to then."""
    with reading() as session:
        until = session.scalar(select(func.max(SweepRow.counted_until)).where(~SweepRow.listed))
    if until is None:
        return
    moments = [moment for moment in retention.taken(without=[]).moments if moment <= until]
    with writing() as session:
        known = set(session.scalars(select(SweptMomentRow.at)))
        session.add_all(SweptMomentRow(at=moment) for moment in moments if moment not in known)
        session.execute(update(SweepRow).values(listed=True))
