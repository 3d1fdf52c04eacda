"""Captures for tests of the lake: short helpers to make many rows and read them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
from duckdb import DuckDBPyConnection

from directory.keys import KeyRing, Oneself
from directory.sealing import Sealer
from lake.rules import holds
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import parts, reader_once
from lake.storage.store import ARROW_SCHEMA, Batch, store
from law.exceptions import LegalException

MORNING = datetime(2026, 3, 2, 9, 0, 0, 123457)  # noqa: DTZ001 (the lake's times are naive UTC)


@dataclass(frozen=True)
class Capture:
    """One row to store; `text` is sealed, a row without text has no sealed content."""

    captured_at: datetime = MORNING
    signal: str = "keystroke"
    application: str = "Excel"
    text: str | None = "secret"
    retained_until: date = date(2026, 12, 31)
    redactions: tuple[tuple[str, int], ...] | None = None
    capture_id: UUID = field(default_factory=uuid4)


def every_minute(count: int, start: datetime = MORNING, **columns: Any) -> list[Capture]:
    """`count` captures, one a minute."""
    return [Capture(captured_at=start + timedelta(minutes=minute), **columns) for minute in range(count)]


def arrow_rows(subject: UUID, batch: UUID, captures: Sequence[Capture], policy: str = "assistant") -> pa.Table:
    """Rows for `lake.storage.store.store`, sealed under the subject's key."""
    keys = KeyRing()
    sealer = Sealer(keys.create_content_key(subject, Oneself(subject)))
    rows = [
        {
            "capture_id": one.capture_id.bytes,
            "subject": subject.bytes,
            "captured_at": one.captured_at,
            "signal": one.signal,
            "application": one.application,
            "x": 10,
            "y": 20,
            "session": batch.bytes,
            "source": "test",
            "batch": batch.bytes,
            "policy": policy,
            "retained_until": one.retained_until,
            "redactions": one.redactions,
            "sealed": None if one.text is None else sealer.seal(one.capture_id, {"text": one.text}),
        }
        for one in captures
    ]
    return pa.Table.from_pylist(rows, schema=ARROW_SCHEMA)


def put(connection: DuckDBPyConnection, subject: UUID, captures: Sequence[Capture], policy: str = "assistant") -> Batch:
    """Store captures as one batch; with a writer that sees everybody, or that of the subject's shard."""
    batch = Batch(uuid4(), subject, "test", read=len(captures))
    return store_where_they_are(connection, batch, arrow_rows(subject, batch.batch, captures, policy))


def store_where_they_are(connection: DuckDBPyConnection, batch: Batch, rows: pa.Table) -> Batch:
    """`store`, in the shard of the subject."""
    if is_of_a_shard(connection):
        return store(connection, batch, rows)
    [done] = [store(shard, batch, rows) for shard, here in parts(connection, [batch.subject]) if here]
    return done


def change(connection: DuckDBPyConnection, subject: UUID, sql: str, parameters: object) -> None:
    """Run a statement that changes a table of captures, where the subject is."""
    for shard, here in parts(connection, [subject]):
        if here:
            shard.execute(sql, parameters)


def purge_is_due() -> bool:
    with reader_once() as connection:
        return maintenance.purge_is_due(connection)


def is_of_a_shard(connection: DuckDBPyConnection) -> bool:
    there = {name for (name,) in connection.execute("select database_name from duckdb_databases()").fetchall()}
    return "common" in there


def place_hold(connection: DuckDBPyConnection, subject: UUID, **columns: Any) -> UUID:
    """Put a legal hold on a subject's captures; everything, unless the scope's `columns` say otherwise."""
    lifted_at = columns.pop("lifted_at", None)
    lists = {name: tuple(columns.pop(name)) for name in ("signals", "applications") if columns.get(name) is not None}
    hold = holds.place_hold(
        connection,
        subject,
        Scope(**{**columns, **lists}),
        case="DISPUTE-7",
        exception=LegalException.GDPR_17_3_E,
        placed_at=MORNING,
        review_on=date(2026, 9, 1),
    )
    if lifted_at is not None:
        holds.lift_hold(connection, hold, lifted_at)
    return hold


def one_value(connection: DuckDBPyConnection, query: str, **parameters: Any) -> Any:
    [(value,)] = connection.execute(query, parameters).fetchall()
    return value


def count(connection: DuckDBPyConnection, subject: UUID) -> int:
    return int(one_value(connection, "select count(*) from captures where subject = $subject", subject=subject))


ROLLUP_DIFFERENCES = """
    with counted as (
        select subject, time_bucket(interval 15 minutes, captured_at) as starts_at, signal, application, policy, batch,
            count(*) as events, count(*) filter (redactions is not null) as redacted, min(captured_at), max(captured_at)
        from captures group by all
    ), kept as (
        select subject, starts_at, signal, application, policy, batch, events, redacted, first_at, last_at
        from capture_rollup
    )
    (from counted except all from kept) union all (from kept except all from counted)
"""


def rollup_differences(connection: DuckDBPyConnection) -> list[Any]:
    """Slices where captures and their rollup differ."""
    return connection.execute(ROLLUP_DIFFERENCES).fetchall()
