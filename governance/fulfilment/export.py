"""Exporting, step by step, and deleting export files after their time.

An export must not outlive an erasure of its contents. So none is started between an erasure's tombstone and its step
that deletes the person's export files, before which their content key may be destroyed. An export that was being
written when a tombstone was written is discarded and written again, because it may have read captures from before. One
that is recorded before the tombstone is deleted by the erasure's own step.

A file is deleted before the deletion is recorded, so a crash in between leaves a record without a file, and the next
round records the deletion. Files that belong to no available export (after a crash before recording, or a record
restored from a backup) are deleted by the same round.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import clock
import home
import queries
from governance.db.database import export_file, reading, writing
from governance.db.tables import ExportRow, RequestRow
from governance.domain.lifecycle import State
from governance.export import KEPT, ExportDoesNotAddUp, open_export, write_export
from governance.export.filed import filed_of
from governance.export.sealed_file import WrongKey
from governance.intake import clearing
from governance.ledger import trusted_time
from governance.logs import log_unexpected
from governance.opendsr import partners
from governance.opendsr.partners import InvalidPartners
from governance.requests.filing import note
from governance.requests.progress import Postponed, Step, end, read_work
from governance.requests.work_tables import WorkRow
from home import Part
from lake.ingest.ingesting import NotIngested
from lake.storage.objects import Area, store
from languages import mark

MISCOUNTED = "What was written does not match the number of records, so no file was made"
OVERTAKEN = "Some of your records were erased while the export was being written, so it will be written again."


def write(request_id: UUID) -> None:
    """Write the file and complete the request. Leaves no file if it fails. Raises Postponed, and what `write_export`
    raises.
    """
    work = read_work(request_id)
    sealed = export_file(request_id)
    home.require(Part.EXPORTS)
    with reading() as session:
        if State(session.get_one(RequestRow, request_id).state).final:
            return
        if _being_erased(session, work.subject):
            raise Postponed(
                mark("Some of your records are being erased just now; your export will be written after that.")
            )
        buried = _buried(session, work.subject)
    with suppress(NotIngested):
        clearing.clear([work.subject])  # what has just arrived belongs to it
    own = queries.for_request(work.subject, request_id)
    try:
        file = write_export(own, request_id, sealed, scope=work.scope, filed=filed_of(own.subject, _processors()))
        now = clock.now_utc()
        with writing() as session:
            row = session.get_one(RequestRow, request_id)
            if _buried(session, work.subject) != buried:
                raise Postponed(OVERTAKEN)
            open_export(sealed, work.subject, request_id, own.subject.reader).close()
            row.export = ExportRow(
                size=file.size, sha256=file.sha256, written_at=now, expires_at=now + KEPT, deleted_at=None
            )
            row.outcome = {"exported": file.counts}
            end(
                row, State.COMPLETED, f"Your export is ready. The file is kept until {now + KEPT:%-d %B %Y, %H:%M} UTC."
            )
    except BaseException as error:
        delete_file(request_id)
        with reading() as session:
            overtaken = _buried(session, work.subject) != buried
        # An erasure destroyed its key, deleted it, or removed captures between two counts.
        if isinstance(error, WrongKey | FileNotFoundError) or (overtaken and isinstance(error, ExportDoesNotAddUp)):
            raise Postponed(OVERTAKEN) from error
        if isinstance(error, ExportDoesNotAddUp):
            reference = log_unexpected(error)
            raise Postponed(f"{MISCOUNTED} (reference {reference}).") from error
        raise


def _processors() -> list[str]:
    """Domains of the companies that hold copies for the employer. Raises Postponed."""
    try:
        return sorted(partners.load().processors)
    except InvalidPartners as error:
        raise Postponed(
            "The list of companies that hold copies for your employer, which an export must contain, can't be used."
        ) from error


def delete_expired() -> int:
    """Delete files that are due, and files that belong to nothing; returns how many exports expired."""
    due = (
        select(RequestRow)
        .join(ExportRow)
        .where(ExportRow.deleted_at.is_(None), ExportRow.expires_at <= clock.now_utc())
    )
    with reading() as session:
        expired = [row.id for row in session.scalars(due)]
    if expired and not trusted_time.allows("the end of exports"):
        expired = []
    for request_id in expired:
        delete_file(request_id)
    if expired:
        with writing() as session:
            for row in session.scalars(due.where(RequestRow.id.in_(expired))):
                assert row.export is not None
                row.export.deleted_at = clock.now_utc()
                note(row, f"The file was deleted after {KEPT.days} days.")
    _delete_stray_files()
    return len(expired)


def _delete_stray_files() -> None:
    """Delete files of requests that ended without an export, or whose export is recorded as deleted."""
    found = set()
    for file in store(Area.EXPORTS).all():
        with suppress(ValueError):
            found.add(UUID(file.name.partition(".")[0]))
    if not found:
        return
    to_be_fetched = select(ExportRow.request_id).where(ExportRow.request_id.in_(found), ExportRow.deleted_at.is_(None))
    states = select(RequestRow.id, RequestRow.state).where(RequestRow.id.in_(found))
    with reading() as session:
        needed = {request_id for request_id, state in session.execute(states) if not State(state).final}
        needed |= set(session.scalars(to_be_fetched))
    for request_id in found - needed:
        delete_file(request_id)


def delete_file(request_id: UUID) -> None:
    """Delete an export's file and its leftover drafts; safe to repeat."""
    export_file(request_id).delete()


STEPS: tuple[Step, ...] = (write,)


def _buried(session: Session, subject: UUID) -> int:
    """How many erasures of the person have a tombstone."""
    counted = select(func.count()).where(RequestRow.subject == subject, RequestRow.buried)
    return session.scalar(counted) or 0


def _being_erased(session: Session, subject: UUID) -> bool:
    """Whether an erasure of the person has a tombstone and is not finished with the person's export files."""
    theirs = select(RequestRow.state, WorkRow.cleared).outerjoin(WorkRow)
    buried = session.execute(theirs.where(RequestRow.subject == subject, RequestRow.buried))
    return any(not (cleared or State(state).final) for state, cleared in buried)
