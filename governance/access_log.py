"""The access log: every look at a person's requests, holds or captures by anyone but them, for that person to read.

An entry is on disk before what was looked at is given; where it can't be written, nothing is given. It names a role, a
purpose from a fixed list, and a count; who it was stays in the database as a subject.
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
"""Who looked, where it was a program."""


class Purpose(StrEnum):
    """Why somebody looked."""

    DEADLINES = "deadlines"
    DECISION = "decision"
    LEGAL_HOLDS = "legal_holds"
    ACCESS_REQUEST = "access_request"
    TRAINING = "training"


WORDS = {
    Purpose.DEADLINES: "To see which requests are due, and which need a decision",
    Purpose.DECISION: "To decide about a request",
    Purpose.LEGAL_HOLDS: "To look after legal holds",
    Purpose.TRAINING: "To train on a data set that they are in: read by a program, without your name",
    Purpose.ACCESS_REQUEST: "To answer your access request: the export that they asked for on your behalf",
}


def record(actor: Employee, purpose: Purpose, what: str, rows: Mapping[UUID, int]) -> None:
    """Write an entry for each person: how many rows (`what`: requests, holds) the actor is about to be given."""
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
    """Write an entry for each person: how many captures a program is about to be given in a dataset version."""
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
    """The person's entries of a period (times naive UTC, end exclusive), newest first."""
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
                    purpose=WORDS[Purpose(row.purpose)],
                    what=row.what,
                    rows=row.rows,
                    dataset_version=row.dataset_version,
                )
                for row in session.scalars(page)
            ],
        )
