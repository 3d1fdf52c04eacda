"""Repeating erasures in a lake restored from a backup, before anyone can read it.

Repeated are every erasure request with a tombstone, according to the newest governance state, and every tombstone in
the journal or the replaced home. The same steps run as the first time, so a capture under a hold is kept, and the
result is verified. But a hold keeps nothing that a completed request had erased, because it no longer existed when the
hold was placed. A content key that an erasure destroyed is destroyed again: exactly that key, identified by its
fingerprint, or, if only the tombstone is known, one that is older than the tombstone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection
from sqlalchemy import select

import clock
from directory.keys import KeyRing
from governance.backup.places.place import BackupError
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
    """Requests for erasure that were repeated; most of them found nothing."""
    captures: int
    """Captures that the backup contained and that were erased again."""
    keys: int
    """Content keys that were destroyed again."""


def replay(rules: Rules) -> Replayed:
    """Bring this home's lake in line with `rules` and repeat every erasure. Safe to repeat.

    Raises BackupError if erased captures are still found.
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
            KeyRing().destroy_content_key(each.subject, made_until=datetime.fromisoformat(buried_at[each.request]))
            for each in asked
            if each.request not in dead and removed[each.request].nothing_left
        )
        maintenance.purge(connection)
        found = sum(erasure.verify_erased(connection, asked).values())
        _close_tombstones(connection)
        if found:
            raise BackupError(f"{found:,} erased records were found again. Nothing was restored.")
        return Replayed(len(asked), before - _count(connection), keys)


def count_captures() -> int:
    """How many captures of all people this home's lake holds."""
    with writer() as connection:
        return _count(connection)


def _erasures(connection: DuckDBPyConnection) -> tuple[list[erasure.Asked], dict[UUID, tuple[UUID, str | None]]]:
    """Everything with a tombstone; and for known requests, the subject and the content key that each destroyed."""
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
    """Close tombstones of everything that are still open, except those whose requests have not ended yet."""
    known = select(RequestRow).where(RequestRow.type == Type.ERASURE)
    with reading() as session:
        ends = {row.id: first_end(row) for row in session.scalars(known)}
    ended = {one: ends.get(one, clock.now_utc()) for one in erasure.open_tombstones(connection)}
    erasure.close_tombstones(connection, {one: at for one, at in ended.items() if at is not None})


def _of_tombstone(row: dict[str, Any]) -> erasure.Asked:
    """The request behind a tombstone, when only the tombstone is known."""
    from_at, until_at = row["from_at"], datetime.fromisoformat(row["until_at"])
    scope = Scope(
        signals=tuple(row["signals"]) if row["signals"] is not None else None,
        applications=tuple(row["applications"]) if row["applications"] is not None else None,
        from_at=datetime.fromisoformat(from_at) if from_at else None,
    )
    return erasure.Asked(UUID(row["request"]), UUID(row["subject"]), scope, until_at - CLOCK_TOLERANCE)


def _destroy_prints(dead: dict[UUID, tuple[UUID, str | None]]) -> int:
    keys = KeyRing()
    return sum(
        keys.destroy_content_key(subject) for subject, key in dead.values() if key and keys.fingerprint(subject) == key
    )


def _count(connection: DuckDBPyConnection) -> int:
    [(captures,)] = connection.execute(statement("count_all_captures")).fetchall()
    return int(captures)
