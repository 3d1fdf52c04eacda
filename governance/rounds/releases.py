"""Automatic releases: a worker publishes the one that is due, and reports when policies or models have changed.

It waits for the day's sweep, so that what is past its last day is not counted as kept. How requests were
answered is added to the release here: for each person the slowest answer since the previous release. Each
publication is recorded in the ledger once, with a digest of all of it, and both are in the journal of backups before
anybody can see it. This runs in its own thread, like retention:
requests don't wait for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from filelock import Timeout
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

import clock
from directory.keys import Why
from errors import Conflict, OpenBookError
from governance import ledger
from governance.access_log import row_for_everybody
from governance.db.database import lock, reading, writing
from governance.db.tables import EventRow, RequestRow
from governance.domain.lifecycle import OPEN, State
from governance.domain.moments import parse_moment
from governance.ledger import trusted_time
from governance.ledger.tables import EntryRow
from governance.requests.work_tables import SweepRow
from governance.rounds import repeating
from lake.releases.published_release import PublishedRelease
from lake.releases.results import AttackResult

logger = logging.getLogger("governance")

FIRST_ROUND_SECONDS = 10.0
"""After a worker's start: waiting requests come first."""
ROUND_SECONDS = 60.0
EVER = datetime(1970, 1, 1)  # noqa: DTZ001 (our databases' times are naive UTC)
WEEK = timedelta(days=7)
ENDED = (State.COMPLETED, State.PARTIALLY_COMPLETED, State.DENIED)
SLOWER = ("none", "within_week", "within_deadline", "late")

Keep = Callable[[], None]


class Busy(Conflict):
    """It isn't the moment. Nothing was published or spent."""


class Waits(Conflict):
    """The release is made, and nobody can see it before it is in the journal of backups."""


@contextmanager
def scheduled(keep: Keep) -> Iterator[None]:
    """Publish what is due, for as long as the block runs. `keep`: see `release_now`."""
    recorded = False

    def look() -> None:
        nonlocal recorded
        from lake.releases import publishing

        release_if_due(keep)
        if not recorded:
            record_in_ledger()
            recorded = True
        publishing.publish_state(announcing(keep))

    with repeating.repeated("releases", look, ROUND_SECONDS, first_after=FIRST_ROUND_SECONDS):
        yield


def release_if_due(keep: Keep = lambda: None) -> bool:
    """Publish the release of this period, unless it exists or another worker is publishing it. Returns whether it did.

    Raises LakeUnavailable: nothing was published, call it again.
    """
    from lake.releases import accounting, publishing

    if not _is_swept() or not publishing.is_due() or not trusted_time.allows("the release for managers"):
        return False
    try:
        published = release_now(keep)
    except (Busy, publishing.NotDue, accounting.BudgetExceeded):
        return False
    except Waits as error:
        logger.warning("releases: %s", error)
        return False
    except publishing.AttackSucceeded as error:
        logger.error("releases: %s", error)  # about made-up people
        return False
    logger.info("release %s published; the year has cost epsilon %.2f so far", published.period, published.year_epsilon)
    return True


def release_now(keep: Keep = lambda: None) -> PublishedRelease:
    """Publish the release of this period and record it in the ledger, which also says what was published before:
    whoever publishes, and whatever became of the database of releases, no period is published twice. `keep` copies
    the state to the journal of backups, before anybody can see the release.

    Raises Waits, Busy, ClockDoubted, NotDue, BudgetExceeded, AttackSucceeded, LakeUnavailable; then nothing was
    published.
    """
    from lake.releases import publishing

    trusted_time.require()
    try:
        with lock("release", timeout=0):
            restore_from_ledger(keep)
            publishing.require_due()
            if not _is_swept():
                raise Busy(
                    "Records past their time would be counted as kept: today's retention has not ended. Nothing was "
                    "published. Workers do both; try again when one has been running for a few minutes."
                )
            so_far = [one for one in publishing.releases() if one.digest]
            with writing() as session:
                session.add(row_for_everybody(Why.RELEASE, "release"))
            since = so_far[-1].published_at if so_far else EVER
            published = publishing.release(slowest_answers(since), attack=_attack, announce=announcing(keep))
    except Timeout:
        raise Busy("A release is being published. Nothing was published; see `--list` in a few minutes.") from None
    return published


def _is_swept() -> bool:
    with reading() as session:
        return session.get(SweepRow, clock.today()) is not None


def _attack(
    forest: Mapping[UUID, UUID | None], applications: Sequence[str], cost: float, yearly: float
) -> Sequence[AttackResult]:
    from lake.attacks import running  # SciPy takes a second to load

    return running.run(forest, applications, cost, yearly)


def slowest_answers(since: datetime) -> dict[UUID, str]:
    """For everyone whose requests were answered since then, or are late now: how slow the slowest was."""
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


def record_in_ledger() -> None:
    """Record every release that is not in the ledger yet."""
    from lake.releases import publishing

    for published in publishing.releases():
        if not published.is_statement:
            _record(published)


def announcing(keep: Keep) -> Callable[[Sequence[PublishedRelease]], None]:
    """Records releases that nobody can see yet in the ledger, and copies it to the journal of backups. Raises Waits."""

    def announce(made: Sequence[PublishedRelease]) -> None:
        for published in made:
            _record(published)
        try:
            keep()
        except (OpenBookError, OSError) as error:
            raise Waits(
                f"The release of {made[-1].period} is made, and nobody can see it yet: it must be in the journal of"
                f" backups first, so that no restore publishes it again. {error} Workers try again every minute, and"
                " publish it unchanged."
            ) from error

    return announce


def _record(published: PublishedRelease) -> None:
    with reading() as session:
        if _is_recorded(session, published.release):
            return
    with writing() as session:
        if not _is_recorded(session, published.release):
            ledger.append(
                session,
                "release",
                {
                    "release": str(published.release),
                    "period": published.period,
                    "as_of": published.as_of.isoformat(),
                    "published_at": published.published_at.isoformat(),
                    "digest": published.digest,
                    "rho": repr(published.rho),
                    "year_epsilon": repr(published.year_epsilon),
                },
            )


def restore_from_ledger(keep: Keep = lambda: None) -> int:
    """Take over the releases that the ledger records and the database lost, for example in a restore; returns how many.

    They were seen, so they still count against the privacy budget and are not published again: new noise on the same
    counts would reveal more than was promised.
    """
    with reading() as session:
        recorded = ledger.log.statements_of_kind(session, "release")
        stated = [one for one in ledger.log.statements_of_kind(session, "restore") if "stated_at" in one]
    recorded = [one for one in recorded if one["digest"] or not any(_takes_back(restore, one) for restore in stated)]
    if not recorded:
        return 0
    from lake.releases import publishing

    known = {one.release for one in publishing.releases()}
    lost = [
        PublishedRelease(
            release=UUID(one["release"]),
            period=one["period"],
            published_at=datetime.fromisoformat(one["published_at"]),
            rho=float(one["rho"]),
            digest=one["digest"],
            as_of=date.fromisoformat(one["as_of"]),
            year_epsilon=float(one["year_epsilon"]),
        )
        for one in recorded
        if UUID(one["release"]) not in known
    ]
    if lost:
        publishing.add_lost(lost, announcing(keep))
    return sum(1 for one in lost if one.digest)


def assume_published() -> PublishedRelease | None:
    """After a restore from a copy that may be older than the last release: count one of this period as published and
    lost, in the ledger too. None if that of this period is known."""
    from lake.releases import publishing

    if (assumed := publishing.assumed()) is not None:
        _record(assumed)
        publishing.add_lost([assumed])
    return assumed


def record_statement(made_at: datetime) -> None:
    """List an operator's statement that nothing was published since a backup was made; the ledger has it already."""
    from lake.releases import publishing

    publishing.add_statement(made_at)


def _takes_back(restore: Mapping[str, str], release: Mapping[str, str]) -> bool:
    """Whether an operator stated at this restore that nothing was published when that release was assumed."""
    since, until = parse_moment(restore["made_at"]), parse_moment(restore["stated_at"])
    return since < parse_moment(release["published_at"] + "Z") <= until


def _how(received_at: datetime, due_at: datetime, at: datetime, *, ended: bool) -> str:
    if at > due_at:
        return "late"
    if not ended:
        return "none"
    return "within_week" if at - received_at <= WEEK else "within_deadline"


def _is_recorded(session: Session, release: UUID) -> bool:
    mine = EntryRow.statement.contains('"kind":"release"'), EntryRow.statement.contains(f'"release":"{release}"')
    return bool(session.scalar(select(func.count()).select_from(EntryRow).where(*mine)))
