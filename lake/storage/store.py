"""Stores captures: rows and their daily rollup in one transaction, never twice.

A row is stored unless the lake already has its `capture_id`, or a tombstone covers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
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


def table_of(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Rows with their values in the order of the schema."""
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, type=kind.type) for column, kind in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


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

    `others`: whom else the records concern, also those that the lake has already or that were refused.
    """
    refused = refused or Refused()
    tables = {"incoming": rows}
    if refused.records.num_rows:
        tables |= {"incoming_refused": refused.records, "incoming_names": refused.names}
    if others is not None:
        tables |= {"incoming_indirect": others.records, "incoming_mentions": others.mentions}
    with transaction(connection):  # from the first statement: each outside of it reads the catalog anew
        try:
            for name, table in tables.items():
                connection.register(name, table)
            newly_refused = _sort(connection, {batch.subject for batch in batches}, rows, refused.records)
            counts = {batch: numbers for batch, *numbers in connection.execute(statement("count_incoming")).fetchall()}
            done = [_with_counts(batch, *counts.get(batch.batch, (0, 0, 0, 0))) for batch in batches]
            connection.register("done", _batch_table([batch for batch in done if batch.stored]))
            if before:
                before(connection)
            _append(connection, any(batch.stored for batch in done), newly_refused)
            if others is not None:
                for what in ("indirect", "mentions"):
                    _append_about_others(connection, what)
            for name in ("sorted_incoming", "known_captures", "known_refused", "new_refused"):
                connection.execute(f"drop table if exists temp.{name}")
        finally:
            for name in (*tables, "done"):
                connection.unregister(name)
    return done


def _sort(connection: DuckDBPyConnection, subjects: Iterable[UUID], rows: pa.Table, refused: pa.Table) -> bool:
    """Which of the incoming rows and refused records are new; returns whether any of the refused ones is."""
    connection.execute("create or replace temp table known_captures (capture_id uuid)")
    connection.execute("create or replace temp table known_refused (refusal uuid)")
    [(any_captures, any_refused)] = connection.execute(statement("anything_known")).fetchall()
    for subject, first_at, last_at in _spans(rows, refused) if any_captures else ():
        span = {"subject": subject, "first_at": first_at, "last_at": last_at}
        connection.execute(statement("find_known"), span)
    for subject in subjects if any_refused else ():
        connection.execute(statement("find_refused"), {"subject": subject})
    connection.execute(statement("sort_incoming"))
    if not refused.num_rows:
        return False
    connection.execute(statement("sort_refused"))
    [(newly_refused,)] = connection.execute("select count(*) from new_refused").fetchall()
    return bool(newly_refused)


def _spans(rows: pa.Table, refused: pa.Table) -> list[tuple[UUID, datetime, datetime]]:
    """The time span of the incoming rows, by subject, also of refused ones."""
    both = pa.concat_tables(table.select(["subject", "captured_at"]) for table in (rows, refused))
    spans = both.group_by("subject").aggregate([("captured_at", "min"), ("captured_at", "max")]).to_pylist()
    return [
        (UUID(bytes=span["subject"]), span["captured_at_min"], span["captured_at_max"])
        for span in spans
        if span["captured_at_min"] is not None
    ]


def _append(connection: DuckDBPyConnection, stored: bool, refused: bool) -> None:
    if stored:
        connection.execute(statement("append_captures"))
        connection.execute(statement("append_slices"))
        connection.execute(statement("append_batches"), {"now": clock.now_utc()})
        [(refused_before,)] = connection.execute(statement("count_stored_refused")).fetchall()
        if refused_before:
            connection.execute(statement("forget_stored_refused"))
    if refused:
        connection.execute(statement("append_refused_names"))
        connection.execute(statement("append_refused"))


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


def _with_counts(batch: Batch, stored: int, redacted: int, already_known: int, erased_before: int) -> Batch:
    return replace(batch, stored=stored, redacted=redacted, already_known=already_known, erased_before=erased_before)


def _batch_table(batches: Sequence[Batch]) -> pa.Table:
    rows = [asdict(batch) for batch in batches]
    return pa.Table.from_pylist(
        [{**row, "batch": row["batch"].bytes, "subject": row["subject"].bytes} for row in rows],
        schema=pa.schema(
            [("batch", pa.binary(16)), ("subject", pa.binary(16)), ("source", pa.string())]
            + [(name, pa.int64()) for name in COUNTS]
        ),
    )
