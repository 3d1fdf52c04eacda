"""Erasing again in a lake from a backup, before anybody can read it.

What is erased: every request for erasure that was buried, as the newest governance state has it, and every
tombstone that the journal or the replaced home knows. The same steps erase as the first time, so a capture that
a hold keeps stays, and what is gone is looked for afterwards. But a hold keeps nothing of what a completed request
had erased, because that was not there any more when the hold was placed. A content key that an erasure destroyed
is destroyed again: that very key, known by its fingerprint, or, where only the tombstone is known, one that is
older than it.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection
from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from directory.keys import KeyRing
from directory.models import ContentKeyRow, open_engine
from directory.people import directory_path
from governance.backup.folder import BackupError
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.requests.progress import first_end, work_of
from governance.requests.work_tables import WorkRow
from lake.rules import erasure
from lake.rules.rules import Rules, merge_rules, read_rules
from lake.rules.scope import CLOCK_TOLERANCE, Scope
from lake.statements import statement
from lake.storage import maintenance
from lake.storage.connection import writer


@dataclass(frozen=True)
class Replayed:
    """What was erased again."""

    erasures: int
    """Requests for erasure that were carried out again, most of which found nothing."""
    captures: int
    """Captures that the backup had, and that are gone again."""
    keys: int
    """Content keys that were destroyed again."""


def replay(rules: Rules) -> Replayed:
    """Bring this home's lake up to `rules` and carry out every erasure. Safe to repeat.

    Raises BackupError where something that was erased is still found.
    """
    with writer() as connection:
        merge_rules(connection, rules)
        asked, dead = _erasures(connection)
        erasure.write_tombstones(connection, asked)
        before = _count(connection)
        removed = erasure.remove_all(connection, asked)
        buried_at = {UUID(row["request"]): row["created_at"] for row in read_rules(connection)["tombstones"]}
        keys = _destroy_prints(dead)
        keys += sum(
            _destroy_key(each.subject, datetime.fromisoformat(buried_at[each.request]))
            for each in asked
            if each.request not in dead and removed[each.request].nothing_left
        )
        maintenance.purge(connection)
        found = sum(erasure.verify_erased(connection, asked).values())
        _close_tombstones(connection)
        if found:
            raise BackupError(f"{found:,} captures that were erased are still found. Nothing was put in place.")
        return Replayed(len(asked), before - _count(connection), keys)


def count_captures() -> int:
    """How many captures this home's lake holds, of everybody."""
    with writer() as connection:
        return _count(connection)


def _erasures(connection: DuckDBPyConnection) -> tuple[list[erasure.Asked], dict[UUID, tuple[UUID, str | None]]]:
    """All that was buried; and of the requests that are known, the subject and which content key each destroyed."""
    buried = select(RequestRow, WorkRow).outerjoin(WorkRow, WorkRow.request_id == RequestRow.id)
    with reading() as session:
        rows = session.execute(buried.where(RequestRow.type == Type.ERASURE, RequestRow.buried)).all()
        asked = {row.id: _of_request(row) for row, _ in rows}
        dead = {row.id: (row.subject, work.key_print if work else None) for row, work in rows}
    for row in read_rules(connection)["tombstones"]:
        tombstone = _of_tombstone(row)
        asked.setdefault(tombstone.request, tombstone)
    return list(asked.values()), dead


def _of_request(row: RequestRow) -> erasure.Asked:
    work = work_of(row)
    gone = row.state == State.COMPLETED
    return erasure.Asked(work.id, work.subject, work.scope, work.received_at, first_end(row), despite_holds=gone)


def _close_tombstones(connection: DuckDBPyConnection) -> None:
    """Of everything, and without an end: all but those whose requests are still to come to theirs."""
    known = select(RequestRow).where(RequestRow.type == Type.ERASURE)
    with reading() as session:
        ends = {row.id: first_end(row) for row in session.scalars(known)}
    ended = {one: ends.get(one, clock.now_utc()) for one in erasure.open_tombstones(connection)}
    erasure.close_tombstones(connection, {one: at for one, at in ended.items() if at is not None})


def _of_tombstone(row: dict[str, Any]) -> erasure.Asked:
    """The request behind a tombstone, if that is all that is known of it."""
    from_at, until_at = row["from_at"], datetime.fromisoformat(row["until_at"])
    scope = Scope(
        signals=tuple(row["signals"]) if row["signals"] is not None else None,
        applications=tuple(row["applications"]) if row["applications"] is not None else None,
        from_at=datetime.fromisoformat(from_at) if from_at else None,
    )
    return erasure.Asked(UUID(row["request"]), UUID(row["subject"]), scope, until_at - CLOCK_TOLERANCE)


def _destroy_prints(dead: dict[UUID, tuple[UUID, str | None]]) -> int:
    with closing(KeyRing()) as keys:
        return sum(
            keys.destroy_content_key(subject)
            for subject, key in dead.values()
            if key and keys.fingerprint(subject) == key
        )


def _destroy_key(subject: UUID, buried_at: datetime) -> bool:
    engine = open_engine(directory_path())
    try:
        with closing(Session(engine)) as session, session.begin():
            row = session.get(ContentKeyRow, subject)
            if row is None or row.created_at > buried_at:
                return False
            session.delete(row)
            return True
    finally:
        engine.dispose()


def _count(connection: DuckDBPyConnection) -> int:
    [(captures,)] = connection.execute(statement("count_all_captures")).fetchall()
    return int(captures)
