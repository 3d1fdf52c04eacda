"""What programs and officers ask of leases: a new one, what became of it, and its end.

Files of a lease that ended are deleted before it is said to have ended.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import clock
from errors import Conflict, NotFound, NotValid, TooMany
from governance.ai_models import training_approvals
from governance.db.database import reading, writing
from governance.leases.tables import LeaseRow
from governance.schemas import datasets as answers
from governance.schemas.datasets import Reason
from lake.datasets.making import Made
from lake.storage.objects import Area, store
from settings import settings

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


AT_ONCE = 10
"""Leases that a program may have."""
AGAIN_AFTER = 600
FACTS = "_open-book.json"
"""The file beside the Parquet files. Spark and Arrow ignore names that begin so."""


class NotOffered(Conflict):
    """The setting offers no leases. Nothing was done."""


class NoSuchLease(NotFound, LookupError):
    """There is none of this program."""

    def __init__(self) -> None:
        super().__init__("There is no such lease, or it ended more than 30 days ago.")


class TooLong(NotValid):
    """Longer than the setting allows."""

    field = "hours"


class TooManyLeases(TooMany):
    """The program has `AT_ONCE`."""


def ask(program: str, made: Made, hours: int | None) -> answers.Lease:
    """A lease for this long; None: as long as the setting allows. If the program has one of this version, that one.

    Raises NotOffered, TooLong, NeedsApproval, TooManyLeases.
    """
    longest, now = settings().training_lease_hours, clock.now_utc()
    if not longest:
        raise NotOffered("Leases are not offered (OPENBOOK_TRAINING_LEASE_HOURS is 0). Nothing was done.")
    if hours is not None and hours > longest:
        raise TooLong(f"The longest lease is {longest:,} hours (OPENBOOK_TRAINING_LEASE_HOURS). Nothing was done.")
    approved_until = training_approvals.require(program, made)
    until = now + timedelta(hours=hours or longest)
    with writing() as session:
        theirs = select(LeaseRow).where(LeaseRow.program == program, LeaseRow.ended_at.is_(None))
        of_version = theirs.where(LeaseRow.dataset_version == made.dataset_version, LeaseRow.until > now)
        if (known := session.scalar(of_version)) is not None:
            return answer(known)
        if (session.scalar(select(func.count()).select_from(theirs.subquery())) or 0) >= AT_ONCE:
            raise TooManyLeases(
                f"This program has {AT_ONCE} leases, the most at once. Nothing was done. End one that is not needed.",
                AGAIN_AFTER,
            )
        row = LeaseRow(
            id=uuid4(),
            dataset_version=made.dataset_version,
            dataset=made.dataset,
            version=made.version,
            program=program,
            asked_at=now,
            until=min(until, approved_until or until),
            attempt=0,
        )
        session.add(row)
        return answer(row)


def of_program(program: str, lease: UUID) -> answers.Lease:
    """Raises NoSuchLease."""
    with reading() as session:
        return answer(_existing(session, lease, program))


def page_of(page: Paging) -> list[answers.OfficersLease]:
    """A page of all leases, those that have not ended first, then the latest first."""
    latest = select(LeaseRow).order_by(LeaseRow.ended_at.is_not(None), LeaseRow.asked_at.desc(), LeaseRow.id)
    with reading() as session:
        return [_for_officers(row) for row in page.select(session, latest)]


def end(lease: UUID, reason: Reason, program: str | None = None) -> answers.OfficersLease:
    """End one now; ending it again changes nothing. `program`: whose it must be. Its files are gone when this returns;
    of one that was being written, they are once its writer has stopped.

    Raises NoSuchLease, PartUnavailable: then it still stands.
    """
    with reading() as session:
        _existing(session, lease, program)
    store(Area.TRAINING).delete_folder(str(lease))
    with writing() as session:
        row = _existing(session, lease, program)
        if row.ended_at is None:
            row.ended_at, row.reason = clock.now_utc(), reason
        return _for_officers(row)


def answer(row: LeaseRow) -> answers.Lease:
    is_ready = _state(row) == "ready"
    return answers.Lease(
        **vars(_for_officers(row)),
        location=f"{Area.TRAINING.address}/{row.id}" if is_ready else None,
        files=row.files if is_ready else None,
        records=row.records if is_ready else None,
    )


def _existing(session: Session, lease: UUID, program: str | None) -> LeaseRow:
    """Raises NoSuchLease."""
    row = session.get(LeaseRow, lease)
    if row is None or (program is not None and row.program != program):
        raise NoSuchLease
    return row


def _state(row: LeaseRow) -> answers.LeaseState:
    if row.ended_at is not None:
        return "ended"
    return "writing" if row.ready_at is None else "ready"


def _for_officers(row: LeaseRow) -> answers.OfficersLease:
    return answers.OfficersLease(
        lease=row.id,
        program=row.program,
        dataset_version=row.dataset_version,
        dataset=row.dataset,
        version=row.version,
        state=_state(row),
        asked_at=row.asked_at,
        until=row.until,
        ended_at=row.ended_at,
        reason=None if row.reason is None else Reason(row.reason),
    )
