"""The catalog that is in PostgreSQL, copied into a file and back. Both are DuckLake's own tables, row by row.

DuckDB does the copying, because only DuckLake knows how a value of PostgreSQL is written in SQLite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import connection as lake
from lake.storage import opening
from lake.storage.catalogs import catalog
from lake.storage.catalogs.postgres import PostgresCatalog
from lake.storage.shards import FIRST
from lake.storage.unavailable import LakeUnavailable, explaining

EXTENSIONS = ("postgres_scanner", "sqlite_scanner")
NAMED = re.compile(r"catalog(?:-(\d+))?\.sqlite")
NOT_THE_SAME = "The table {table} of the lake's catalog was not the same after it was copied. Nothing was changed."


def name_of(shard: int) -> str:
    """Of the file of a shard's catalog, where those of all are in one folder."""
    return "catalog.sqlite" if shard == FIRST else f"catalog-{shard}.sqlite"


def shard_of(name: str) -> int | None:
    """The opposite; None: it is no such name."""
    found = NAMED.fullmatch(name)
    return found and int(found[1] or FIRST)


def to_file(file: Path) -> None:
    """Copy the catalog of `OPENBOOK_LAKE_CATALOG` into a new file, for the shard that this code is about. Writers must
    be blocked. Raises LakeUnavailable."""
    with _connected() as connection:
        _make(connection, file)
        _attach(connection, file, "target")
        connection.execute(f"attach {_ours().address()} as source (type postgres, read_only)")
        _copy(connection, f"source.{_ours().schema}", "target.main")


def from_file(file: Path) -> None:
    """Make the catalog of `OPENBOOK_LAKE_CATALOG`, which must not exist yet, of a file, for the shard that this code is
    about. Raises LakeUnavailable."""
    with lake.turn(None):
        catalog().prepare()
        with _connected() as connection:
            opening.attach(connection, opening.FOR_WRITING, writing=True)
            connection.execute("use memory")
            connection.execute("detach lake")
            _attach(connection, file, "source")
            connection.execute(f"attach {_ours().address()} as target (type postgres)")
            _copy(connection, "source.main", f"target.{_ours().schema}")
        catalog().finish()


def _copy(connection: DuckDBPyConnection, source: str, target: str) -> None:
    tables = _tables(connection, source)
    if unknown := tables ^ _tables(connection, target):
        raise LakeUnavailable(f"Nothing knows these tables of the catalog: {', '.join(sorted(unknown))}.")
    connection.execute("begin")
    for table in sorted(tables):
        connection.execute(f"delete from {target}.{table}")  # noqa: S608 (DuckLake's names)
        connection.execute(f"insert into {target}.{table} by name from {source}.{table}")
    connection.execute("commit")
    for table in sorted(tables):
        if _count(connection, f"{source}.{table}") != _count(connection, f"{target}.{table}"):
            raise LakeUnavailable(NOT_THE_SAME.format(table=table))


def _make(connection: DuckDBPyConnection, file: Path) -> None:
    """An empty catalog, which is then filled."""
    options = f"{opening.FOR_WRITING} data_path {opening.quoted(file.parent)}"
    connection.execute(f"attach {opening.quoted(f'ducklake:sqlite:{file}')} as made ({options})")
    connection.execute("detach made")


def _attach(connection: DuckDBPyConnection, file: Path, name: str) -> None:
    connection.execute(f"attach {opening.quoted(file)} as {name} (type sqlite)")


@contextmanager
def _connected() -> Iterator[DuckDBPyConnection]:
    with explaining():
        connection = opening.connect(*EXTENSIONS)
        try:
            yield connection
        except duckdb.Error as error:
            raise LakeUnavailable(f"The lake's catalog could not be copied ({type(error).__name__}).") from None
        finally:
            connection.close()


def _tables(connection: DuckDBPyConnection, place: str) -> set[str]:
    database, _, schema = place.partition(".")
    return {name for (name,) in connection.execute(statement("tables_of_catalog"), [database, schema]).fetchall()}


def _count(connection: DuckDBPyConnection, table: str) -> int:
    [(rows,)] = connection.table(table).count("*").fetchall()
    return int(rows)


def _ours() -> PostgresCatalog:
    ours = catalog()
    assert isinstance(ours, PostgresCatalog)
    return ours
