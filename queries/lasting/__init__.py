"""What is about no single person: read once for everyone in this process, and again only when it has changed.

Intake makes a new snapshot of the lake several times a second, and few of them touch the tables that this is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from duckdb import DuckDBPyConnection

from lake.storage import changes
from queries.connection import LakeIdentity, first_snapshot_number, identity, is_of_a_shard

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _Known(Generic[Answer]):
    lake: LakeIdentity
    snapshot: int
    tables: frozenset[int]
    answer: Answer


class Lasting(Generic[Answer]):
    """What `read` finds in some tables of the first shard, in the snapshot of a cursor. Nobody may change it."""

    def __init__(self, tables: frozenset[str], read: Callable[[DuckDBPyConnection], Answer]) -> None:
        self.tables = tables
        self._read = read
        self._known: _Known[Answer] | None = None
        """Replaced as a whole, so that threads need no lock."""

    def of(self, cursor: DuckDBPyConnection) -> Answer:
        known, lake, snapshot = self._known, identity(cursor), first_snapshot_number(cursor)
        first = "common" if is_of_a_shard(cursor) else "lake"
        if (
            known is not None
            and known.lake == lake
            and not changes.may_concern(known.tables, known.snapshot, snapshot, cursor, first)
        ):
            self._known = _Known(lake, snapshot, known.tables, known.answer)
            return known.answer
        tables = frozenset(changes.table_numbers(self.tables, cursor, first).values())
        read = _Known(lake, snapshot, tables, self._read(cursor))
        self._known = read
        return read.answer
