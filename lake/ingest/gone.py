"""What a complete export no longer has: it was deleted at its source, so our copy is withdrawn.

A thing is known by its session. Things whose kind the export doesn't have at all are left alone: it was made without
them. So is what is deleted already. A record without words takes the place of each, as for every deletion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID, uuid4

from directory.keys import INGESTION, Job, KeyRing, Why, derive
from directory.sealing import Content, Sealer, Unreadable
from lake.archives.items import DELETED
from lake.connectors import Record
from lake.connectors.records import identity
from lake.ingest.ingesting import NotIngested
from lake.ingest.rows import SESSION, session_id
from lake.statements import statement
from lake.storage.connection import has_catalog, reader_once

MOST_AT_ONCE = 20
"""So many may be missing whatever their share."""
KINDS = {
    "created": "issue",
    "commented": "comment",
    "edited": "comment-edit",
    "logged": "worklog",
    "attached": "attachment",
    "changed": "change",
}
"""Of things, by the first word of their `action`."""


class TooMuchGone(NotIngested):
    """More than half of what is stored would be withdrawn: the export is hardly complete."""


def gone(source: str, sessions: Collection[str], subjects: Collection[UUID]) -> dict[UUID, list[Record]]:
    """The record in place of each thing of these people that isn't in `sessions`. Raises TooMuchGone."""
    stored = 0
    found: dict[UUID, list[Record]] = {}
    for subject, is_there, record in _compared(source, sessions, subjects):
        stored += 1
        if not is_there:
            found.setdefault(subject, []).append(record)
    missing = sum(map(len, found.values()))
    if missing > MOST_AT_ONCE and 2 * missing > stored:
        raise TooMuchGone(
            f"{missing:,} of the {stored:,} entries that are stored aren't in it. That is more than half, so it is"
            " hardly complete. Nothing was changed. Leave out --complete, and give webhooks of what was deleted."
        )
    return found


def _compared(
    source: str, sessions: Collection[str], subjects: Collection[UUID]
) -> Iterator[tuple[UUID, bool, Record]]:
    """Each thing that isn't deleted: whose, whether it is in `sessions`, and what would take its place."""
    kinds = {session.split("/")[1] for session in sessions if "/" in session}
    ring = KeyRing()
    for subject in subjects:
        things = _things(source, subject)
        if not things:
            continue
        content_key = ring.content_key(subject, Job(uuid4(), INGESTION, Why.INGESTION, "records", rows=len(things)))
        if content_key is None:
            continue
        key, sealer = derive(content_key, SESSION), Sealer(content_key)
        there = {session_id(key, session) for session in sessions}
        for capture, at, signal, application, session, sealed in things:
            if _kind(sealer, capture, sealed) in kinds:
                yield (
                    subject,
                    session.bytes in there,
                    Record(
                        line=0,
                        captured_at=at,
                        signal=signal,
                        application=application,
                        session="",
                        identity=identity("gone", session.hex),
                        content={"action": DELETED},
                        stored_session=session.bytes,
                    ),
                )


def _things(source: str, subject: UUID) -> list[tuple[UUID, datetime, str, str, UUID, bytes]]:
    if not has_catalog():
        return []
    with reader_once() as connection:
        return connection.execute(statement("find_things"), {"source": source, "subject": subject}).fetchall()


def _kind(sealer: Sealer, capture: UUID, sealed: bytes) -> str:
    try:
        content: Content = sealer.open(capture, sealed)
    except Unreadable:
        return ""
    return KINDS.get(content.get("action", "").partition(" ")[0], "")
