"""Reads tables of an SQLite database that somebody else made: read-only, row by row, without trusting its schema.

A view, a virtual table or a generated column could compute whatever its author likes, so none is read. Statements may
read the named tables and call a few functions, nothing else, whatever the file says.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lake.connectors.records import RECORD_LIMIT, InvalidSource

LONGEST = 1 << 28
"""Bytes that one value may have; what is longer than RECORD_LIMIT is only read as a picture."""
FUNCTIONS = ("length", "substr")
GENERATED = (2, 3)
"""`hidden` of generated columns in `pragma table_xinfo`."""


class Database:
    """An open database, and the columns of those of its tables that may be read."""

    def __init__(self, path: Path, connection: sqlite3.Connection, tables: Sequence[str]) -> None:
        self.path, self._connection = path, connection
        self.columns = {table: self._columns_of(table) for table in tables}

    def _columns_of(self, table: str) -> set[str]:
        """Empty if it isn't an ordinary table."""
        found = self._connection.execute(
            "select rootpage from sqlite_master where type = 'table' and name = ?", (table,)
        ).fetchone()
        if found is None or not found[0]:
            return set()
        described = self._connection.execute(f"pragma table_xinfo({table})")
        return {str(row[1]) for row in described if row[6] not in GENERATED}

    def require(self, table: str, columns: Sequence[str]) -> None:
        """Raises InvalidSource, which names what is missing."""
        if not self.columns[table]:
            raise InvalidSource(
                f"{self.path} has no table {table}. Nothing was changed. Check the format name and file."
            )
        if missing := [column for column in columns if column not in self.columns[table]]:
            raise InvalidSource(
                f"The table {table} of {self.path} has no column {', '.join(missing)}. Nothing was changed. It is of a"
                " version that isn't known, or damaged."
            )

    def rows(
        self, table: str, columns: Sequence[str], *, sizes: Sequence[str] = ()
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every row with its number, as far as the table has these columns, and with its `rowid`, without values longer
        than RECORD_LIMIT; of the columns `sizes` only how many bytes they have. Raises InvalidSource."""
        there = [column for column in columns if column in self.columns[table]]
        measured = [column for column in sizes if column in self.columns[table]]
        terms = ["rowid", *(f"case when length({name}) <= {RECORD_LIMIT} then {name} end" for name in there)]
        terms += [f"length({name})" for name in measured]
        names = ["rowid", *there, *measured]
        try:
            query = f"select {', '.join(terms)} from {table}"  # noqa: S608 (names of ours)
            for number, row in enumerate(self._connection.execute(query), start=1):
                yield number, dict(zip(names, row, strict=True))
        except sqlite3.Error as error:
            raise damaged(self.path) from error


@contextmanager
def database(path: Path, tables: Sequence[str]) -> Iterator[Database]:
    """The database with those of `tables` that it has. Raises InvalidSource."""
    if not path.is_file():
        raise InvalidSource(f"There is no file {path}. Nothing was changed. Check the path.")
    if (log := path.with_name(path.name + "-wal")).exists() and log.stat().st_size:
        raise InvalidSource(
            f"{path} is still being written to: its newest rows are in {log.name}. Nothing was changed. Close the"
            " program that recorded it first."
        )
    with closing(_connected(path, tables)) as connection:
        try:
            opened = Database(path, connection, tables)
        except sqlite3.Error as error:
            raise damaged(path) from error
        yield opened


def read_part(path: Path, table: str, column: str, rowid: object, most: int) -> bytes:
    """The first `most` bytes of a value. Raises OSError."""
    try:
        with closing(_connected(path, [table])) as connection:
            query = f"select substr({column}, 1, ?) from {table} where rowid = ?"  # noqa: S608 (names of ours)
            [value] = connection.execute(query, (most, rowid)).fetchone() or [None]
    except sqlite3.Error as error:
        raise OSError("the database can't be read") from error
    if not isinstance(value, bytes):
        raise OSError("it is no longer there")
    return value


def damaged(path: Path) -> InvalidSource:
    return InvalidSource(f"{path} is no SQLite database, or damaged. Nothing was changed. Fetch it again.")


def _connected(path: Path, tables: Sequence[str]) -> sqlite3.Connection:
    """`immutable`: nothing is written beside it either; a program that writes to it meanwhile leaves a log."""
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    connection.execute("pragma trusted_schema = off")
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    may_be_read = {*tables, "sqlite_master"}

    def may(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
        allowed = (
            action == sqlite3.SQLITE_SELECT
            or (action == sqlite3.SQLITE_READ and first in may_be_read)
            or (action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo")
            or (action == sqlite3.SQLITE_FUNCTION and second in FUNCTIONS)
        )
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    connection.set_authorizer(may)
    return connection
