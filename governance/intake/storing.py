"""A worker stores what waits: the landing files of many bodies together, in one transaction of the lake.

    1  the oldest bodies are read, up to `AT_ONCE` records; each person's frames are opened with their key
    2  the lake stores what the rules in force allow; a body has one batch of each person, whose id is derived from both
    3  the counts are noted, and with that the body is stored
    4  its landing file is deleted

Killed after 2, the next worker finds the lake's batches by their ids and takes the counts from them. Killed after 3, it
deletes files whose batches wait no more. Frames whose key was destroyed were erased; so is what a tombstone covers.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select

import clock
from directory import Directory
from directory.keys import Job, KeyRing
from errors import OpenBookError
from governance.db.database import lock, reading, writing
from governance.intake import batches, landing
from governance.intake.landing import Frame
from governance.intake.people import IN_QUESTION, LEFT
from governance.intake.records import SOURCE, UNUSABLE, Unusable, parsed, picture_of, record_of
from governance.intake.tables import LOST, STORED, WAITING, IntakeBatchRow
from governance.intake.taking import SHOWN_LINES, Outcomes, job_of
from governance.logs import log_unexpected
from governance.rounds import repeating
from lake.connectors.records import InvalidRecord, Quarantined, Record
from lake.ingest.ingesting import Ingestion, NotIngested, Prepared, Summary
from lake.storage.store import COUNTS, counts_of_batches
from parts import explained, using
from queries.connection import answering
from settings import settings

logger = logging.getLogger("governance")

NAME = "The landing area of the intake"
ROUND_SECONDS = 2.0
TIDY_SECONDS = 60.0
AT_ONCE = 50_000
BYTES_AT_ONCE = 16_000_000
"""Of landing files: pictures are many bytes, and each takes seconds."""
ENOUGH = 20_000
"""So many waiting records are stored at once, however short they have waited."""
DAMAGED = "damaged on disk before it was stored; send it again"
UNTOLD = "can't be used"
OUTCOMES = frozenset(COUNTS) - {"read", "redacted"}

_failing: set[UUID] = set()
"""Bodies that this process could not store, because of a defect."""

Parts = dict[UUID, dict[UUID, list[Frame]]]
"""The frames of each person, by batch."""


@contextmanager
def scheduled() -> Iterator[None]:
    """Store for as long as the block runs."""
    with (
        repeating.repeated("intake", passes.make, ROUND_SECONDS),
        repeating.repeated("old landing files", tidy, TIDY_SECONDS),
    ):
        yield


def store_due() -> None:
    """Store what has waited for long enough, or is a lot. Raises LakeUnavailable, PartUnavailable."""
    try:
        while _is_due():
            store_some()
    except NotIngested as error:
        logger.warning("%s What waits is stored in the next round.", error)


def store_all(seconds: float) -> None:
    """Store everything that waits now. Waits so long for another worker that stores; raises filelock.Timeout."""
    with lock("intake-pass", timeout=seconds):
        until = clock.now_utc()
        while _waiting(until):
            store_some()
    tidy()


def store_some() -> None:
    """Store the oldest bodies that wait. Raises LakeUnavailable, PartUnavailable, NotIngested.

    If that fails for another reason, each is tried alone: one that fails then waits until the worker starts again.
    """
    bodies = _waiting()
    try:
        _store_bodies(bodies)
    except (OpenBookError, OSError):
        raise
    except Exception as error:
        if explained(error) is not None:
            raise
        log_unexpected(error)
        for body in bodies:
            try:
                _store_bodies([body])
            except OpenBookError:
                raise
            except Exception as alone:
                log_unexpected(alone)
                logger.error("batch %s can't be stored; it waits, and the others are stored", body.id)
                _failing.add(body.id)


def _store_bodies(bodies: Sequence[IntakeBatchRow]) -> None:
    with ExitStack() as files:
        found: dict[UUID, BinaryIO] = {}
        outcomes = {body.id: Outcomes() for body in bodies}
        for body in bodies:
            with using(NAME, OSError):
                try:
                    found[body.id] = files.enter_context(landing.file_of(body.id).open())
                except FileNotFoundError:
                    logger.error("the landing file of batch %s is missing: its sender is told", body.id)
        _store([body for body in bodies if body.id in found], found, outcomes)
    _note(bodies, found.keys(), outcomes)
    for batch in found:
        landing.file_of(batch).delete()


def tidy() -> None:
    """Delete landing files that no batch waits for, of killed processes, and forget old batches."""
    for name in landing.names():
        if not _is_waiting(landing.batch_of(name)):
            landing.delete_abandoned(name, _is_waiting)
    batches.forget_old()


def _is_waiting(batch: UUID | None) -> bool:
    if batch is None:
        return False
    with reading() as session:
        row = session.get(IntakeBatchRow, batch)
        return row is not None and row.state == WAITING


def _is_due() -> bool:
    waiting = IntakeBatchRow.state == WAITING, IntakeBatchRow.id.not_in(_failing)
    with reading() as session:
        oldest = session.scalar(select(func.min(IntakeBatchRow.received_at)).where(*waiting))
        records = session.scalar(select(func.sum(IntakeBatchRow.landed)).where(*waiting)) or 0
    if oldest is None:
        return False
    waited = abs(clock.now_utc() - oldest)
    return records >= ENOUGH or waited >= timedelta(seconds=settings().intake_seconds)


def _waiting(until: datetime | None = None) -> list[IntakeBatchRow]:
    """The oldest bodies that wait, as many as are stored at once."""
    oldest = select(IntakeBatchRow).where(IntakeBatchRow.state == WAITING, IntakeBatchRow.id.not_in(_failing))
    if until is not None:
        oldest = oldest.where(IntakeBatchRow.received_at <= until)
    found: list[IntakeBatchRow] = []
    records = size = 0
    with reading() as session:
        for row in session.scalars(oldest.order_by(IntakeBatchRow.received_at, IntakeBatchRow.id).limit(500)):
            records, size = records + row.landed, size + row.size
            if found and (records > AT_ONCE or size > BYTES_AT_ONCE):
                break
            found.append(row)
    return found


def _store(bodies: Sequence[IntakeBatchRow], files: dict[UUID, BinaryIO], outcomes: dict[UUID, Outcomes]) -> None:
    parts: Parts = defaultdict(dict)
    for body in bodies:
        left = body.landed
        for frame in landing.frames_of(files[body.id]):
            parts[frame.subject].setdefault(body.id, []).append(frame)
            left -= frame.records
        if left:
            outcomes[body.id].add_reason(DAMAGED, left)
    _leave_out_stored(parts, outcomes)
    _leave_out_people(parts, outcomes)
    jobs = {body.id: job_of(body.service) for body in bodies}
    prepared: list[tuple[UUID, Prepared]] = []
    keys = KeyRing()
    with Directory.open() as directory, Ingestion(without_policy=True) as ingestion:
        _record(keys, parts, jobs)
        for subject, by_batch in parts.items():
            job = jobs[next(iter(by_batch))]
            cipher = _leave_out_erased(keys, subject, job, by_batch, outcomes)
            if cipher is None:
                continue
            items = {
                _id(batch, subject): _items(files[batch], batch, frames, cipher, outcomes[batch])
                for batch, frames in by_batch.items()
            }
            together = ingestion.prepare_together(directory.by_subject(subject), SOURCE, items, copies=True, job=job)
            prepared += zip(by_batch, together, strict=True)
        if prepared:
            stored = ingestion.store([one for _, one in prepared])
            for (batch, _), summary in zip(prepared, stored, strict=True):
                _add(outcomes[batch], summary)


def _leave_out_stored(parts: Parts, outcomes: dict[UUID, Outcomes]) -> None:
    """What a worker stored that was killed before it noted the counts."""
    ids = {_id(batch, subject): (batch, subject) for subject, by_batch in parts.items() for batch in by_batch}
    known = answering(lambda cursor: counts_of_batches(cursor, list(ids)))
    for key, counts in known.items():
        batch, subject = ids[key]
        outcomes[batch].counts.update({name: counts[name] for name in OUTCOMES})
        if counts["quarantined"]:
            outcomes[batch].reasons[UNTOLD] += counts["quarantined"]
        del parts[subject][batch]


def _leave_out_people(parts: Parts, outcomes: dict[UUID, Outcomes]) -> None:
    """People who have left, or whose `sub` is in question, since it arrived."""
    with Directory.open() as directory:
        for subject, by_batch in list(parts.items()):
            left, in_question = not directory.by_subject(subject).active, directory.is_about(subject)
            for batch, frames in by_batch.items():
                if left:
                    outcomes[batch].counts[LEFT] += _records(frames)
                elif in_question:
                    outcomes[batch].add_reason(IN_QUESTION, _records(frames))
            if left or in_question or not by_batch:
                del parts[subject]


def _record(keys: KeyRing, parts: Parts, jobs: dict[UUID, Job]) -> None:
    """Entries of the access log, before any key is opened."""
    people: dict[Job, list[UUID]] = defaultdict(list)
    for subject, by_batch in parts.items():
        people[jobs[next(iter(by_batch))]].append(subject)
    for job, subjects in people.items():
        keys.record(job, dict.fromkeys(subjects, job.rows))


def _leave_out_erased(
    keys: KeyRing, subject: UUID, job: Job, by_batch: dict[UUID, list[Frame]], outcomes: dict[UUID, Outcomes]
) -> AESGCM | None:
    """What opens the person's frames. Those whose key was destroyed were erased. None if no frame is left."""
    content_key = keys.content_key(subject, job)
    current = landing.print_of(keys.fingerprint(subject))
    for batch, frames in list(by_batch.items()):
        openable = [frame for frame in frames if content_key is not None and frame.key_print == current]
        if gone := _records(frames) - _records(openable):
            outcomes[batch].counts["erased_before"] += gone
        by_batch[batch] = openable
        if not openable:
            del by_batch[batch]
    return landing.cipher_of(content_key) if content_key is not None and by_batch else None


def _items(
    file: BinaryIO, batch: UUID, frames: Sequence[Frame], cipher: AESGCM, outcomes: Outcomes
) -> Iterator[Record | Quarantined]:
    for frame in frames:
        try:
            lines = landing.opened(file, batch, frame, cipher)
        except landing.Unreadable:
            outcomes.add_reason(DAMAGED, frame.records)
            continue
        for number, line in lines:
            if line.startswith(UNUSABLE):
                yield Unusable.model_validate_json(line.removeprefix(UNUSABLE)).item(number)
                continue
            try:
                yield record_of(number, line, partial(_picture, file, batch, frame, cipher, number))
            except InvalidRecord as error:
                yield Quarantined(number, str(error))


def _picture(file: BinaryIO, batch: UUID, frame: Frame, cipher: AESGCM, number: int, most: int) -> bytes:
    """Of a record of a frame, which is opened again: all pictures of a round would be too much. Raises OSError."""
    try:
        line = dict(landing.opened(file, batch, frame, cipher))[number]
    except landing.Unreadable as error:
        raise OSError from error
    return picture_of(parsed(line))[:most]


def _add(outcomes: Outcomes, summary: Summary) -> None:
    outcomes.counts.update({name: getattr(summary.batch, name) for name in OUTCOMES})
    outcomes.reasons.update(summary.reasons)
    outcomes.lines += [(one.line, one.reason) for one in summary.quarantined]


def _note(bodies: Sequence[IntakeBatchRow], found: Collection[UUID], outcomes: dict[UUID, Outcomes]) -> None:
    with writing() as session:
        for body in bodies:
            row = session.get(IntakeBatchRow, body.id)
            if row is None or row.state != WAITING:
                continue
            row.state = STORED if row.id in found else LOST
            row.settled_at = clock.now_utc()
            new = outcomes[row.id]
            row.counts = dict(Counter(row.counts) + new.counts)
            row.reasons = dict(Counter(row.reasons) + new.reasons)
            row.lines = sorted([*map(list, row.lines), *map(list, new.lines)])[:SHOWN_LINES]


def _id(batch: UUID, subject: UUID) -> UUID:
    """Of what the lake has of one person from one body."""
    return uuid5(batch, subject.hex)


def _records(frames: Sequence[Frame]) -> int:
    return sum(frame.records for frame in frames)


passes = repeating.Pass("intake", store_due)
