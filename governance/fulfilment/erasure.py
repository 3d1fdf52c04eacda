"""Erasing, step by step. Each step is safe to repeat; together they leave no byte of what was erased.

Waiting erasures are processed together, because the expensive part, rewriting files and catalog, costs the same for one
as for many. First `TOGETHER`, for all of them at once:

    write_tombstones  the captures are hidden and excluded from training at once, and can't come back; a rule that kept
                      them out of datasets while the erasure waited ends
    remove            the rows are deleted, except held ones; if nothing of a person is left, so is their content key,
                      and what manifests and removals say about them is reduced to counts
    purge             what programs have to train on for some hours, and has any of it, is deleted; files, catalog and
                      write-ahead log are rewritten without them
    verify_erased     how many are found now, and what else the lake keeps about the people
    set_models        the effect on each model is recorded

then `EACH`, for one request after another:

    nothing_found     nothing may have been found
    clear_landing     nothing of the person that had arrived before waits to be stored (`governance.intake.clearing`)
    delete_exports    earlier exports of the person are deleted, because they contain what was erased
    notify            processors that hold copies are notified (`governance.opendsr`)
    record            the tombstone is recorded for the backups, and when earlier backups become unreadable
    list_what_stays   what is left about the person, why, and until when
    finish            completed; partially completed if a hold withholds something. After the last request the
                      tombstones of everything, which until then have no end in time, are closed, so that later
                      captures can be stored

If a joint step fails, it fails for all of them; a single step fails only for its own request. When a hold is lifted,
the same request is erased again; its counts include what was erased before. A request that was denied meanwhile is
skipped.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from directory.keys import KeyRing
from governance.ai_models import plans as model_plans
from governance.ai_models import states
from governance.backup import state
from governance.db.database import reading, writing
from governance.db.tables import ExportRow, RequestRow
from governance.domain.lifecycle import State, Type
from governance.fulfilment import waiting
from governance.fulfilment.export import delete_file
from governance.fulfilment.stays import count_in_lake, list_what_stays
from governance.intake import clearing
from governance.leases import writing as leases
from governance.ledger import trusted_time
from governance.notifying import choices
from governance.opendsr import notifying
from governance.recording import heartbeats
from governance.requests import preview
from governance.requests.filing import note
from governance.requests.progress import JointStep, Postponed, Step, add, end, first_end, read_work, work_of
from governance.requests.work_tables import WorkRow, work_row
from governance.saved_views import keeping as saved_views
from lake.lineage import dates
from lake.rules import erasure
from lake.storage import maintenance
from lake.storage.connection import writer
from languages import mark
from queries import lineage
from queries.connection import answering
from timekeeping import ClockDoubted

logger = logging.getLogger("governance")

NO_KEY = ""


def write_tombstones(ids: Sequence[UUID]) -> None:
    """A request is marked first: from then on it can't be denied, and no export that the erasure may overtake is handed
    out.
    """
    with writing() as session:
        for row in _in_progress(session, ids):
            row.buried = True
            if first_end(row) is None and work_of(row).scope.everything:
                work_row(session, row.id).tombstone_open = True
    with writer() as connection:
        erasure.write_tombstones(connection, _asked(ids))
        waiting.end_rules(connection, ids)
    _add_progress(ids, mark("Hidden from every screen, export and dataset."))


def remove(ids: Sequence[UUID]) -> None:
    """Deletes nothing while the clock is doubted. Raises Postponed."""
    _require_trusted_time()
    asked = _asked(ids)
    _keep_what_dates_rule_out(ids, asked)
    with writer() as connection:
        removed = erasure.remove_all(connection, asked)
        keys_destroyed = _destroy_keys(asked, [one for one in asked if removed[one.request].nothing_left])
    with writing() as session:
        for row in _in_progress(session, ids):
            done = removed[row.id]
            if done.erased != (row.outcome or {}).get("erased"):
                work_row(session, row.id).cleared = False
            add(
                row,
                matched=done.erased + done.withheld,
                erased=done.erased,
                withheld=done.withheld,
                withheld_by=[_withheld(held) for held in done.held],
                content_key_destroyed=row.id in keys_destroyed,
                exports_deleted=(row.outcome or {}).get("exports_deleted", 0),
            )


def _keep_what_dates_rule_out(ids: Sequence[UUID], asked: Sequence[erasure.Asked]) -> None:
    """Afterwards the days of what was removed may be unknown. What an earlier run of the step found stays."""
    days = answering(lambda cursor: erasure.first_days(cursor, asked))
    graph = answering(lineage.graph)
    with writing() as session:
        for row in _in_progress(session, ids):
            work = work_row(session, row.id)
            if work.made_before is None:
                work.made_before = graph.latest_before(dates.made_before(days.get(row.id)))


def _destroy_keys(asked: Sequence[erasure.Asked], going: Sequence[erasure.Asked]) -> set[UUID]:
    """Destroy the content keys of `going`; returns the requests that destroyed one, now or in an earlier run.

    The key to destroy is recorded before it is destroyed, and one that no longer exists counts as destroyed. So a crash
    in between neither forgets nor invents a destruction, and a key created since the first run stays.
    """
    keys = KeyRing()
    prints = {one.subject: keys.fingerprint(one.subject) for one in going}
    with writing() as session:
        for one in going:
            row = work_row(session, one.request)
            if row.key_print is None:
                row.key_print = prints[one.subject] or NO_KEY
    with reading() as session:
        meant = {one: work.key_print for one in asked if (work := session.get(WorkRow, one.request)) is not None}
    for one in going:
        if prints[one.subject] == meant[one]:
            keys.destroy_content_key(one.subject)
    return {one.request for one, key in meant.items() if key and keys.fingerprint(one.subject) != key}


def purge(ids: Sequence[UUID]) -> None:
    """Rewrites nothing if no capture of anyone was removed since the last purge. Raises Postponed, PartUnavailable."""
    if leases.end_changed():
        _add_progress(ids, mark("Files that training programs could read for some hours were deleted."))
    with writer() as connection:
        if maintenance.purge_is_due(connection):
            maintenance.purge(connection)
    _add_progress(ids, mark("Removed from the files."))


def verify_erased(ids: Sequence[UUID]) -> None:
    with writer() as connection:
        found = erasure.verify_erased(connection, _asked(ids))
    with writing() as session:
        for row in _in_progress(session, ids):
            add(row, found_afterwards=found[row.id])
    count_in_lake(ids)
    _add_progress(
        [request_id for request_id, events in found.items() if not events], mark("Looked again: nothing found.")
    )


def set_models(ids: Sequence[UUID]) -> None:
    asked = _asked(ids)
    affected = answering(lambda cursor: erasure.datasets_affected(cursor, asked))
    graph = answering(lineage.graph)
    plans = model_plans.plans()
    with writing() as session:
        for row in _in_progress(session, ids):
            before = work_row(session, row.id).made_before
            add(row, **states.outcome(graph, affected[row.id].listed, plans, affected[row.id].until, before))


def nothing_found(request_id: UUID) -> None:
    found = read_work(request_id).outcome.get("found_afterwards", 0)
    if found:
        raise Postponed(f"A search after the erasure still found {preview.record_count(found)}.")


def clear_landing(request_id: UUID) -> None:
    """Records that wait; with everything, what recorders said about themselves goes, too, what the person was told,
    and the views they saved. Raises Postponed."""
    work = read_work(request_id)
    if work.scope.everything:
        heartbeats.forget(work.subject)
        choices.forget(work.subject)
        saved_views.forget(work.subject)
    if not clearing.clear(work.subject):
        raise Postponed(mark("Records that had just arrived are being looked through; the erasure ends after that."))


def delete_exports(request_id: UUID) -> None:
    """Delete every export file of the person: each contains the captures as they were before.

    A file is named before it is recorded, and a crash may happen in between. So files and drafts of all export requests
    are deleted, recorded or not. An export that is being written meanwhile fails and is retried. Afterwards exports may
    be written again, even if a later step, such as notifying a processor, takes long.
    """
    subject = read_work(request_id).subject
    requested = select(RequestRow.id).where(RequestRow.subject == subject, RequestRow.type == Type.EXPORT)
    recorded = select(RequestRow).join(ExportRow).where(RequestRow.subject == subject, ExportRow.deleted_at.is_(None))
    with reading() as session:
        if (work := session.get(WorkRow, request_id)) is not None and work.cleared:
            return
        exports = session.scalars(requested).all()
        files = [row.id for row in session.scalars(recorded)]
    for export in exports:
        delete_file(export)
    with writing() as session:
        for row in session.scalars(recorded.where(RequestRow.id.in_(files))):
            assert row.export is not None
            row.export.deleted_at = clock.now_utc()
            note(row, mark("The file was deleted because it contained records that you had erased."))
        erased = session.get_one(RequestRow, request_id)
        add(erased, exports_deleted=(erased.outcome or {})["exports_deleted"] + len(files))
        work_row(session, request_id).cleared = True


def finish(request_id: UUID) -> None:
    """Not while the clock is doubted: the receipt and the tombstone carry its time. Raises Postponed."""
    _require_trusted_time()
    with writing() as session:
        workflow = work_row(session, request_id).workflow
        for row in _in_progress(session, [request_id]):
            if row.previewed is not None:
                add(row, differences=preview.differences(row.previewed, row.outcome or {}))
            outcome = row.outcome or {}
            erased, withheld = outcome.get("erased", 0), outcome.get("withheld", 0)
            if withheld:
                words = f"Erased: {preview.record_count(erased)}. Withheld by a legal hold: {withheld:,}."
                end(row, State.PARTIALLY_COMPLETED, words)
            else:
                words = f"Erased: {preview.record_count(erased)}." if erased else mark("There was nothing to erase.")
                end(row, State.COMPLETED, words)
    if workflow is None or not _has_others(workflow):
        close_finished_tombstones()


def _has_others(workflow: str) -> bool:
    """Whether requests that this one was worked on with are still in progress."""
    with reading() as session:
        return session.scalar(select(WorkRow.request_id).where(WorkRow.workflow == workflow).limit(1)) is not None


def close_finished_tombstones() -> None:
    """Close the tombstones of everything whose requests have ended: after the last of those worked on together, or in a
    worker's round. Safe to repeat. Raises LakeUnavailable.
    """
    waiting = select(RequestRow).join(WorkRow, WorkRow.request_id == RequestRow.id).where(WorkRow.tombstone_open)
    with reading() as session:
        ended = {row.id: at for row in session.scalars(waiting) if (at := first_end(row)) is not None}
    if not ended:
        return
    with writer() as connection:
        erasure.close_tombstones(connection, ended)
    with writing() as session:
        for request_id in ended:
            work_row(session, request_id).tombstone_open = False


TOGETHER: tuple[JointStep, ...] = (write_tombstones, remove, purge, verify_erased, set_models)
EACH: tuple[Step, ...] = (
    nothing_found,
    clear_landing,
    delete_exports,
    notifying.notify,
    state.record,
    list_what_stays,
    finish,
)


def _require_trusted_time() -> None:
    try:
        trusted_time.require()
    except ClockDoubted as error:
        logger.error("erasures wait. %s", error)
        raise Postponed(trusted_time.WAITS) from error


def _in_progress(session: Session, ids: Sequence[UUID]) -> list[RequestRow]:
    """The requests among these that are still in progress."""
    return list(
        session.scalars(select(RequestRow).where(RequestRow.id.in_(ids), RequestRow.state == State.IN_PROGRESS))
    )


def _asked(ids: Sequence[UUID]) -> list[erasure.Asked]:
    with reading() as session:
        works = [(work_of(row), first_end(row)) for row in _in_progress(session, ids)]
    return [erasure.Asked(work.id, work.subject, work.scope, work.received_at, ended) for work, ended in works]


def _add_progress(ids: Sequence[UUID], words: str) -> None:
    """Add progress to the histories of the requests, once since they last ended."""
    with writing() as session:
        for row in _in_progress(session, ids):
            ends = [number for number, event in enumerate(row.history) if State(event.state).final]
            if words not in [event.note for event in row.history[max(ends, default=-1) + 1 :]]:
                note(row, words)


def _withheld(held: erasure.HeldBack) -> dict[str, Any]:
    return {
        "hold": str(held.hold),
        "reason": held.reason,
        "exception": held.exception,
        "case": held.case,
        "review_on": held.review_on.isoformat(),
        "events": held.events,
    }
