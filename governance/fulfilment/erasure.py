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

then `EACH`, also for all at once, but if one fails, then only for the requests that are the reason:

    nothing_found     nothing may have been found
    clear_landing     nothing of the person that had arrived before waits to be stored (`governance.intake.clearing`)
    delete_exports    earlier exports of the person are deleted, because they contain what was erased
    notify            processors that hold copies are notified (`governance.opendsr`)
    record            the tombstone is recorded for the backups, and when earlier backups become unreadable
    list_what_stays   what is left about the person, why, and until when
    finish            completed; partially completed if a hold withholds something. After the last request the
                      tombstones of everything, which until then have no end in time, are closed, so that later
                      captures can be stored

If a joint step fails, it fails for all of them. When a hold is lifted, the same request is erased again; its counts
include what was erased before. A request that was denied meanwhile is skipped.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

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
from governance.requests.progress import (
    JointStep,
    ManyStep,
    Postponed,
    PostponedSome,
    add,
    end_all,
    first_end,
    read_works,
    work_of,
)
from governance.requests.work_tables import WorkRow, work_rows
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
        works = work_rows(session, ids)
        for row in _in_progress(session, ids, histories=True):
            row.buried = True
            if first_end(row) is None and work_of(row).scope.everything:
                works[row.id].tombstone_open = True
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
        works = work_rows(session, ids)
        for row in _in_progress(session, ids):
            done = removed[row.id]
            if done.erased != (row.outcome or {}).get("erased"):
                works[row.id].cleared = False
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
        works = work_rows(session, ids)
        for row in _in_progress(session, ids):
            if works[row.id].made_before is None:
                works[row.id].made_before = graph.latest_before(dates.made_before(days.get(row.id)))


def _destroy_keys(asked: Sequence[erasure.Asked], going: Sequence[erasure.Asked]) -> set[UUID]:
    """Destroy the content keys of `going`; returns the requests that destroyed one, now or in an earlier run.

    The key to destroy is recorded before it is destroyed, and one that no longer exists counts as destroyed. So a crash
    in between neither forgets nor invents a destruction, and a key created since the first run stays.
    """
    keys = KeyRing()
    prints = keys.fingerprints(one.subject for one in going)
    with writing() as session:
        works = work_rows(session, [one.request for one in asked])
        for one in going:
            if works[one.request].key_print is None:
                works[one.request].key_print = prints.get(one.subject, NO_KEY)
        meant = {one: works[one.request].key_print for one in asked}
    for one in going:
        if prints.get(one.subject) == meant[one]:
            keys.destroy_content_key(one.subject)
    left = keys.fingerprints(one.subject for one, key in meant.items() if key)
    return {one.request for one, key in meant.items() if key and left.get(one.subject) != key}


def purge(ids: Sequence[UUID]) -> None:
    """Rewrites nothing if no capture of anyone was removed since the last purge. Raises Postponed, PartUnavailable."""
    if leases.end_changed():
        _add_progress(ids, mark("Files that training programs could read for some hours were deleted."))
    with writer() as connection:
        maintenance.purge_where_due(connection)
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
        works = work_rows(session, ids)
        for row in _in_progress(session, ids):
            of_row = affected[row.id]
            add(row, **states.outcome(graph, of_row.listed, plans, of_row.until, works[row.id].made_before))


def nothing_found(*request_ids: UUID) -> None:
    found = {work.id: work.outcome.get("found_afterwards", 0) for work in read_works(request_ids)}
    words = {one: preview.record_count(events) for one, events in found.items() if events}
    if words:
        raise PostponedSome({one: f"A search after the erasure still found {left}." for one, left in words.items()})


def clear_landing(*request_ids: UUID) -> None:
    """Records that wait; with everything, what recorders said about themselves goes, too, what the person was told,
    and the views they saved. Raises PostponedSome."""
    works = read_works(request_ids)
    if everything := {work.subject for work in works if work.scope.everything}:
        heartbeats.forget(*everything)
        choices.forget(*everything)
        saved_views.forget(*everything)
    if waiting := clearing.clear({work.subject for work in works}):
        words = mark("Records that had just arrived are being looked through; the erasure ends after that.")
        raise PostponedSome({work.id: words for work in works if work.subject in waiting})


def delete_exports(*request_ids: UUID) -> None:
    """Delete every export file of the people: each contains the captures as they were before.

    A file is named before it is recorded, and a crash may happen in between. So files and drafts of all export requests
    are deleted, recorded or not. An export that is being written meanwhile fails and is retried. Afterwards exports may
    be written again, even if a later step, such as notifying a processor, takes long.
    """
    cleared = select(WorkRow.request_id).where(WorkRow.request_id.in_(request_ids), WorkRow.cleared)
    with reading() as session:
        done = set(session.scalars(cleared))
    works = [work for work in read_works(request_ids) if work.id not in done]
    of_people = RequestRow.subject.in_({work.subject for work in works})
    recorded = select(RequestRow).join(ExportRow).where(of_people, ExportRow.deleted_at.is_(None))
    with reading() as session:
        exports = session.scalars(select(RequestRow.id).where(of_people, RequestRow.type == Type.EXPORT)).all()
        files = [row.id for row in session.scalars(recorded)]
    for export in exports:
        delete_file(export)
    deleted: Counter[UUID] = Counter()
    with writing() as session:
        for row in session.scalars(recorded.where(RequestRow.id.in_(files))):
            assert row.export is not None
            row.export.deleted_at = clock.now_utc()
            note(row, mark("The file was deleted because it contained records that you had erased."))
            deleted[row.subject] += 1
        of_work = work_rows(session, [work.id for work in works])
        for erased in _ordered(session, list(of_work)):
            counted = (erased.outcome or {})["exports_deleted"]
            add(erased, exports_deleted=counted + deleted.pop(erased.subject, 0))
            of_work[erased.id].cleared = True


def finish(*request_ids: UUID) -> None:
    """Not while the clock is doubted: the receipt and the tombstone carry its time. Raises Postponed."""
    _require_trusted_time()
    with writing() as session:
        works = work_rows(session, request_ids)
        workflows = {work.workflow for work in works.values()}
        end_all([_end(row) for row in _ordered(session, request_ids) if row.state == State.IN_PROGRESS])
    if len(request_ids) > 1 or None in workflows or not _have_others(workflows):
        close_finished_tombstones()


def _end(row: RequestRow) -> tuple[RequestRow, State, str]:
    if row.previewed is not None:
        add(row, differences=preview.differences(row.previewed, row.outcome or {}))
    outcome = row.outcome or {}
    erased, withheld = outcome.get("erased", 0), outcome.get("withheld", 0)
    if withheld:
        words = f"Erased: {preview.record_count(erased)}. Withheld by a legal hold: {withheld:,}."
        return row, State.PARTIALLY_COMPLETED, words
    words = f"Erased: {preview.record_count(erased)}." if erased else mark("There was nothing to erase.")
    return row, State.COMPLETED, words


def _have_others(workflows: Collection[str | None]) -> bool:
    """Whether requests that these were worked on with are still in progress."""
    with reading() as session:
        return session.scalar(select(WorkRow.request_id).where(WorkRow.workflow.in_(workflows)).limit(1)) is not None


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
        for work in work_rows(session, ended).values():
            work.tombstone_open = False


TOGETHER: tuple[JointStep, ...] = (write_tombstones, remove, purge, verify_erased, set_models)
EACH: tuple[ManyStep, ...] = (
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


def _in_progress(session: Session, ids: Sequence[UUID], *, histories: bool = False) -> list[RequestRow]:
    """The requests among these that are still in progress; `histories`: with these, and what else belongs to them."""
    rows = select(RequestRow).where(RequestRow.id.in_(ids), RequestRow.state == State.IN_PROGRESS)
    return list(session.scalars(rows if histories else rows.options(lazyload("*"))))


def _ordered(session: Session, ids: Sequence[UUID]) -> list[RequestRow]:
    rows = {row.id: row for row in session.scalars(select(RequestRow).where(RequestRow.id.in_(ids)))}
    return [rows[request_id] for request_id in ids]


def _asked(ids: Sequence[UUID]) -> list[erasure.Asked]:
    with reading() as session:
        works = [(work_of(row), first_end(row)) for row in _in_progress(session, ids, histories=True)]
    return [erasure.Asked(work.id, work.subject, work.scope, work.received_at, ended) for work, ended in works]


def _add_progress(ids: Sequence[UUID], words: str) -> None:
    """Add progress to the histories of the requests, once since they last ended."""
    with writing() as session:
        for row in _in_progress(session, ids, histories=True):
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
