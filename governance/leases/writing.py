"""What workers do for leases: write them, and end those that may not stand.

One worker at a time does this. A lease that was being written when its worker was killed is written anew, and so is one
beside which something was erased or objected to. Files that belong to no lease are deleted.
"""

from __future__ import annotations

import json
import logging
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import Timeout
from sqlalchemy import delete, select, update

import clock
from directory.keys import Job, Why
from governance.ai_models import datasets, training_approvals
from governance.db.database import reading, writing
from governance.domain.moments import format_moment
from governance.leases.asking import FACTS, end
from governance.leases.tables import LeaseRow
from governance.logs import log_unexpected
from governance.requests import notes
from governance.requests.progress import Postponed
from governance.rounds import repeating
from governance.schemas.datasets import Reason
from home import HomeUnavailable
from lake.datasets import training_export
from lake.datasets.training_export import Given
from lake.storage.objects import Area, store
from languages import mark
from parts import PartUnavailable
from queries.connection import answering

logger = logging.getLogger("governance")

ROUND_SECONDS = 5.0
PATIENCE_SECONDS = 20.0
KEPT = timedelta(days=30)
"""For so long, an ended lease is listed."""

OPEN = select(LeaseRow).where(LeaseRow.ended_at.is_(None))


class Stopped(Exception):
    """The lease ended while it was written, or has to be written anew."""


def scheduled() -> AbstractContextManager[None]:
    """Keep leases for as long as the block runs."""
    return repeating.repeated("leases", passes.make, ROUND_SECONDS)


def end_changed() -> int:
    """End every lease with a record that may no longer be given; those being written begin anew. Returns how many
    ended. After it, no file of a lease has such a record. Raises Postponed, PartUnavailable.
    """
    with reading() as session:
        if session.scalar(OPEN.limit(1)) is None:
            return 0
    with writing() as session:
        begun = update(LeaseRow).where(LeaseRow.ended_at.is_(None), LeaseRow.ready_at.is_(None))
        session.execute(begun.values(attempt=LeaseRow.attempt + 1))
    try:
        with passes.held(PATIENCE_SECONDS):
            _delete_strays()
            return _end_changed()
    except Timeout:
        raise Postponed(mark("Files for training are just being written; they are deleted first.")) from None


def _work() -> None:
    _end_over()
    _end_changed()
    _delete_strays()
    _forget_old()
    with reading() as session:
        waiting = session.scalars(OPEN.where(LeaseRow.ready_at.is_(None)).order_by(LeaseRow.asked_at)).all()
    for row in waiting:
        try:
            _write(row)
        except Stopped:
            logger.info("a lease that was being written ended, or is written anew")
        except (PartUnavailable, HomeUnavailable):
            raise
        except Exception as error:
            log_unexpected(error)
            end(row.id, Reason.FAILED)


passes = repeating.Pass("leases", _work)


def _write(row: LeaseRow) -> None:
    """Raises Stopped, PartUnavailable; then no file of it is left, or the next round deletes them."""
    made, name = datasets.find(row.dataset_version), str(row.id)
    files = store(Area.TRAINING)
    files.delete_folder(name)
    counts = answering(lambda cursor: training_export.counts(cursor, made))
    job = Job(uuid4(), row.program, Why.TRAINING, "captures", dataset_version=made.dataset_version)
    given = Given(answering, made, counts, job, notes.scopes_in_force, row.until.date())
    number = 0
    try:
        for table in given.tables():
            _end_over()
            _require_wanted(row)
            files.write(f"{name}/part-{number:05}.parquet", _parquet(table))
            number += 1
        facts = given.facts() | {"until": format_moment(row.until.replace(tzinfo=clock.now().tzinfo))}
        files.write(f"{name}/{FACTS}", json.dumps(facts, indent=1).encode())
        _note_ready(row, given, number)
    except BaseException:
        files.delete_folder(name)
        raise
    logger.info("a lease of %d records in %d files is ready", given.rows, number)


def _require_wanted(row: LeaseRow) -> None:
    """Raises Stopped."""
    with reading() as session:
        now = session.get(LeaseRow, row.id)
        if now is None or now.ended_at is not None or now.attempt != row.attempt:
            raise Stopped


def _note_ready(row: LeaseRow, given: Given, files: int) -> None:
    """Raises Stopped."""
    values = {"ready_at": clock.now_utc(), "records": given.rows, "files": files, "fingerprint": str(given.fingerprint)}
    still = update(LeaseRow).where(LeaseRow.id == row.id, LeaseRow.attempt == row.attempt, LeaseRow.ended_at.is_(None))
    with writing() as session:
        if not session.scalars(still.values(**values).returning(LeaseRow.id)).all():
            raise Stopped


def _end_over() -> None:
    with reading() as session:
        over = session.scalars(OPEN.where(LeaseRow.until <= clock.now_utc())).all()
    for row in over:
        end(row.id, Reason.TIME)


def _end_changed() -> int:
    """Those with records that may no longer be given, without an approval that they need, or without all files."""
    with reading() as session:
        ready = session.scalars(OPEN.where(LeaseRow.ready_at.is_not(None))).all()
    names = [each.name for each in store(Area.TRAINING).all()] if ready else []
    ended = 0
    for row in ready:
        if (reason := _fault(row, names)) is not None:
            end(row.id, reason)
            ended += 1
    return ended


def _fault(row: LeaseRow, names: list[str]) -> Reason | None:
    if sum(name.startswith(f"{row.id}/part-") for name in names) != row.files:
        return Reason.FAILED
    if not training_approvals.allows(row.program, row.dataset_version):
        return Reason.APPROVAL
    made = datasets.find(row.dataset_version)
    day = row.until.date()
    found = answering(lambda cursor: training_export.fingerprint(cursor, made, day))
    return None if str(found) == row.fingerprint else Reason.RECORDS


def _delete_strays() -> None:
    """What belongs to no lease that is ready: of killed writers, or from before a restore."""
    with reading() as session:
        needed = set(session.scalars(OPEN.where(LeaseRow.ready_at.is_not(None)).with_only_columns(LeaseRow.id)))
    for name in {each.name.partition("/")[0] for each in store(Area.TRAINING).all()}:
        if name not in map(str, needed):
            store(Area.TRAINING).delete_folder(name)


def _forget_old() -> None:
    with writing() as session:
        session.execute(delete(LeaseRow).where(LeaseRow.ended_at <= clock.now_utc() - KEPT))


def _parquet(table: pa.Table) -> bytes:
    sink = BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
