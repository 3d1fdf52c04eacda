"""Whether anything about a person has changed since their last page, although the lake has.

Recorders make a new snapshot of the lake several times a second. Most insert rows about other people, and nothing else:
then what was answered to this person still holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.storage import changes
from queries.connection import LakeIdentity, first_snapshot_number, identity, is_of_a_shard, shard_of, snapshot_number

LOOKED_AT = ("capture_rollup", "batches", "refused", "refused_names", "mentions", "indirect_captures")
"""Each row of these is about one person."""
INTO = ("captures", *LOOKED_AT)
"""Into these, records are stored: captures never without their rows of the rollup, in one transaction."""
FEW = 8
"""Of more snapshots, looking what each inserted costs more than to ask again."""


@dataclass(frozen=True)
class State:
    """Which state of the lake a cursor sees: the snapshots of the person's shard and of the first one."""

    lake: LakeIdentity
    shard: int | None
    """Where the person is; None: the lake isn't divided."""
    of_shard: int
    of_first: int


def state(cursor: DuckDBPyConnection) -> State:
    return State(identity(cursor), shard_of(cursor), snapshot_number(cursor), first_snapshot_number(cursor))


def are_unchanged(cursor: DuckDBPyConnection, subject: Subject, since: State) -> bool:
    """Whether all that is about the person, and all that is about nobody, is as it was in an earlier state of the lake.
    False if that isn't certain."""
    now = state(cursor)
    if (since.lake, since.shard) != (now.lake, now.shard):
        return False
    if _has_more(cursor, subject, "lake", since.of_shard, now.of_shard):
        return False
    return not is_of_a_shard(cursor) or not _has_more(cursor, subject, "common", since.of_first, now.of_first)


def _has_more(cursor: DuckDBPyConnection, subject: Subject, database: str, after: int, until: int) -> bool:
    """Whether a database has more about the person in snapshot `until` than in snapshot `after`, or may have."""
    if after == until:
        return False
    if until - after > FEW:
        return True
    inserted = changes.inserted_into(after, until, cursor, database)
    numbers = changes.table_numbers(INTO, cursor, database)
    if inserted is None or not inserted <= {*numbers.values()}:
        return True
    return any(
        changes.has_inserted(table, subject.key, after, until, cursor, database)
        for table in LOOKED_AT
        if numbers.get(table) in inserted
    )
