"""Ingests recordings: read, scan, seal, store.

    1. Each person's items are read to their end. Nothing is stored before that.
    2. A record from the future is quarantined. A record that no policy allows, or whose retention is already over, is
       counted and dropped (`lake.ingest.refusals`).
    3. All text goes through the safeguards together, then each record is sealed under the person's key.
    4. One transaction stores, for everybody who was read, what is new to the lake and not covered by an erasure.

Every record read is counted exactly once. A capture's id is a keyed hash of its source record and of the number of
equal ones before it in the same source. So equal records stay separate (unless the format says that they are copies),
and the same source adds nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import chain, zip_longest
from typing import Self
from uuid import UUID, uuid4

import pyarrow as pa
from duckdb import DuckDBPyConnection

from collecting import seldom_collecting
from directory import Directory, Employee, UnknownEmployee
from directory.consenting import Consents
from directory.keys import INGESTION, Job, KeyRing, Why
from directory.pausing import Pauses
from errors import OpenBookError
from lake.connectors import CONNECTORS, Connector, InvalidSource, Quarantined, Relative
from lake.ingest.picturing import with_picture
from lake.ingest.reading import Admission, Item, Progress, Reading, read_items, safe_of
from lake.ingest.revisions import store_versions
from lake.ingest.rows import Rows
from lake.rules.notices import Notice, read_notices
from lake.rules.policies import Policy, read_policies
from lake.safeguards.personal import PEOPLE, finder
from lake.spools.tables import Tables, gathered
from lake.storage.connection import each_shard, has_catalog, reader_once, writer
from lake.storage.objects import pictures
from lake.storage.store import (
    ARROW_SCHEMA,
    NAMES_SCHEMA,
    Batch,
    Others,
    Refused,
    store_mentions,
    store_parts,
)

Choices = tuple[Pauses, Consents]
CHANGED = "Policies, keys, pauses or consents changed meanwhile."
SOME_STORED = "The records of some people were stored, and will count as known already."


class NotIngested(OpenBookError):
    """The recording was refused; nothing was changed. The message says why and what to do."""


@dataclass(frozen=True)
class Summary:
    """The outcome of one person's records: `batch` has the counts, the rest their breakdown.

    `redactions`: redactions by kind, in everything that could be stored; `outside_policy`: records by
    (application, signal); `reasons`: quarantined records by reason; `quarantined`: the first of them.
    """

    batch: Batch
    redactions: Counter[str]
    outside_policy: Counter[tuple[str, str]]
    reasons: Counter[str]
    quarantined: list[Quarantined]


@dataclass(frozen=True)
class Prepared:
    """One person's records, sealed and ready to store; `content_key` is what they are sealed under."""

    summary: Summary
    rows: Tables
    refused: Tables
    names: pa.Table
    """Of the applications of what was refused."""
    content_key: bytes
    job: Job
    choices: Choices
    """What the person had decided when it was prepared."""
    refused_versions: pa.Table
    """Of things that the lake may have in an older version (`lake.ingest.revisions`)."""
    drafts: list[str]
    """Pictures that get their names when the rows are stored."""


class Ingestion:
    """Prepares the records of any number of people under the rules in force, then stores them in one transaction.

    A context manager. Raises NotIngested if there is no policy yet, unless `without_policy`: then nothing is allowed.
    """

    def __init__(self, progress: Progress | None = None, *, without_policy: bool = False) -> None:
        self._rules = _rules_of_the_lake() if without_policy else require_rules()
        self.admission = Admission(*self._rules)
        self._report = progress or (lambda _stage, _done, _total: None)
        self._keys = KeyRing()
        self._drafts: list[str] = []
        self._personal = cache(finder)
        """Names are read from the directory once, when the first policy asks for it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pictures.discard(self._drafts)

    def prepare(self, employee: Employee, source: str, items: Iterable[Item], *, copies: bool) -> Prepared:
        """Read one person's items from a source named `source`. `copies`: two equal records are copies of one.

        Raises NotIngested, and what `items` raises.
        """
        return self.prepare_together(employee, source, {uuid4(): items}, copies=copies)[0]

    def prepare_together(
        self,
        employee: Employee,
        source: str,
        items: Mapping[UUID, Iterable[Item]],
        *,
        copies: bool,
        job: Job | None = None,
    ) -> list[Prepared]:
        """The same for several batches by their ids, in the order of `items`: their text is examined together.

        `job`: what the person's access log has this as; None: an entry of its own. Raises as `prepare`.
        """
        require_capture_allowed(employee)
        with seldom_collecting():
            return self._prepare(employee, source, items, copies, job)

    def _prepare(
        self, employee: Employee, source: str, items: Mapping[UUID, Iterable[Item]], copies: bool, job: Job | None
    ) -> list[Prepared]:
        choices = choices_of(employee.subject)
        readings = {
            batch: read_items(some, self.admission, *choices, copies=copies, progress=self._report)
            for batch, some in items.items()
        }
        total = sum(reading.read for reading in readings.values())
        reader = job or Job(next(iter(readings)), INGESTION, Why.INGESTION, "records", rows=total)
        content_key = self._keys.create_content_key(employee.subject, reader)
        rows = {
            batch: Rows(batch_of(batch, employee, source, reading), content_key) for batch, reading in readings.items()
        }
        allowed = sum(reading.allowed for reading in readings.values())
        for count, (batch, record, ordinal, policy, safe) in enumerate(safe_of(readings, self._personal), start=1):
            personal = self._personal if PEOPLE in policy.safeguards else None
            pictured = with_picture(record, ordinal, safe, rows[batch], self.admission, choices[1], personal)
            if record.picture:
                self._drafts += rows[batch].drafts[-1:]
            if isinstance(pictured, str):
                readings[batch].refuse_picture(record, ordinal, pictured)
            else:
                rows[batch].add(pictured[0], ordinal, policy, pictured[1])
            if count % 1000 == 0:
                self._report("Examining", count, allowed)
        return [
            Prepared(
                _summary(batch_of(batch, employee, source, reading), rows[batch], reading),
                rows[batch].tables(),
                *reading.refusals.tables(employee.subject, content_key, reading.ordinals),
                content_key,
                reader,
                choices,
                rows[batch].versions(reading.refused_versions()),
                rows[batch].drafts,
            )
            for batch, reading in readings.items()
        ]

    def store(
        self, prepared: Iterable[Prepared], *, versions_of: str = "", others: Others | None = None
    ) -> list[Summary]:
        """Store all of it or nothing; in a lake that is divided, all or nothing of each shard.

        `versions_of`: the source, if newer versions of its records replace older ones; then `others` says whom else
        they concern.

        Raises NotIngested if policies or keys have changed since it was prepared.
        """
        people = list(prepared)
        self._report("Storing", 0, None)
        done: dict[UUID, Batch] = {}
        for connection, here in each_shard({each.summary.batch.subject for each in people}):
            some = [each for each in people if each.summary.batch.subject in here]
            if not self._are_unchanged(connection, some):
                raise NotIngested(f"{CHANGED} {SOME_STORED if done else 'Nothing was changed.'} Run it again.")
            done |= {batch.batch: batch for batch in _stored(connection, some, versions_of, others)}
        if others is not None and others.mentions.num_rows:
            with writer() as connection:
                store_mentions(connection, others.mentions)
        return [replace(each.summary, batch=done[each.summary.batch.batch]) for each in people]

    def _are_unchanged(self, connection: DuckDBPyConnection, people: list[Prepared]) -> bool:
        keys = {(each.summary.batch.subject, each.content_key, each.choices): each for each in people}.values()
        return _read_rules(connection) == self._rules and all(map(self._unchanged, keys))

    def _unchanged(self, prepared: Prepared) -> bool:
        subject = prepared.summary.batch.subject
        if choices_of(subject) != prepared.choices:
            return False
        return self._keys.content_key(subject, prepared.job) == prepared.content_key


def _stored(
    connection: DuckDBPyConnection, people: list[Prepared], versions_of: str, others: Others | None
) -> list[Batch]:
    """All of these people, who are in one shard, or nothing."""
    batches = [each.summary.batch for each in people]
    with pictures.storing():
        settled = pictures.settle(draft for each in people for draft in each.drafts)
        if versions_of:
            content_keys = {each.summary.batch.subject: each.content_key for each in people}
            key_of = content_keys.__getitem__
            rows, refused = zip(*_parts(people), strict=True)
            versions = pa.concat_tables(each.refused_versions for each in people)
            come_in = pa.concat_tables(rows), versions, Refused.of(refused)
            batches = store_versions(connection, batches, *come_in, versions_of, key_of, others)
        else:
            batches = store_parts(connection, batches, _parts(people))
        pictures.delete_without_row(connection, settled)
    return batches


def _parts(people: list[Prepared]) -> Iterator[tuple[pa.Table, Refused]]:
    """Rows and refused records of all of them, as many at once as fit into memory."""
    names = pa.concat_tables([NAMES_SCHEMA.empty_table(), *(each.names for each in people)])
    all_rows = gathered(chain.from_iterable(each.rows for each in people))
    all_refused = gathered(chain.from_iterable(each.refused for each in people))
    for rows, refused in zip_longest(all_rows, all_refused):
        yield ARROW_SCHEMA.empty_table() if rows is None else rows, Refused(refused, names) if refused else Refused()


def ingest(
    name: str, location: str, email: str, progress: Progress | None = None, *, start: datetime | None = None
) -> Summary:
    """Ingest a recording in format `name` from a path or URL for the employee with that e-mail address. `start`: when
    it began, if its times count from there.

    Raises NotIngested, InvalidSource, directory.UnknownEmployee; then nothing is stored.
    """
    connector = connector_of(name, start)
    employee = employee_of(email)
    with Ingestion(progress) as ingestion:
        source = f"{connector.name}/{connector.version}"
        prepared = ingestion.prepare(employee, source, connector.read(location), copies=connector.copies)
        return ingestion.store([prepared])[0]


def connector_of(name: str, start: datetime | None = None) -> Connector:
    """`start` as of `ingest`. Raises NotIngested."""
    connector = CONNECTORS.get(name)
    if connector is None:
        raise NotIngested(f"Unknown format {name!r}; known: {', '.join(CONNECTORS)}. Nothing was changed.")
    if start is None:
        return connector
    if not isinstance(connector, Relative):
        raise NotIngested(
            f"Recordings of the format {name} say when they were made. Nothing was changed. Leave out the start."
        )
    return replace(connector, start=start)


def batch_of(batch: UUID, employee: Employee, source: str, reading: Reading) -> Batch:
    return Batch(
        batch=batch,
        subject=employee.subject,
        source=source,
        read=reading.read,
        outside_policy=reading.outside_policy.total(),
        past_retention=reading.past_retention,
        kept_out=reading.kept_out,
        quarantined=reading.reasons.total(),
    )


def _summary(batch: Batch, rows: Rows, reading: Reading) -> Summary:
    return Summary(batch, rows.redactions, reading.outside_policy, reading.reasons, reading.quarantined)


def employee_of(email: str) -> Employee:
    with Directory.open() as directory:
        try:
            return directory.by_email(email)
        except UnknownEmployee as error:
            raise UnknownEmployee(f"{error} Nothing was changed.") from error


def require_capture_allowed(employee: Employee) -> None:
    """Raises NotIngested."""
    with Directory.open() as directory:
        in_question = directory.is_about(employee.subject)
    if in_question:
        raise NotIngested(
            f"{employee.email} has another sub in the HR system's file, so it isn't certain who it is. "
            "Nothing was changed. Run it again after a privacy officer has decided."
        )
    if not employee.active:
        raise NotIngested(
            f"{employee.email} has left, and nothing may be captured about former employees. Nothing was changed."
        )


def choices_of(subject: UUID) -> Choices:
    with Directory.open() as directory:
        return directory.pauses_of(subject), directory.consents_of(subject)


Rules = tuple[list[Policy], list[Notice]]


def require_rules() -> Rules:
    """The policies and notices in force. Raises NotIngested if there is no policy."""
    if not (rules := _rules_of_the_lake())[0]:
        raise NotIngested(
            "There is no capture policy yet, so nothing may be stored. Nothing was changed."
            " Add one with `python -m lake policy apply FILE`."
        )
    return rules


def _rules_of_the_lake() -> Rules:
    """Empty if there is no lake yet; an unreadable lake raises LakeUnavailable."""
    if not has_catalog():
        return [], []
    with reader_once() as connection:
        return _read_rules(connection)


def _read_rules(connection: DuckDBPyConnection) -> Rules:
    return read_policies(connection), read_notices(connection)


__all__ = ["Ingestion", "InvalidSource", "NotIngested", "Prepared", "Progress", "Summary", "ingest"]
