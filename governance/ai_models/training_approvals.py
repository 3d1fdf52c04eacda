"""Training exports that need the approval of a privacy officer, where `OPENBOOK_TRAINING_APPROVAL_HOURS` says so.

A program that asks for the records of a dataset version without an approval in force is refused, and the officers see
that it asked. An approval is for this program and this version, with pictures or without; it ends by itself, or when
an officer ends it. The ledger has each approval, as a public entry: it is about no person.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from databases.statements import insert
from directory import Employee
from errors import Conflict, Forbidden, NotFound
from governance import ledger, schemas
from governance.db.database import reading, writing
from governance.db.tables import TrainingExportRow
from governance.domain.moments import format_moment
from lake.datasets.making import Made
from languages import mark
from settings import settings

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


ONE_OF_EACH = ("dataset_version", "program", "pictures")


class NeedsApproval(Forbidden):
    """No privacy officer has approved this export, or the approval has ended. Nothing was read."""


class NoSuchExport(NotFound, LookupError):
    """No program has asked for this."""


class NotNeeded(Conflict):
    """The setting asks for no approval. Nothing was changed."""


def require(program: str, made: Made, *, pictures: bool = False) -> datetime | None:
    """Note that the program asks for these records. Until when it may have them (UTC); None: without end.

    Raises NeedsApproval unless it may have them now.
    """
    if not settings().training_approval_hours:
        return None
    now = clock.now_utc()
    asked = insert(TrainingExportRow).values(
        id=uuid4(),
        dataset_version=made.dataset_version,
        program=program,
        dataset=made.dataset,
        version=made.version,
        purpose=made.purpose,
        people=made.people,
        records=made.captures,
        pictures=pictures,
        asked_at=now,
    )
    with writing() as session:
        noted = asked.on_conflict_do_update(index_elements=ONE_OF_EACH, set_={"asked_at": now})
        row = session.scalars(noted.returning(TrainingExportRow)).one()
        if _in_force(row):
            return row.ends_at
    raise NeedsApproval(
        mark(
            "A privacy officer has to approve that this program trains on this dataset "
            "(OPENBOOK_TRAINING_APPROVAL_HOURS). It is on their list now. Nothing was read. Ask again once it is "
            "approved."
        )
    )


def allows(program: str, dataset_version: UUID) -> bool:
    """Whether the program may have these records now, without pictures."""
    if not settings().training_approval_hours:
        return True
    asked = select(TrainingExportRow).where(
        TrainingExportRow.program == program,
        TrainingExportRow.dataset_version == dataset_version,
        TrainingExportRow.pictures.is_(False),
    )
    with reading() as session:
        row = session.scalar(asked)
        return row is not None and _in_force(row)


def page_of(page: Paging) -> list[schemas.TrainingExport]:
    """A page of what programs asked for, the latest first."""
    with reading() as session:
        latest = select(TrainingExportRow).order_by(TrainingExportRow.asked_at.desc(), TrainingExportRow.id)
        return [_answer(row) for row in page.select(session, latest)]


def approve(officer: Employee, export: UUID) -> schemas.TrainingExport:
    """Let the program read the records for the hours of the setting, from now. Raises NoSuchExport, NotNeeded."""
    hours, now = settings().training_approval_hours, clock.now_utc()
    with writing() as session:
        row = _existing(session, export)
        if not hours:
            raise NotNeeded(mark("No approval is needed: OPENBOOK_TRAINING_APPROVAL_HOURS is 0. Nothing was changed."))
        if not _in_force(row):
            row.approved_by, row.approved_at, row.ends_at = officer.subject, now, now + timedelta(hours=hours)
            statement = {
                "dataset_version": str(row.dataset_version),
                "program": row.program,
                "until": format_moment(row.ends_at.replace(tzinfo=UTC)),
                "role": officer.role,
            } | ({"pictures": True} if row.pictures else {})
            ledger.append(session, "training_approved", statement)
        return _answer(row)


def end(export: UUID) -> schemas.TrainingExport:
    """End an approval now; an export that is running is not stopped. Doing so again changes nothing.

    Raises NoSuchExport.
    """
    with writing() as session:
        row = _existing(session, export)
        if _in_force(row):
            row.ends_at = clock.now_utc()
        return _answer(row)


def _existing(session: Session, export: UUID) -> TrainingExportRow:
    """Raises NoSuchExport."""
    row = session.get(TrainingExportRow, export)
    if row is None:
        raise NoSuchExport(mark("No program has asked for this."))
    return row


def _in_force(row: TrainingExportRow) -> bool:
    return row.approved_at is not None and row.ends_at is not None and row.approved_at <= clock.now_utc() < row.ends_at


def _answer(row: TrainingExportRow) -> schemas.TrainingExport:
    return schemas.TrainingExport(
        export=row.id,
        program=row.program,
        dataset_version=row.dataset_version,
        dataset=row.dataset,
        version=row.version,
        purpose=row.purpose,
        people=row.people,
        records=row.records,
        pictures=row.pictures,
        asked_at=row.asked_at,
        approved_at=row.approved_at,
        ends_at=row.ends_at,
        approved=_in_force(row),
    )
