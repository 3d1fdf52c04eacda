"""Stores captures: rows and their rollup in one transaction, never twice.

A row is stored unless the lake already has its `capture_id`, or a tombstone covers it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from uuid import UUID

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
from lake.slices import joined, redacted, slices_of
from lake.spools.tables import Current
from lake.statements import statement
from lake.storage.connection import transaction

ARROW_SCHEMA = pa.schema(
    [
        ("capture_id", pa.binary(16)),
        ("subject", pa.binary(16)),
        ("captured_at", pa.timestamp("us")),
        ("signal", pa.string()),
        ("application", pa.string()),
        ("x", pa.int32()),
        ("y", pa.int32()),
        ("session", pa.binary(16)),
        ("source", pa.string()),
        ("batch", pa.binary(16)),
        ("policy", pa.string()),
        ("retained_until", pa.date32()),
        ("redactions", pa.map_(pa.string(), pa.uint32())),
        ("sealed", pa.binary()),
    ]
)
"""Schema of the rows passed to `store`; UUIDs as their 16 bytes, times naive UTC."""
REFUSED_SCHEMA = pa.schema(
    [
        ("refusal", pa.binary(16)),
        ("subject", pa.binary(16)),
        ("captured_at", pa.timestamp("us")),
        ("signal", pa.string()),
        ("application", pa.string()),
        ("reason", pa.string()),
        ("name", pa.binary(16)),
    ]
)
"""Schema of refused records; `application` is only compared with the scopes of erasures, never stored."""
NAMES_SCHEMA = pa.schema([("subject", pa.binary(16)), ("name", pa.binary(16)), ("sealed", pa.binary())])
"""Schema of the sealed names of the applications of refused records."""
INDIRECT_SCHEMA = pa.schema(
    [("subject", pa.binary(16)), ("capture_id", pa.binary(16)), ("owner", pa.binary(16)), ("role", pa.string())]
)
"""Schema of what concerns others: whom, the record, whose that is (which isn't stored), and how."""
MENTIONS_SCHEMA = pa.schema(
    [
        ("mention", pa.binary(16)),
        ("subject", pa.binary(16)),
        ("starts_at", pa.timestamp("us")),
        ("signal", pa.string()),
        ("application", pa.string()),
        ("role", pa.string()),
        ("retained_until", pa.date32()),
    ]
)
"""Schema of mentions."""


PLACED = pa.field("place", pa.int64())
PLACED_SCHEMA = pa.schema(
    [*(ARROW_SCHEMA.field(name) for name in ("capture_id", "subject", "captured_at", "signal", "application")), PLACED]
)
"""What says whether a row is known or erased, and where it is among those that come in."""
OF_A_PART = {
    "incoming": PLACED_SCHEMA,
    "incoming_refused": REFUSED_SCHEMA,
    "incoming_names": NAMES_SCHEMA,
    "new_captures": ARROW_SCHEMA,
}
"""Tables as statements see them."""


@dataclass(frozen=True)
class Refused:
    """Refused records (`REFUSED_SCHEMA`) and the names of their applications (`NAMES_SCHEMA`)."""

    records: pa.Table = field(default_factory=REFUSED_SCHEMA.empty_table)
    names: pa.Table = field(default_factory=NAMES_SCHEMA.empty_table)

    @classmethod
    def of(cls, several: Iterable[Refused]) -> Refused:
        all_of_them = [cls(), *several]
        return cls(
            pa.concat_tables(each.records for each in all_of_them), pa.concat_tables(each.names for each in all_of_them)
        )


@dataclass(frozen=True)
class Others:
    """Whom else records concern: which records (`INDIRECT_SCHEMA`), and what these people see (`MENTIONS_SCHEMA`)."""

    records: pa.Table
    mentions: pa.Table


@dataclass(frozen=True)
class Batch:
    """One ingestion for one subject, with the outcome of every record read: the counts add up to `read`
    (`redacted` is a part of `stored`)."""

    batch: UUID
    subject: UUID
    source: str
    read: int = 0
    stored: int = 0
    redacted: int = 0
    outside_policy: int = 0
    past_retention: int = 0
    already_known: int = 0
    erased_before: int = 0
    quarantined: int = 0
    kept_out: int = 0
    """In a pause, before the person was told, or without their consent."""


@dataclass
class _Counts:
    """What became of the rows of one batch."""

    stored: int = 0
    redacted: int = 0
    already_known: int = 0
    erased_before: int = 0


@dataclass
class _Outcome:
    """Of the parts stored so far."""

    counts: defaultdict[UUID, _Counts] = field(default_factory=lambda: defaultdict(_Counts))
    """By batch."""
    slices: list[pa.Table] = field(default_factory=list)
    refused: bool = False
    """Whether any refused record was new."""

    @property
    def stored(self) -> bool:
        return any(of_batch.stored for of_batch in self.counts.values())


COUNTS = [each.name for each in fields(Batch) if each.type == "int"]


def store(connection: DuckDBPyConnection, batch: Batch, rows: pa.Table) -> Batch:
    """Store one batch's rows (`ARROW_SCHEMA`, all of `batch.subject`), all or nothing.

    Returns the batch with `stored`, `redacted`, `already_known` and `erased_before` filled in. A batch that stores
    nothing new leaves no trace but the records that it refused.
    """
    return store_many(connection, [batch], rows)[0]


def store_many(
    connection: DuckDBPyConnection,
    batches: Sequence[Batch],
    rows: pa.Table,
    refused: Refused | None = None,
    before: Callable[[DuckDBPyConnection], None] | None = None,
    others: Others | None = None,
) -> list[Batch]:
    """Store the rows of several batches, of any subjects, in one transaction, which begins with `before`; otherwise
    like `store`. A refused record is counted once, however often it is sent, and no longer once it is stored.

    `others`: whom else the records concern, also those that the lake has already; what these people see is stored by
    `store_mentions`.
    """
    return store_parts(connection, batches, [(rows, refused or Refused())], before, others)


def store_parts(
    connection: DuckDBPyConnection,
    batches: Sequence[Batch],
    parts: Iterable[tuple[pa.Table, Refused]],
    before: Callable[[DuckDBPyConnection], None] | None = None,
    others: Others | None = None,
) -> list[Batch]:
    """The same of what is too much for memory: one part after the other, in one transaction."""
    outcome = _Outcome()
    now = {name: Current(schema) for name, schema in OF_A_PART.items()}
    with transaction(connection):  # from the first statement: each outside of it reads the catalog anew
        try:
            for name, current in now.items():
                connection.register(name, current)
            for rows, refused in parts:
                now["incoming"].table = _with_places(rows)
                now["incoming_refused"].table, now["incoming_names"].table = refused.records, refused.names
                _store_part(connection, rows, refused.records, now["new_captures"], outcome, before)
                before = None
            done = [replace(batch, **asdict(outcome.counts[batch.batch])) for batch in batches]
            if outcome.stored:
                _append_sums(connection, done, outcome)
            if others is not None:
                connection.register("incoming_indirect", others.records)
                _append_about_others(connection, "indirect")
        finally:
            for name in (*now, "new_slices", "done", "incoming_indirect"):
                connection.unregister(name)
    return done


def _store_part(
    connection: DuckDBPyConnection,
    rows: pa.Table,
    refused: pa.Table,
    new_captures: Current,
    outcome: _Outcome,
    before: Callable[[DuckDBPyConnection], None] | None,
) -> None:
    any_refused = _remember(connection, rows, refused, outcome)
    new = _new_rows(connection, rows, outcome.counts)
    newly_refused = refused.num_rows > 0 and _sort_refused(connection)
    new_captures.table = new
    if before:
        before(connection)
    _append(connection, new.num_rows > 0, any_refused, newly_refused)
    for name in ("known_captures", "known_refused", "new_refused"):
        connection.execute(f"drop table if exists temp.{name}")
    outcome.refused |= newly_refused
    outcome.slices.append(slices_of(new))


def store_mentions(connection: DuckDBPyConnection, mentions: pa.Table) -> None:
    """What people see of records of others (`MENTIONS_SCHEMA`), also of records that were refused: each once, all or
    nothing."""
    if not mentions.num_rows:
        return
    with transaction(connection):
        connection.register("incoming_mentions", mentions)
        try:
            _append_about_others(connection, "mentions")
        finally:
            connection.unregister("incoming_mentions")


def _remember(connection: DuckDBPyConnection, rows: pa.Table, refused: pa.Table, outcome: _Outcome) -> bool:
    """Which ids the lake has, of the people and times that come in; returns whether it has any refused records.
    `outcome`: of what this transaction has stored."""
    connection.execute("create or replace temp table known_captures (capture_id uuid)")
    connection.execute("create or replace temp table known_refused (refusal uuid)")
    [(any_captures, any_refused)] = connection.execute(statement("anything_known")).fetchall()
    any_captures, any_refused = any_captures or outcome.stored, any_refused or outcome.refused
    for subject, first_at, last_at in _spans(rows, refused) if any_captures or any_refused else ():
        span = {"subject": subject, "first_at": first_at, "last_at": last_at}
        if any_captures:
            connection.execute(statement("find_known"), span)
        if any_refused:
            connection.execute(statement("find_refused"), span)
    return bool(any_refused)


def _sort_refused(connection: DuckDBPyConnection) -> bool:
    """Whether any of the refused records is new."""
    connection.execute(statement("sort_refused"))
    [(newly_refused,)] = connection.execute("select count(*) from new_refused").fetchall()
    return bool(newly_refused)


def _with_places(rows: pa.Table) -> pa.Table:
    """What `_new_rows` asks about them, numbered in the column `place`."""
    return rows.select(PLACED_SCHEMA.names[:-1]).append_column(PLACED, pa.array(np.arange(rows.num_rows)))


def _new_rows(connection: DuckDBPyConnection, rows: pa.Table, counts: defaultdict[UUID, _Counts]) -> pa.Table:
    """Those that are neither known nor erased, each once; adds what became of all to the counts. `rows` are registered
    as `incoming`, and the known ids of their people and times are in `known_captures`."""
    fates = connection.execute(statement("sort_incoming")).to_arrow_table()
    new = rows
    if fates.num_rows:
        is_new = np.ones(rows.num_rows, bool)
        is_new[fates["place"].to_numpy()] = False
        new = rows.filter(pa.array(is_new))
        batches = rows["batch"].take(fates["place"]).to_pylist()
        for batch, is_erased in zip(batches, fates["is_erased"].to_pylist(), strict=True):
            of_batch = counts[UUID(bytes=batch)]
            of_batch.erased_before += is_erased
            of_batch.already_known += not is_erased
    by_batch = pa.table({"batch": new["batch"], "redacted": redacted(new)}).group_by("batch")
    for row in by_batch.aggregate([([], "count_all"), ("redacted", "sum")]).to_pylist():
        of_batch = counts[UUID(bytes=row["batch"])]
        of_batch.stored += row["count_all"]
        of_batch.redacted += row["redacted_sum"]
    return new


def _spans(rows: pa.Table, refused: pa.Table) -> list[tuple[UUID, datetime | None, datetime | None]]:
    """The time span of the incoming rows, by subject, also of refused ones; None if no time is known."""
    both = pa.concat_tables(table.select(["subject", "captured_at"]) for table in (rows, refused))
    spans = both.group_by("subject").aggregate([("captured_at", "min"), ("captured_at", "max")]).to_pylist()
    return [(UUID(bytes=span["subject"]), span["captured_at_min"], span["captured_at_max"]) for span in spans]


def _append(connection: DuckDBPyConnection, stored: bool, any_refused: bool, refused: bool) -> None:
    if stored:
        connection.execute(statement("append_captures"))
    if stored and any_refused:
        [(refused_before,)] = connection.execute(statement("count_stored_refused")).fetchall()
        if refused_before:
            connection.execute(statement("forget_stored_refused"))
    if refused:
        connection.execute(statement("append_refused_names"))
        connection.execute(statement("append_refused"))


def _append_sums(connection: DuckDBPyConnection, done: Sequence[Batch], outcome: _Outcome) -> None:
    connection.register("new_slices", joined(outcome.slices))
    connection.register("done", _batch_table([batch for batch in done if batch.stored]))
    connection.execute(statement("append_slices"))
    connection.execute(statement("append_batches"), {"now": clock.now_utc()})


def _append_about_others(connection: DuckDBPyConnection, what: str) -> None:
    connection.execute(statement(f"choose_{what}"))
    [(new,)] = connection.table(f"temp.new_{what}").aggregate("count(*)").fetchall()
    if new:
        connection.execute(statement(f"append_{what}"))
    connection.execute(f"drop table temp.new_{what}")


def counts_of_batches(connection: DuckDBPyConnection, batches: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The counts of those of these batches that stored something. Works on a reader."""
    found = connection.execute(statement("counts_of_batches"), {"batches": list(batches)}).fetchall()
    return {batch: dict(zip(COUNTS, counts, strict=True)) for batch, *counts in found}


def _batch_table(batches: Sequence[Batch]) -> pa.Table:
    rows = [asdict(batch) for batch in batches]
    return pa.Table.from_pylist(
        [{**row, "batch": row["batch"].bytes, "subject": row["subject"].bytes} for row in rows],
        schema=pa.schema(
            [("batch", pa.binary(16)), ("subject", pa.binary(16)), ("source", pa.string())]
            + [(name, pa.int64()) for name in COUNTS]
        ),
    )
