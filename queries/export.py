"""Streams all captures of a person, decrypted, for an export.

Memory use stays flat for any number of captures: days are read a few at a time, in order, all from one snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.scope import Scope
from queries.connection import snapshot
from queries.loader import ask
from queries.person import Own
from queries.records import Opener, scope_parameters
from queries.slices import pieces, visible_of

BATCH_ROWS = 20_000

SCHEMA = pa.schema(
    [
        ("capture_id", pa.string()),
        ("captured_at", pa.timestamp("us")),
        ("signal", pa.string()),
        ("application", pa.string()),
        ("x", pa.int32()),
        ("y", pa.int32()),
        ("session", pa.string()),
        ("source", pa.string()),
        ("policy", pa.string()),
        ("retained_until", pa.date32()),
        ("redactions", pa.map_(pa.string(), pa.uint32())),
        ("content", pa.map_(pa.string(), pa.string())),
        ("unreadable", pa.bool_()),
    ]
)
"""Schema of the batches. `content` is null if a capture has no text, or if it is `unreadable`: the key is gone."""


def captures_batches(own: Own, scope: Scope) -> Iterator[pa.RecordBatch]:
    """The captures of a scope in order of captured_at, capture_id, in batches (`SCHEMA`) of at most 20,000.

    Raises LakeUnavailable, even midway if files were deleted under it: then discard everything read so far.
    """
    with snapshot(own.subject.key) as cursor:
        yield from captures_of(cursor, own.subject, scope)


def captures_of(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> Iterator[pa.RecordBatch]:
    """The same, in the cursor's snapshot."""
    opener = Opener(subject)
    for from_at, until_at in _spans(cursor, subject, scope):
        part = Scope(scope.signals, scope.applications, from_at, until_at)
        answer = ask(cursor, subject, "records", **scope_parameters(part), after=None, limit=None)
        for batch in answer.to_arrow_reader(BATCH_ROWS):
            yield _opened(batch, opener)


def _spans(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> Iterator[tuple[datetime, datetime]]:
    """The scope's time in spans of whole days that hold about a batch each."""
    whole = scope_parameters(scope)
    events_by_day: Counter[datetime] = Counter()
    table = visible_of(pieces(cursor, subject, Scope(scope.signals, scope.applications)))
    for day, events in zip(table["start"].to_pylist(), table["events"].to_pylist(), strict=True):
        events_by_day[day] += events
    start: datetime | None = None
    gathered = 0
    last = max(events_by_day, default=None)
    for day, events in sorted(events_by_day.items()):
        start = start or day
        gathered += events
        if gathered >= BATCH_ROWS or day == last:
            from_at = max(start, whole["from_at"])
            until_at = min(day + timedelta(days=1), whole["until_at"])
            if from_at < until_at:
                yield from_at, until_at
            start, gathered = None, 0


def _opened(batch: pa.RecordBatch, opener: Opener) -> pa.RecordBatch:
    ids = batch.column("capture_id").to_pylist()
    sealed = batch.column("sealed").to_pylist()
    opened = [
        (None, False) if blob is None else opener.open(UUID(capture_id), blob)
        for capture_id, blob in zip(ids, sealed, strict=True)
    ]
    plain = batch.drop_columns("sealed")
    return pa.RecordBatch.from_arrays(
        [
            *plain.columns,
            pa.array([content and list(content.items()) for content, _ in opened], SCHEMA.field("content").type),
            pa.array([unreadable for _, unreadable in opened], pa.bool_()),
        ],
        schema=SCHEMA,
    )
