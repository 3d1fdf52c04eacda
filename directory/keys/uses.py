"""Entries of the access log that are written where the keys are, before a job reads data of people.

They are in the database of the content keys, so that a key and the entry about its use can't be in different states,
and code that knows nothing of the access log can't open a key without one. The governance service collects them into
the access log (`governance.access_log.collect`), once each: an entry is identified by its job, purpose and person, so
a job that is repeated after a crash has one entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Engine, delete, select

import clock
from databases.statements import insert
from directory.models import UseRow, session_of, writer_of

NOBODY = UUID(int=0)
"""The actor's id when a program acts."""
EVERYBODY = UUID(int=2**128 - 1)
"""The subject of an entry about a job that reads data of all people: each of them sees it."""
INGESTION = "ingestion"
"""The role of what stores what was captured."""
MOST_COLLECTED = 5000
CHUNK = 500


class Why(StrEnum):
    """What a job reads data of people for."""

    REQUEST = "request"
    INGESTION = "ingestion"
    TRAINING = "training"
    NOTE = "note"
    OPENED_NOTE = "opened_note"
    ACCESS_REQUEST = "access_request"
    DATASET = "dataset"
    RELEASE = "release"
    BACKUP = "backup"
    RESTORE = "restore"
    REWRAPPING = "rewrapping"
    MASKING = "masking"


@dataclass(frozen=True)
class Oneself:
    """The person themselves: they showed a verified token, or these are words that they file now."""

    subject: UUID


@dataclass(frozen=True)
class Job:
    """Something that reads data of people who don't do it themselves."""

    id: UUID
    role: str
    """The role of the person who acts, or the name of a program; at most 40 characters."""
    why: Why
    what: str
    """What is read, in the plural; at most 40 characters."""
    rows: int = 1
    actor: UUID = NOBODY
    dataset_version: UUID | None = None


Reader = Oneself | Job


@dataclass(frozen=True)
class Use:
    """An entry that waits to be collected."""

    use: bytes
    """Identifies it: 32 bytes."""
    subject: UUID
    at: datetime
    """Naive UTC."""
    role: str
    actor: UUID
    why: str
    what: str
    rows: int
    dataset_version: UUID | None


def record(engine: Engine, job: Job, rows: Mapping[UUID, int]) -> None:
    """Write the job's entry for each of these people: how many of `job.what` it is about to read. They are on disk
    when this returns. Raises PartUnavailable: then nothing may be read.
    """
    at = clock.now_utc()
    values = [
        {
            "use": hashlib.sha256(job.id.bytes + subject.bytes + job.why.encode()).digest(),
            "subject": subject,
            "at": at,
            "role": job.role,
            "actor": job.actor,
            "why": job.why.value,
            "what": job.what,
            "rows": count,
            "dataset_version": job.dataset_version,
        }
        for subject, count in rows.items()
        if subject != job.actor
    ]
    if not values:
        return
    with writer_of(engine) as session, session.begin():
        session.execute(insert(UseRow).on_conflict_do_nothing(), values)


def waiting(engine: Engine) -> list[Use]:
    """Entries that were not collected yet, the earliest first; at most 5,000."""
    with session_of(engine) as session:
        rows = session.scalars(select(UseRow).order_by(UseRow.at).limit(MOST_COLLECTED))
        return [
            Use(row.use, row.subject, row.at, row.role, row.actor, row.why, row.what, row.rows, row.dataset_version)
            for row in rows
        ]


def forget(engine: Engine, uses: Iterable[Use]) -> None:
    """Delete entries that were collected."""
    names = [use.use for use in uses]
    with writer_of(engine) as session, session.begin():
        for start in range(0, len(names), CHUNK):
            session.execute(delete(UseRow).where(UseRow.use.in_(names[start : start + CHUNK])))
