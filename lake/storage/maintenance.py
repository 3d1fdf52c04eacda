"""Physical deletion, and merging small files.

A deleted row stays on disk in six places, and `purge` clears each:

    the data file that held it        rewritten without it
    older snapshots, which list that file       expired; the current one stays
    the old file, and files of interrupted writes       deleted
    the catalog's table-wide smallest and largest values       recomputed from the files that remain
    pictures of deleted captures       deleted (`lake.storage.objects.pictures`)
    freed pages of the catalog, and SQLite's write-ahead log       rewritten, and the log emptied

It does so in each shard (`lake.storage.shards`), one after the other.

Every step can be repeated: after an interruption, call `purge` again. While it is needed, a mark says so
(`purge_is_due`). Readers may stay attached; they wait for a moment while files and snapshots are deleted
(`lake.storage.reader_lock`), and never lose a file that they are reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import identity
from lake.storage.catalogs import catalog
from lake.storage.connection import LakeUnavailable, attach_writable, parts, transaction
from lake.storage.data_files import data_files
from lake.storage.objects import pictures
from lake.storage.opening import about_each, everybody
from lake.storage.reader_lock import alone
from lake.storage.shards import FIRST, placing

PATIENCE_SECONDS = 20.0
MERGE_PATIENCE_SECONDS = 2.0
"""Merging can wait: it doesn't block writers while a long read is in progress."""
MOST_SMALL_FILES = 16
MOST_SNAPSHOTS = 200


class ReadersInTheWay(LakeUnavailable):
    """A read, such as a long export, took longer than we wait. Nothing was lost: call `purge` again."""


def purge(connection: DuckDBPyConnection, only: Collection[int] | None = None) -> None:
    """Remove every trace of deleted rows from the lake's files, or from those of some shards. Needs a writer that sees
    everybody, outside a transaction.

    Raises ReadersInTheWay.
    """
    for part, _ in parts(connection, only=only):
        _rewrite(part)
        with pictures.nobody_stores(PATIENCE_SECONDS), exclusively():
            _clear(part)


def purge_where_due(connection: DuckDBPyConnection) -> None:
    """`purge` of the shards in which deleted rows may be on disk; it rewrites nothing of the others."""
    if due := _due(connection):
        purge(connection, due)


def mark_purge_due() -> None:
    """Record that deleted rows are on disk from now on; for the writer, before they are deleted."""
    catalog().mark_purge_due()


def purge_is_due(connection: DuckDBPyConnection) -> bool:
    """Whether deleted rows may be on disk. Works on a reader."""
    return bool(_due(connection))


def _due(connection: DuckDBPyConnection) -> list[int]:
    return [shard for shard in placing.read(connection).shards if catalog(shard).purge_is_due()]


def compact(connection: DuckDBPyConnection) -> None:
    """Like `purge`, and merge small files into larger ones, bucket by bucket. Raises ReadersInTheWay."""
    for part, _ in parts(connection):
        _rewrite(part)
        merged = True
        while merged:
            with exclusively():
                merged = merge_files(part)
        with pictures.nobody_stores(PATIENCE_SECONDS), exclusively():
            _clear(part)


def crowded(cursor: DuckDBPyConnection) -> set[int]:
    """The shards with a bucket of so many small files, or with so many snapshots, that queries become slow."""
    return {
        shard
        for shard, question in enumerate(about_each("crowded_tables", placing.read(cursor)))
        for files, snapshots in cursor.execute(question).fetchall()
        if files > MOST_SMALL_FILES or snapshots > MOST_SNAPSHOTS
    }


@dataclass(frozen=True)
class Size:
    """In all shards: how many files and bytes each table has, and how many snapshots there are."""

    files: dict[str, int]
    bytes: dict[str, int]
    snapshots: int


def size(cursor: DuckDBPyConnection) -> Size:
    files: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    snapshots = 0
    for question in about_each("figures", placing.read(cursor)):
        rows = cursor.execute(question).fetchall()
        files.update({table: number for table, number, _, _ in rows})
        taken.update({table: number for table, _, number, _ in rows})
        snapshots += rows[0][3] if rows else 0
    return Size(files, taken, snapshots)


def merge_some(connection: DuckDBPyConnection, only: Collection[int] | None = None) -> bool:
    """A bounded part of what `compact` does, for a lake in use: merges small files and expires old snapshots, in all
    shards or some.

    Returns whether anything was merged. Does nothing while a purge is due, which clears the same files. Merged data
    stays readable at every moment, even if it is interrupted. Raises ReadersInTheWay.
    """
    if purge_is_due(connection):
        return False
    merged = False
    for part, _ in parts(connection, only=only):
        with exclusively(MERGE_PATIENCE_SECONDS):
            merged |= merge_files(part)
        with exclusively(MERGE_PATIENCE_SECONDS):
            expire_snapshots(part)
            delete_files(part)
    return merged


def _rewrite(connection: DuckDBPyConnection) -> None:
    """A rewrite narrows the bounds of its table, which are not versioned. A read from before the deletion would use
    the new bounds, so this waits for such reads."""
    with exclusively():
        pass
    rewrite_files(connection)


def _clear(connection: DuckDBPyConnection) -> None:
    expire_snapshots(connection)
    delete_files(connection)
    with everybody(connection):
        pictures.delete_orphans(connection)
    refresh_column_bounds(connection)
    rebuild_catalog(connection)
    catalog().mark_purged()


@contextmanager
def exclusively(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Nobody reads the lake in the block, in any shard. Raises ReadersInTheWay."""
    with alone(catalog(FIRST), patience) as granted:
        if not granted:
            raise ReadersInTheWay("A long read, such as an export, is in progress. Deleted records stay hidden.")
        yield


def rewrite_files(connection: DuckDBPyConnection) -> None:
    connection.execute(statement("rewrite_files")).fetchall()


def merge_files(connection: DuckDBPyConnection) -> bool:
    """A bounded round of merging; False if nothing was left to merge."""
    return bool(connection.execute(statement("merge_files")).fetchall())


def expire_snapshots(connection: DuckDBPyConnection) -> None:
    connection.execute(statement("expire_snapshots")).fetchall()


def delete_files(connection: DuckDBPyConnection) -> None:
    """Only for the lake of this home: to another catalog, every file would be an orphan. Raises LakeUnavailable."""
    identity.require_match(connection)
    connection.execute(statement("delete_old_files")).fetchall()
    data_files().delete_orphans(connection)


def renew_slices(connection: DuckDBPyConnection) -> None:
    """Recompute the slices in `leaving_slices` from the captures that there are now; call it in a transaction."""
    connection.execute(statement("people_left"))
    connection.execute(statement("delete_slices"))
    # Asked about nobody, the statement reads everybody's files.
    if connection.execute("select 1 from people_left limit 1").fetchall():
        connection.execute(statement("rebuild_slices"))
    connection.execute("drop table temp.people_left")


def refresh_column_bounds(connection: DuckDBPyConnection) -> None:
    """A rewrite recomputes a table's bounds, but a file whose rows are all deleted is dropped without doing so.

    The bounds must be correct, not just empty: if there are none, DuckLake uses the next insert's bounds for the
    whole table and then answers filters wrongly.
    """
    with transaction(connection):
        connection.execute(statement("refresh_column_bounds"))


def rebuild_catalog(connection: DuckDBPyConnection) -> None:
    """The lake is detached during this, because DuckLake would write its cached bounds back at the next insert."""
    connection.execute("use memory")
    connection.execute("detach lake")
    try:
        rebuilt = catalog().rebuild(PATIENCE_SECONDS)
    finally:
        attach_writable(connection)
    if not rebuilt:
        raise ReadersInTheWay("A read outside `reading` keeps deleted rows in the catalog. They stay hidden.")
