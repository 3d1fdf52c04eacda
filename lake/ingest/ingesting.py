"""Ingests one recording for one person: read, scan, seal, store.

    1. The connector reads the whole source. Nothing is stored before it was read to its end.
    2. A record from the future is quarantined. A record that no policy allows, or whose retention is already over, is
       counted and dropped.
    3. All text goes through the safeguards together, then each record is sealed under the person's key.
    4. One transaction stores what is new to the lake and not covered by an erasure.

Every record read is counted exactly once. A capture's id is a keyed hash of its source record and of the number of
equal ones before it in the same source. So equal records stay separate (unless the format says that they are copies),
and the same source adds nothing twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa

import clock
from directory import Directory, Employee, UnknownEmployee
from directory.keys import Job, KeyRing, Why, derive
from directory.sealing import Sealer
from errors import OpenBookError
from lake.connectors import CONNECTORS, Connector, InvalidSource, LeftOut, Quarantined, Record
from lake.rules.policies import Policy, policy_for, read_policies
from lake.rules.scope import CLOCK_TOLERANCE
from lake.safeguards.redaction import Safeguarded, safeguarded
from lake.storage.connection import has_catalog, reader, writer
from lake.storage.connection import reading as reading_lake
from lake.storage.store import ARROW_SCHEMA, Batch, store

CHUNK_ROWS = 50_000
SHOWN_QUARANTINED = 100
INGESTION = "ingestion"
"""Its role in the access log."""

Progress = Callable[[str, int, int | None], None]
"""Called with the current activity, the number of records done, and the total (None: unknown)."""


class NotIngested(OpenBookError):
    """The recording was refused; nothing was changed. The message says why and what to do."""


@dataclass(frozen=True)
class Summary:
    """The outcome of the records: `batch` has the counts, the rest their breakdown.

    `redactions`: redactions by kind, in everything that could be stored; `outside_policy`: records by
    (application, signal); `reasons`: quarantined records by reason; `quarantined`: the first of them.
    """

    batch: Batch
    redactions: Counter[str]
    outside_policy: Counter[tuple[str, str]]
    reasons: Counter[str]
    quarantined: list[Quarantined]


@dataclass
class _Reading:
    """All records of a source that a policy allows, and the counts of the others."""

    read: int = 0
    plain: list[tuple[Record, int, Policy]] = field(default_factory=list)
    examined: list[tuple[Record, int, Policy | None]] = field(default_factory=list)
    outside_policy: Counter[tuple[str, str]] = field(default_factory=Counter)
    past_retention: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    quarantined: list[Quarantined] = field(default_factory=list)

    def quarantine(self, item: Quarantined) -> None:
        self.reasons[item.reason] += 1
        if len(self.quarantined) < SHOWN_QUARANTINED:
            self.quarantined.append(item)


def ingest(name: str, location: str, email: str, progress: Progress | None = None) -> Summary:
    """Ingest a recording in format `name` from a path or URL for the employee with that e-mail address.

    Raises NotIngested, InvalidSource, directory.UnknownEmployee; then nothing is stored.
    """
    connector = CONNECTORS.get(name)
    if connector is None:
        raise NotIngested(f"Unknown format {name!r}; known: {', '.join(CONNECTORS)}. Nothing was changed.")
    employee = _employee(email)
    policies = _policies()
    report = progress or (lambda _stage, _done, _total: None)
    reading = _read(connector, location, policies, report)
    keys = KeyRing()
    try:
        batch_id = uuid4()
        job = Job(batch_id, INGESTION, Why.INGESTION, "records", rows=reading.read)
        content_key = keys.create_content_key(employee.subject, job)
        batch = Batch(
            batch=batch_id,
            subject=employee.subject,
            source=f"{connector.name}/{connector.version}",
            read=reading.read,
            outside_policy=reading.outside_policy.total(),
            past_retention=reading.past_retention,
            quarantined=reading.reasons.total(),
        )
        rows = _Rows(batch, content_key)
        for count, (record, ordinal, policy, safe) in enumerate(_safe(reading), start=1):
            rows.add(record, ordinal, policy, safe)
            if count % 1000 == 0:
                report("Examining", count, len(reading.plain) + len(reading.examined))
        report("Storing", 0, None)
        with writer() as connection:
            if read_policies(connection) != policies or keys.content_key(employee.subject, job) != content_key:
                raise NotIngested("Policies or keys changed during ingestion. Nothing was changed. Run it again.")
            batch = store(connection, batch, rows.table())
    finally:
        keys.close()
    return Summary(batch, rows.redactions, reading.outside_policy, reading.reasons, reading.quarantined)


def _employee(email: str) -> Employee:
    with Directory.open() as directory:
        try:
            employee = directory.by_email(email)
        except UnknownEmployee as error:
            raise UnknownEmployee(f"{error} Nothing was changed.") from error
        in_question = directory.is_about(employee.subject)
    if in_question:
        raise NotIngested(
            f"{email} has another sub in the HR system's file, so it isn't certain who it is. Nothing was changed. Run "
            "it again after a privacy officer has decided."
        )
    if not employee.active:
        raise NotIngested(f"{email} has left, and nothing may be captured about former employees. Nothing was changed.")
    return employee


def _policies() -> list[Policy]:
    if not (policies := _policies_of_the_lake()):
        raise NotIngested(
            "There is no capture policy yet, so nothing may be stored. Nothing was changed."
            " Add one with `python -m lake policy apply FILE`."
        )
    return policies


def _policies_of_the_lake() -> list[Policy]:
    """Empty if there is no lake yet; an unreadable lake raises LakeUnavailable."""
    if not has_catalog():
        return []
    connection = reader()
    try:
        with reading_lake():
            return read_policies(connection)
    finally:
        connection.close()


def _read(connector: Connector, location: str, policies: list[Policy], report: Progress) -> _Reading:
    reading = _Reading()
    latest = clock.now_utc() + CLOCK_TOLERANCE
    today = clock.today()
    seen: Counter[bytes] = Counter()
    applying: dict[tuple[date, str, str], tuple[Policy | None, str]] = {}
    for item in connector.read(location):
        reading.read += 1
        if reading.read % 1000 == 0:
            report("Reading", reading.read, None)
        if isinstance(item, Quarantined):
            reading.quarantine(item)
            continue
        if isinstance(item, LeftOut):
            reading.outside_policy[item.application, item.what] += 1
            continue
        if item.captured_at > latest:
            reading.quarantine(Quarantined(item.line, "its time is in the future"))
            continue
        ordinal = 0 if connector.copies else seen[item.identity]
        seen[item.identity] += 1
        day = item.captured_at.date()
        key = (day, item.signal, item.application)
        if key not in applying:
            found = policy_for(policies, *key)
            applying[key] = found, (found and found.named(item.application)) or item.application
        policy, listed = applying[key]
        if listed != item.application:
            item = replace(item, application=listed)
        if policy is None:
            reading.outside_policy[item.application, item.signal] += 1
        elif policy.retained_until(day) < today:
            reading.past_retention += 1
            policy = None
        if item.content:
            reading.examined.append((item, ordinal, policy))
        elif policy is not None:
            reading.plain.append((item, ordinal, policy))
    report("Reading", reading.read, reading.read)
    return reading


def _safe(reading: _Reading) -> Iterator[tuple[Record, int, Policy, Safeguarded | None]]:
    """Every record that may be stored, with the content that may be stored (None if it has none)."""
    for record, ordinal, policy in reading.plain:
        yield record, ordinal, policy, None
    if not reading.examined:
        return
    records = [record for record, _, _ in reading.examined]
    safeguards = [policy.safeguards if policy else None for _, _, policy in reading.examined]
    for (record, ordinal, allowed), safe in zip(reading.examined, safeguarded(records, safeguards), strict=True):
        if allowed is not None:
            yield record, ordinal, allowed, safe


class _Rows:
    """The rows of one batch, as `ARROW_SCHEMA`."""

    def __init__(self, batch: Batch, content_key: bytes) -> None:
        self.redactions: Counter[str] = Counter()
        self._subject, self._source, self._batch = batch.subject.bytes, batch.source, batch.batch.bytes
        self._sealer = Sealer(content_key)
        self._capture_key = derive(content_key, "capture-id")
        self._session_key = derive(content_key, "session")
        self._sessions: dict[str, bytes] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._chunks: list[pa.RecordBatch] = []

    def add(self, record: Record, ordinal: int, policy: Policy, safe: Safeguarded | None) -> None:
        capture_id = _hash(self._capture_key, record.identity + ordinal.to_bytes(8, "big"))
        if record.session not in self._sessions:
            self._sessions[record.session] = _hash(self._session_key, record.session.encode("utf-8", "replace"))
        if safe is not None:
            self.redactions.update(safe.redactions)
        self._rows.append(
            (
                capture_id,
                self._subject,
                record.captured_at,
                record.signal,
                record.application,
                record.x,
                record.y,
                self._sessions[record.session],
                self._source,
                self._batch,
                policy.policy,
                policy.retained_until(record.captured_at.date()),
                sorted(safe.redactions.items()) if safe and safe.redactions else None,
                self._sealer.seal(UUID(bytes=capture_id), safe.content) if safe else None,
            )
        )
        if len(self._rows) == CHUNK_ROWS:
            self._close_chunk()

    def table(self) -> pa.Table:
        self._close_chunk()
        return pa.Table.from_batches(self._chunks, schema=ARROW_SCHEMA)

    def _close_chunk(self) -> None:
        columns: Iterable[Any] = zip(*self._rows, strict=True) if self._rows else [()] * len(ARROW_SCHEMA)
        arrays = [pa.array(column, type=kind.type) for column, kind in zip(columns, ARROW_SCHEMA, strict=True)]
        self._chunks.append(pa.RecordBatch.from_arrays(arrays, schema=ARROW_SCHEMA))
        self._rows = []


def _hash(key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(value, key=key, digest_size=16).digest()


__all__ = ["InvalidSource", "NotIngested", "Progress", "Summary", "ingest"]
