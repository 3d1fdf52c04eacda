"""Versions of one thing: a message that was edited or deleted at its source is in the lake once, as it is newest.

All versions of a thing have the same person, source and session. Of those in the lake and those coming in, the newest
stays (`lake.archives.items.newest`); an older one that comes later, with an older export, counts as known already. An
older one in the lake is removed in the transaction that stores the newer one, unless a legal hold keeps it. A newer
version that may not be stored (it is refused) removes it, too: what was deleted or edited at its source doesn't stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from directory.sealing import Sealer
from lake.archives.items import newest
from lake.ingest.rows import VERSION_SCHEMA
from lake.rules.removal import remove_captures
from lake.statements import statement
from lake.storage.store import Batch, Others, Refused, store_many

REPLACED = "source"
"""The cause of removals: the source has a newer version."""


@dataclass(frozen=True)
class Settled:
    """The rows to store, how many older ones each batch had, and what the newer ones replace in the lake."""

    rows: pa.Table
    older: Counter[UUID]
    replaced: tuple[tuple[UUID, UUID], ...]
    """(subject, capture)."""

    def remove_replaced(self, connection: DuckDBPyConnection) -> None:
        """In the transaction that stores the rows."""
        subjects, captures = (list(column) for column in zip(*self.replaced, strict=True))
        remove_captures(connection, "leaving_by_source", {"subjects": subjects, "captures": captures}, cause=REPLACED)


def store_versions(
    connection: DuckDBPyConnection,
    batches: Sequence[Batch],
    rows: pa.Table,
    versions: pa.Table,
    refused: Refused,
    source: str,
    content_key: Callable[[UUID], bytes],
    others: Others | None = None,
) -> list[Batch]:
    """Like `store_many`; newer versions replace older ones. `versions`: those of `refused`, as `VERSION_SCHEMA`.
    `content_key`: of the people whose rows these are."""
    settled = settle(connection, rows, versions, source, content_key)
    before = settled.remove_replaced if settled.replaced else None
    done = store_many(connection, batches, settled.rows, refused, before, others)
    return [replace(each, already_known=each.already_known + settled.older[each.batch]) for each in done]


def settle(
    connection: DuckDBPyConnection,
    rows: pa.Table,
    versions: pa.Table,
    source: str,
    content_key: Callable[[UUID], bytes],
) -> Settled:
    """Tell the newest versions from the others. `versions` are compared and not stored. Changes nothing."""
    incoming = pa.concat_tables([rows.select(VERSION_SCHEMA.names), versions])
    replaced: list[tuple[UUID, UUID]] = []
    older: list[bytes] = []
    for subject, captures in _older(connection, incoming, source, content_key):
        for capture, comes_in in captures:
            if comes_in:
                older.append(capture.bytes)
            else:
                replaced.append((subject, capture))
    left_out = pc.is_in(rows["capture_id"], value_set=pa.array(older, pa.binary(16)))
    counts = Counter(UUID(bytes=batch) for batch in rows.filter(left_out)["batch"].to_pylist())
    return Settled(rows.filter(pc.invert(left_out)), counts, tuple(replaced))


def _older(
    connection: DuckDBPyConnection, incoming: pa.Table, source: str, content_key: Callable[[UUID], bytes]
) -> Iterator[tuple[UUID, list[tuple[UUID, bool]]]]:
    """By thing: (capture, whether it comes in) of all its versions but the newest."""
    connection.register("incoming", incoming)
    try:
        found = connection.execute(statement("find_versions"), {"source": source}).fetchall()
    finally:
        connection.unregister("incoming")
    for (subject, _), group in groupby(found, key=lambda row: row[:2]):
        sealer = Sealer(content_key(subject))
        order = sorted(
            (newest(sealer.open(capture, sealed)), not comes_in, capture) for _, _, capture, sealed, comes_in in group
        )
        chosen = order[-1][-1]
        yield subject, [(capture, not stored) for _, stored, capture in order if capture != chosen]
