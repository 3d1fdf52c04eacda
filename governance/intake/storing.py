"""A worker stores what waits: the landing files of many bodies together, in one transaction of a shard of the lake.

    1  it takes a lane (`governance.intake.lanes`) that no other worker has
    2  the oldest bodies are read; the frames of each person of the lane are opened with their key
    3  the lake stores what the rules in force allow; a body has one batch of each person, whose id is derived from both
    4  the counts are noted, and that nothing of these people waits any more; with the last ones, the body is stored
    5  its landing file is deleted

Killed after 3, the next worker finds the lake's batches by their ids and takes the counts from them. Killed after 4, it
deletes files whose batches wait no more. Frames whose key was destroyed were erased; so is what a tombstone covers.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from functools import partial
from typing import BinaryIO
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from filelock import Timeout

import clock
from directory import Directory
from directory.keys import Job, KeyRing
from errors import OpenBookError
from governance.db.database import reading, writing
from governance.intake import batches, landing, lanes
from governance.intake.landing import Frame
from governance.intake.lanes import Lane, slots_of
from governance.intake.people import IN_QUESTION, LEFT
from governance.intake.records import SOURCE, UNUSABLE, Unusable, parsed, picture_of, record_of
from governance.intake.tables import LOST, STORED, WAITING, IntakeBatchRow
from governance.intake.taking import SHOWN_LINES, Outcomes, job_of
from governance.logs import log_unexpected
from governance.rounds import repeating
from lake.connectors.records import InvalidRecord, Quarantined, Record
from lake.ingest.ingesting import Ingestion, NotIngested, Prepared, Summary
from lake.storage.shards import slot_of
from lake.storage.store import COUNTS, counts_of_batches
from parts import explained, using
from queries.connection import answering

logger = logging.getLogger("governance")

NAME = "The landing area of the intake"
ROUND_SECONDS = 2.0
TIDY_SECONDS = 60.0
DAMAGED = "damaged on disk before it was stored; send it again"
UNTOLD = "can't be used"
OUTCOMES = frozenset(COUNTS) - {"read", "redacted"}

Parts = dict[UUID, dict[UUID, list[Frame]]]
"""The frames of each person, by batch."""


@contextmanager
def scheduled() -> Iterator[None]:
    """Store for as long as the block runs."""
    with (
        repeating.repeated("intake", store_due, ROUND_SECONDS),
        repeating.repeated("old landing files", tidy, TIDY_SECONDS),
    ):
        yield


def store_due() -> None:
    """Store what has waited for long enough, or is a lot, except what other workers are storing. Raises
    LakeUnavailable, PartUnavailable."""
    try:
        while batches.oldest_waiting() is not None and sum(map(_store_due, lanes.lanes())):
            pass
    except NotIngested as error:
        logger.warning("%s What waits is stored in the next round.", error)


def _store_due(lane: Lane) -> bool:
    """Whether there was something to store. Of each lane only some, so that none has to wait for the others' end."""
    if not lane.is_due():
        return False
    try:
        with lane.held(0):
            if not lane.is_due():  # another worker has just stored it
                return False
            store_some(lane)
    except Timeout:
        return False
    return True


def store_all(seconds: float) -> None:
    """Store everything that waits now. Waits so long for another worker that stores; raises filelock.Timeout."""
    until = clock.now_utc()
    while busy := [lane for lane in lanes.lanes() if lane.waiting(until)]:
        with busy[0].held(seconds):
            store_some(busy[0])
    tidy()


def store_some(lane: Lane) -> None:
    """Store the oldest that waits in a lane, which the caller holds. Raises LakeUnavailable, PartUnavailable,
    NotIngested.

    If that fails for another reason, each body is tried alone: one that fails then waits until the worker starts again.
    """
    bodies = lane.waiting()
    try:
        _store_bodies(bodies, lane)
    except (OpenBookError, OSError):
        raise
    except Exception as error:
        if explained(error) is not None:
            raise
        log_unexpected(error)
        for body in bodies:
            try:
                _store_bodies([body], lane)
            except OpenBookError:
                raise
            except Exception as alone:
                log_unexpected(alone)
                logger.error("batch %s can't be stored; it waits, and the others are stored", body.id)
                lanes.failing.add(body.id)


def _store_bodies(bodies: Sequence[IntakeBatchRow], lane: Lane) -> None:
    with ExitStack() as files:
        found: dict[UUID, BinaryIO] = {}
        outcomes = {body.id: Outcomes() for body in bodies}
        for body in bodies:
            with using(NAME, OSError), suppress(FileNotFoundError):
                found[body.id] = files.enter_context(landing.file_of(body.id).open())
        cut = _store([body for body in bodies if body.id in found], found, outcomes, lane)
    for batch in _note(bodies, found.keys(), outcomes, cut, lane):
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


def _store(
    bodies: Sequence[IntakeBatchRow], files: dict[UUID, BinaryIO], outcomes: dict[UUID, Outcomes], lane: Lane
) -> Counter[UUID]:
    """Store what they have of people of the lane of whom something waits; returns how many records of each body are
    missing in its file."""
    parts: Parts = defaultdict(dict)
    cut: Counter[UUID] = Counter()
    for body in bodies:
        mine = lane.slots & slots_of(body)
        cut[body.id] = body.landed
        for frame in landing.frames_of(files[body.id]):
            cut[body.id] -= frame.records
            if slot_of(frame.subject) in mine:
                parts[frame.subject].setdefault(body.id, []).append(frame)
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
            all_known = [one.batch.batch for one in stored if one.batch.already_known and not one.batch.stored]
            by_others = _in_lake(all_known) if all_known else {}  # while their people were moved
            for (batch, _), summary in zip(prepared, stored, strict=True):
                _add(outcomes[batch], summary, by_others.get(summary.batch.batch))
    return cut


def _leave_out_stored(parts: Parts, outcomes: dict[UUID, Outcomes]) -> None:
    """What a worker stored that was killed before it noted the counts."""
    ids = {_id(batch, subject): (batch, subject) for subject, by_batch in parts.items() for batch in by_batch}
    for key, counts in _in_lake(ids).items():
        batch, subject = ids[key]
        outcomes[batch].counts.update({name: counts[name] for name in OUTCOMES})
        if counts["quarantined"]:
            outcomes[batch].reasons[UNTOLD] += counts["quarantined"]
        del parts[subject][batch]


def _in_lake(ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """The counts of those of these batches of the lake of which it has something."""
    return answering(lambda cursor: counts_of_batches(cursor, list(ids)))


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


def _add(outcomes: Outcomes, summary: Summary, by_others: Mapping[str, int] | None) -> None:
    counts = asdict(summary.batch) if by_others is None else by_others
    outcomes.counts.update({name: counts[name] for name in OUTCOMES})
    outcomes.reasons.update(summary.reasons)
    outcomes.lines += [(one.line, one.reason) for one in summary.quarantined]


def _note(
    bodies: Sequence[IntakeBatchRow],
    found: Collection[UUID],
    outcomes: dict[UUID, Outcomes],
    cut: Counter[UUID],
    lane: Lane,
) -> list[UUID]:
    """Those of which nothing waits any more."""
    settled: list[UUID] = []
    with writing() as session:
        for body in bodies:
            row = session.get(IntakeBatchRow, body.id)
            if row is None or row.state != WAITING:
                continue
            left, mine = slots_of(row), lane.slots & slots_of(body)
            if row.id not in found:
                logger.error("the landing file of batch %s is missing: its sender is told", row.id)
                row.state, row.slots, row.settled_at = LOST, [], clock.now_utc()
            elif mine <= left:  # otherwise another worker noted some of it, to whose lane people were moved
                row.slots = sorted(left - mine)
                new = outcomes[row.id]
                if not row.slots:
                    row.state, row.settled_at = STORED, clock.now_utc()
                    settled.append(row.id)
                    if cut[row.id]:
                        new.add_reason(DAMAGED, cut[row.id])
                row.counts = dict(Counter(row.counts) + new.counts)
                row.reasons = dict(Counter(row.reasons) + new.reasons)
                row.lines = sorted([*map(list, row.lines), *map(list, new.lines)])[:SHOWN_LINES]
    return settled


def _id(batch: UUID, subject: UUID) -> UUID:
    """Of what the lake has of one person from one body."""
    return uuid5(batch, subject.hex)


def _records(frames: Sequence[Frame]) -> int:
    return sum(frame.records for frame in frames)
