"""Putting captures into the lake: rows and their daily rollup in one transaction, never twice.

A row is stored unless the lake has its `capture_id` already, or a tombstone says that it is gone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
from lake.connection import transaction

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
"""Shape of the rows handed to `store`; UUIDs as their 16 bytes, times naive UTC."""


@dataclass(frozen=True)
class Batch:
    """One ingestion for one subject, and what became of every record read: the counts add up to `read`
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


def store(connection: DuckDBPyConnection, batch: Batch, rows: pa.Table) -> Batch:
    """Store one batch's rows (`ARROW_SCHEMA`, all of `batch.subject`), all or nothing.

    Returns the batch with `stored`, `redacted`, `already_known` and `erased_before` filled in; a batch that
    stores nothing new leaves no trace.
    """
    connection.register("incoming", rows)
    try:
        connection.execute(_sql("sort_incoming"), {"subject": batch.subject})
        counts = connection.execute(_sql("count_incoming")).fetchone()
        assert counts is not None
        stored, redacted, already_known, erased_before = counts
        done = replace(
            batch, stored=stored, redacted=redacted, already_known=already_known, erased_before=erased_before
        )
        if stored:
            with transaction(connection):
                connection.execute(_sql("append_captures"))
                connection.execute(_sql("append_slices"))
                connection.execute(_sql("append_batch"), {**asdict(done), "now": clock.now_utc()})
        return done
    finally:
        connection.execute("drop table if exists temp.sorted_incoming")
        connection.unregister("incoming")


def _sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()
