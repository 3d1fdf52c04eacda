"""Erasing, step by step. Each is safe to repeat; together they leave no byte of what was erased.

bury            the captures are hidden and out of training at once, and can't come back
remove          the rows leave the lake, except held ones; the last one takes the content key with it
purge           files, catalog and write-ahead log are rewritten without them
delete_exports  earlier exports of the person go, as they hold what was erased
verify          look again: nothing may be found
finish          completed; partially completed where a hold withholds something
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

import clock
from governance.database import reading, writing
from governance.exporting import delete_file
from governance.lifecycle import State, Type
from governance.models import ExportRow, RequestRow
from governance.requests import note
from governance.work import Postponed, Step, end, read_work, record
from lake import erasure, maintenance
from lake.connection import writer


def bury(request_id: UUID) -> None:
    work = read_work(request_id)
    with writer() as connection:
        erasure.bury(connection, work.subject, work.scope, work.id, work.received_at)
    with writing() as session:
        session.get_one(RequestRow, request_id).buried = True


def remove(request_id: UUID) -> None:
    work = read_work(request_id)
    with writer() as connection:
        removed = erasure.remove(connection, work.subject, work.scope, work.id, work.received_at)
        held = erasure.match(connection, work.subject, work.scope, work.received_at).held
    record(
        request_id,
        matched=removed.erased + removed.withheld,
        erased=removed.erased,
        withheld=removed.withheld,
        withheld_by=[_withheld(held_back) for held_back in held],
        content_key_destroyed=removed.key_destroyed or bool(work.outcome.get("content_key_destroyed")),
    )


def purge(_: UUID) -> None:
    with writer() as connection:
        maintenance.purge(connection)


def delete_exports(request_id: UUID) -> None:
    """Delete every export file of the person: each holds the captures as they were before.

    A file has its name before it is recorded, and a crash may come in between; so files and drafts of all
    export requests go, recorded or not. An export that is being written meanwhile fails, and is tried again.
    """
    subject = read_work(request_id).subject
    requested = select(RequestRow.id).where(RequestRow.subject == subject, RequestRow.type == Type.EXPORT)
    recorded = select(RequestRow).join(ExportRow).where(RequestRow.subject == subject, ExportRow.deleted_at.is_(None))
    with reading() as session:
        exports = session.scalars(requested).all()
        files = [row.id for row in session.scalars(recorded)]
    for export in exports:
        delete_file(export)
    with writing() as session:
        for row in session.scalars(recorded.where(RequestRow.id.in_(files))):
            assert row.export is not None
            row.export.deleted_at = clock.now_utc()
            note(row, "The file was deleted, because you had captures erased that were in it.")
        erased = session.get_one(RequestRow, request_id)
        before = (erased.outcome or {}).get("exports_deleted", 0)
        erased.outcome = {**(erased.outcome or {}), "exports_deleted": before + len(files)}


def verify(request_id: UUID) -> None:
    work = read_work(request_id)
    with writer() as connection:
        found = erasure.verify_absent(connection, work.subject, work.scope, work.received_at)
    if found:
        raise Postponed(f"{found:,} captures were still found when we looked again.")
    record(request_id, found_afterwards=0)


def finish(request_id: UUID) -> None:
    with writing() as session:
        row = session.get_one(RequestRow, request_id)
        if State(row.state).final:
            return
        outcome = row.outcome or {}
        erased, withheld = outcome.get("erased", 0), outcome.get("withheld", 0)
        if withheld:
            words = f"{erased:,} captures were erased; {withheld:,} are withheld by a legal hold."
            end(row, State.PARTIALLY_COMPLETED, words)
        else:
            end(row, State.COMPLETED, f"{erased:,} captures were erased." if erased else "There was nothing to erase.")


STEPS: tuple[Step, ...] = (bury, remove, purge, delete_exports, verify, finish)


def _withheld(held: erasure.HeldBack) -> dict[str, Any]:
    return {
        "reason": held.reason,
        "exception": held.exception,
        "review_on": held.review_on.isoformat(),
        "events": held.events,
    }
