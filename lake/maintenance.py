"""Making deletion physical, and keeping files large.

A deleted row stays on the disk in five places, and `purge` clears each:

    the data file that held it        rewritten without it
    older snapshots, which name that file       expired; the current one stays
    the old file, and files of interrupted writes       deleted
    the catalog's table-wide smallest and largest values       set anew from the files that remain
    freed pages of the SQLite catalog and its write-ahead log       vacuumed, and the log emptied

Every step may be repeated: after an interruption, call `purge` again. Readers may stay attached; a read
that loses its file runs again on the new snapshot (`lake.connection.retrying`).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from duckdb import DuckDBPyConnection

from lake import vacuum
from lake.connection import LakeUnavailable, attach_writable, catalog_path, transaction
from lake.statements import statement


class ReadersInTheWay(LakeUnavailable):
    """A read went on for so long that the catalog's write-ahead log could not be emptied. The rows are gone
    from files and catalog; call `purge` again to empty the log."""


def purge(connection: DuckDBPyConnection) -> None:
    """Remove every trace of deleted rows from the lake's folder. Needs a writer outside a transaction.

    Raises ReadersInTheWay.
    """
    rewrite_files(connection)
    _clear(connection)


def compact(connection: DuckDBPyConnection) -> None:
    """Like `purge`, and merge small files into larger ones, bucket by bucket. Raises ReadersInTheWay."""
    rewrite_files(connection)
    merge_files(connection)
    _clear(connection)


def _clear(connection: DuckDBPyConnection) -> None:
    expire_snapshots(connection)
    delete_files(connection)
    refresh_column_bounds(connection)
    rebuild_catalog(connection)


def rewrite_files(connection: DuckDBPyConnection) -> None:
    connection.execute(statement("rewrite_files")).fetchall()


def merge_files(connection: DuckDBPyConnection) -> None:
    connection.execute(statement("merge_files")).fetchall()


def expire_snapshots(connection: DuckDBPyConnection) -> None:
    connection.execute(statement("expire_snapshots")).fetchall()


def delete_files(connection: DuckDBPyConnection) -> None:
    connection.execute(statement("delete_old_files")).fetchall()
    connection.execute(statement("delete_orphaned_files")).fetchall()


def refresh_column_bounds(connection: DuckDBPyConnection) -> None:
    """A rewrite recomputes a table's bounds, but a file whose rows are all deleted is dropped without one.

    They must be right, not merely empty: DuckLake takes the next insert's bounds for the whole table's
    when there are none, and then answers filters wrongly.
    """
    with transaction(connection):
        connection.execute(statement("refresh_column_bounds"))


def rebuild_catalog(connection: DuckDBPyConnection) -> None:
    """Detached meanwhile, because DuckLake would write its cached bounds back at the next insert."""
    connection.execute("use memory")
    connection.execute("detach lake")
    try:
        done = subprocess.run(  # noqa: S603 (our own program and path)
            [sys.executable, "-I", str(Path(vacuum.__file__)), str(catalog_path())],
            check=False,
            capture_output=True,
            text=True,
        )
    finally:
        attach_writable(connection)
    if done.returncode == vacuum.READERS_IN_THE_WAY:
        raise ReadersInTheWay("Long reads kept the catalog's write-ahead log from being emptied. Try again.")
    if done.returncode:
        raise LakeUnavailable(f"The catalog could not be rebuilt: {done.stderr.strip()[-300:]}")
