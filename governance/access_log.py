"""The access log: every view of a person's requests, holds or captures by anyone else, for that person to read.

An entry is on disk before the data is returned; if it can't be written, nothing is returned. It names a role, a purpose
from a fixed list, and a count. Who viewed the data is stored in the database as a subject id. What other systems report
is in the same log (`governance.access_reports`), marked with who reported it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select

import clock
from directory import Employee
from governance import schemas
from governance.db.database import reading, writing
from governance.db.tables import AccessRow

MAX_ENTRIES = 1000
NOBODY = UUID(int=0)
"""The viewer's id when the viewer was a program."""


class Purpose(StrEnum):
    """Why someone viewed the data."""

    DEADLINES = "deadlines"
    DECISION = "decision"
    NOTE = "note"
    LEGAL_HOLDS = "legal_holds"
    LINKS = "links"
    ACCESS_REQUEST = "access_request"
    TRAINING = "training"
    REPORTED = "reported"
    """The reporting system gave its own reason."""


WORDS = {
    Purpose.DEADLINES: "To see which requests are due, and which need a decision",
    Purpose.DECISION: "To decide about a request",
    Purpose.NOTE: "To decide about your note, which you let a privacy officer read",
    Purpose.LEGAL_HOLDS: "To manage legal holds",
    Purpose.LINKS: "To decide whether you are the person with another sign-in id in the HR system",
    Purpose.TRAINING: "To train on a data set that includes them: read by a program, without your name",
    Purpose.ACCESS_REQUEST: "To answer your access request: the export requested on your behalf",
}


def record(actor: Employee, purpose: Purpose, what: str, rows: Mapping[UUID, int]) -> None:
    """Write one entry per person: how many rows (`what`: requests, holds) the actor is about to receive."""
    at = clock.now_utc()
    with writing() as session:
        session.add_all(
            AccessRow(
                subject=subject, at=at, role=actor.role, actor=actor.subject, purpose=purpose, what=what, rows=count
            )
            for subject, count in rows.items()
            if subject != actor.subject
        )


def record_program(program: str, dataset_version: UUID, captures: Mapping[UUID, int]) -> None:
    """Write one entry per person: how many captures of a dataset version a program is about to receive."""
    at = clock.now_utc()
    with writing() as session:
        session.add_all(
            AccessRow(
                subject=subject,
                at=at,
                role=program,
                actor=NOBODY,
                purpose=Purpose.TRAINING,
                what="captures",
                rows=count,
                dataset_version=dataset_version,
            )
            for subject, count in captures.items()
        )


def entries_of(
    subject: UUID, from_at: datetime | None, until_at: datetime | None, offset: int, limit: int
) -> schemas.AccessLog:
    """The person's entries in a period (naive UTC times, end exclusive), newest first."""
    entries = select(AccessRow).where(AccessRow.subject == subject)
    if from_at is not None:
        entries = entries.where(AccessRow.at >= from_at)
    if until_at is not None:
        entries = entries.where(AccessRow.at < until_at)
    with reading() as session:
        total = session.scalar(select(func.count()).select_from(entries.subquery())) or 0
        page = entries.order_by(AccessRow.at.desc(), AccessRow.id.desc()).offset(offset).limit(limit)
        return schemas.AccessLog(
            total=total,
            offset=offset,
            entries=[
                schemas.AccessEntry(
                    at=row.at,
                    role=row.role,
                    purpose=row.reason or WORDS[Purpose(row.purpose)],
                    what=row.what,
                    rows=row.rows,
                    dataset_version=row.dataset_version,
                    system=row.system,
                    action=row.action,
                    ticket=row.ticket,
                    reported_by=row.reported_by,
                    reported_at=row.reported_at,
                )
                for row in session.scalars(page)
            ],
        )
