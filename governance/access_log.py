"""The access log: every view of a person's data by anyone but them, for that person to read.

An entry is on disk before the data is read; if it can't be written, nothing is. It names a role, a purpose from a
fixed list, and a count. Who viewed the data is stored in the database as a subject id. Entries are written in two
places, each beside what they protect: views of what this database holds, here; of what is sealed or stored in the lake,
beside the content keys (`directory.keys.uses`), from where they are collected before anyone reads the log. What
other systems report is in the same log (`governance.access_reports`), marked with who reported it.

A job that reads data of all people has one entry, which each of them sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select

import clock
from databases.statements import insert
from directory import Directory, Employee
from directory.keys import EVERYBODY, NOBODY, Why
from governance import schemas
from governance.db.database import reading, writing
from governance.db.tables import AccessRow
from languages import mark

MAX_ENTRIES = 1000
ALL_RECORDS = "all records"
NEW_FOR = timedelta(days=14)
MOST_NEW = 20


class Purpose(StrEnum):
    """Why someone viewed what this database holds; `Why` has the purposes of jobs that read other data."""

    DEADLINES = "deadlines"
    DECISION = "decision"
    LEGAL_HOLDS = "legal_holds"
    LETTER = "letter"
    LETTER_USED = "letter_used"
    LINKS = "links"
    REPORTED = "reported"
    """The reporting system gave its own reason."""


WORDS: Mapping[str, str] = {
    Purpose.DEADLINES: mark("To see which requests are due, and which need a decision"),
    Purpose.DECISION: mark("To decide about a request"),
    Purpose.LEGAL_HOLDS: mark("To manage legal holds"),
    Purpose.LETTER: mark("To give you a way to your data after you left, by the code of a letter, or to end it"),
    Purpose.LETTER_USED: mark("Whoever had the code of the letter to you signed in with it, and could read your data"),
    Purpose.LINKS: mark("To decide whether you are the person with another sign-in id in the HR system"),
    Why.NOTE: mark("To decide about your note, which you let a privacy officer read"),
    Why.OPENED_NOTE: mark("To read your note, which two privacy officers opened; your request says why"),
    Why.TRAINING: mark("To train on a dataset that includes them: read by a program, without your name"),
    Why.ACCESS_REQUEST: mark("To answer your access request: the export requested on your behalf"),
    Why.REQUEST: mark("To carry out a request of yours, such as writing your copy"),
    Why.INGESTION: mark("To mask and store what was captured"),
    Why.DATASET: mark(
        "To choose the records of datasets, without reading their text; listed once a day for each program"
    ),
    Why.RELEASE: mark("To compute published numbers about groups of people"),
    Why.BACKUP: mark("To back up all people's data, with its text encrypted"),
    Why.RESTORE: mark("To restore all people's data from a backup, with its text encrypted"),
    Why.MASKING: mark(
        "To mask a name, because somebody asked for it and a privacy officer agreed; no person saw the records"
    ),
    Why.REWRAPPING: mark("To wrap all content keys with a new master key, without opening any record"),
}
"""Why, in words; marked for translation."""
AUTOMATIC = frozenset(
    (
        Why.REQUEST,
        Why.INGESTION,
        Why.DATASET,
        Why.RELEASE,
        Why.BACKUP,
        Why.RESTORE,
        Why.REWRAPPING,
        Why.MASKING,
    )
)
"""Open Book's own work: no person sees anything in it."""


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


def row_for_everybody(why: Why, role: str) -> AccessRow:
    """The entry about a job that is about to read data of all people; add it before the job reads any."""
    return AccessRow(
        subject=EVERYBODY, at=clock.now_utc(), role=role, actor=NOBODY, purpose=why, what=ALL_RECORDS, rows=1
    )


def collect() -> None:
    """Take over the entries that wait beside the content keys. Safe to repeat, also by several processes at once."""
    with Directory.open() as directory:
        while waiting := directory.waiting_uses():
            values = [
                {
                    "subject": use.subject,
                    "at": use.at,
                    "role": use.role,
                    "actor": use.actor,
                    "purpose": use.why,
                    "what": use.what,
                    "rows": use.rows,
                    "dataset_version": use.dataset_version,
                    "report": use.use,
                }
                for use in waiting
            ]
            with writing() as session:
                session.execute(insert(AccessRow).on_conflict_do_nothing(), values)
            directory.forget_uses(waiting)


def count_of(subject: UUID) -> int:
    """How many entries the person sees."""
    collect()
    with reading() as session:
        return session.scalar(select(func.count()).select_from(_seen_by(subject).subquery())) or 0


def entries_of(
    subject: UUID,
    from_at: datetime | None,
    until_at: datetime | None,
    offset: int,
    limit: int,
    automatic: bool | None = None,
) -> schemas.AccessLog:
    """The person's entries in a period (naive UTC times, end exclusive), newest first. `automatic`: only Open Book's
    own work, or only the others.
    """
    collect()
    entries = _seen_by(subject)
    if automatic is not None:
        entries = entries.where(AccessRow.purpose.in_(AUTOMATIC) == automatic)
    if from_at is not None:
        entries = entries.where(AccessRow.at >= from_at)
    if until_at is not None:
        entries = entries.where(AccessRow.at < until_at)
    with reading() as session:
        total = session.scalar(select(func.count()).select_from(entries.subquery())) or 0
        page = entries.order_by(AccessRow.at.desc(), AccessRow.id.desc()).offset(offset).limit(limit)
        return schemas.AccessLog(total=total, offset=offset, entries=[_entry(row) for row in session.scalars(page)])


def new_accessors(subject: UUID) -> list[schemas.NewAccessor]:
    """The kinds of accessor (role, system, action) that read data of the person for the first time in the last two
    weeks, as far as the person could know, the latest first; at most 20. Open Book's own work doesn't count.
    """
    collect()
    reported_at = func.coalesce(AccessRow.reported_at, AccessRow.at)
    known_at = case((AccessRow.disclosed_at > reported_at, AccessRow.disclosed_at), else_=reported_at)
    first = func.min(known_at)
    kinds = (
        select(AccessRow.role, AccessRow.system, AccessRow.action, first, func.count())
        .where(AccessRow.subject == subject, AccessRow.purpose.not_in(AUTOMATIC), disclosed())
        .group_by(AccessRow.role, AccessRow.system, AccessRow.action)
        .having(first >= clock.now_utc() - NEW_FOR)
        .order_by(first.desc())
        .limit(MOST_NEW)
    )
    with reading() as session:
        return [
            schemas.NewAccessor(role=role, system=system, action=action, first_at=at, views=views)
            for role, system, action, at, views in session.execute(kinds)
        ]


def _seen_by(subject: UUID) -> Select[AccessRow]:
    return select(AccessRow).where(AccessRow.subject.in_((subject, EVERYBODY)), disclosed())


def disclosed() -> ColumnElement[bool]:
    """Whether the person may see an entry now; before that, it is in no list, count or proof."""
    return AccessRow.disclosed_at.is_(None) | (AccessRow.disclosed_at <= clock.now_utc())


def _entry(row: AccessRow) -> schemas.AccessEntry:
    return schemas.AccessEntry(
        at=row.at,
        role=row.role,
        purpose=row.reason or WORDS[row.purpose],
        what=row.what,
        rows=row.rows,
        automatic=row.purpose in AUTOMATIC,
        everybody=row.subject == EVERYBODY,
        dataset_version=row.dataset_version,
        system=row.system,
        action=row.action,
        ticket=row.ticket,
        reported_by=row.reported_by,
        reported_at=row.reported_at,
        delay_reason=row.delay_reason,
        disclosed_at=row.disclosed_at,
    )


__all__ = [
    "ALL_RECORDS",
    "AUTOMATIC",
    "MAX_ENTRIES",
    "NOBODY",
    "WORDS",
    "Purpose",
    "collect",
    "count_of",
    "disclosed",
    "entries_of",
    "new_accessors",
    "record",
    "row_for_everybody",
]
