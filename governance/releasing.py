"""Releases by themselves: a worker publishes the one that is due, and tells when policies or models have changed.

It waits for the sweep of the day, so that what is past its last day is not counted as kept. How requests were answered
goes into the release from here: for each person the slowest answer since the release before. What was published is
told in the ledger once, with the digest of all of it. A thread of its own, as retention has: requests don't wait.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from filelock import FileLock, Timeout
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

import clock
from governance import ledger
from governance.database import governance_folder, reading, writing
from governance.errors import log_unexpected
from governance.ledger.models import EntryRow
from governance.lifecycle import OPEN, State
from governance.models import EventRow, RequestRow
from governance.work_rows import SweepRow
from lake.connection import LakeUnavailable

logger = logging.getLogger("governance")

ROUND_SECONDS = 60.0
PATIENCE_SECONDS = 30.0
EVER = datetime(1970, 1, 1)  # noqa: DTZ001 (our databases' times are naive UTC)
WEEK = timedelta(days=7)
ENDED = (State.COMPLETED, State.PARTIALLY_COMPLETED, State.DENIED)
SLOWER = ("none", "within_week", "within_deadline", "late")


@contextmanager
def by_itself() -> Iterator[None]:
    """Publish what is due, as long as the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_until, args=(stop,), name="releases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)


def release_if_due() -> bool:
    """Publish the release of this period unless there is one, or another worker is at it. Says whether it did.

    Raises LakeUnavailable: nothing was published, call it again.
    """
    from lake.attacks import running  # NumPy, SciPy and OpenDP take a second to load
    from lake.releases import accounting, publishing

    with reading() as session:
        swept = session.get(SweepRow, clock.today()) is not None
    if not swept or not publishing.is_due():
        return False
    try:
        with FileLock(governance_folder() / "release.lock", timeout=0):
            so_far = publishing.releases()
            since = so_far[-1].published_at if so_far else EVER
            told = publishing.release(answered(since), attack=running.run)
    except (Timeout, publishing.NotDue, accounting.BudgetGone):
        return False
    logger.info("release %s published; the year has cost epsilon %.2f so far", told.period, told.year_epsilon)
    return True


def answered(since: datetime) -> dict[UUID, str]:
    """Of everybody whose requests were answered since then, or are late now: how slow the slowest was."""
    now = clock.now_utc()
    ended = (
        select(EventRow.request_id, func.min(EventRow.at).label("at"))
        .where(EventRow.state.in_(ENDED))
        .group_by(EventRow.request_id)
        .subquery()
    )
    asked = (
        select(RequestRow.subject, RequestRow.received_at, RequestRow.due_at, ended.c.at)
        .outerjoin(ended, ended.c.request_id == RequestRow.id)
        .where(or_(ended.c.at > since, RequestRow.state.in_(OPEN)))
    )
    slowest: dict[UUID, str] = {}
    with reading() as session:
        for subject, received_at, due_at, at in session.execute(asked):
            how = _how(received_at, due_at, at or now, ended=at is not None)
            slowest[subject] = max(slowest.get(subject, "none"), how, key=SLOWER.index)
    return slowest


def tell_in_the_ledger() -> None:
    """Every release that the ledger doesn't have yet."""
    from lake.releases import publishing

    for told in publishing.releases():
        with reading() as session:
            if _is_told(session, told.release):
                continue
        with writing() as session:
            if not _is_told(session, told.release):
                ledger.append(
                    session,
                    "release",
                    {
                        "release": str(told.release),
                        "period": told.period,
                        "as_of": told.as_of.isoformat(),
                        "digest": told.digest,
                    },
                )


def _how(received_at: datetime, due_at: datetime, at: datetime, *, ended: bool) -> str:
    if at > due_at:
        return "late"
    if not ended:
        return "none"
    return "within_week" if at - received_at <= WEEK else "within_deadline"


def _is_told(session: Session, release: UUID) -> bool:
    mine = EntryRow.statement.contains('"kind":"release"'), EntryRow.statement.contains(f'"release":"{release}"')
    return bool(session.scalar(select(func.count()).select_from(EntryRow).where(*mine)))


def _until(stop: threading.Event) -> None:
    told = False
    while not stop.is_set():
        try:
            from lake.releases import publishing

            if release_if_due() or not told:
                tell_in_the_ledger()
                told = True
            publishing.tell_state()
        except LakeUnavailable as error:
            logger.warning("releases: %s It is tried again in a minute.", error)
        except Exception as error:
            log_unexpected(error)
        stop.wait(ROUND_SECONDS)
