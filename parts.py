"""Errors for unusable parts of Open Book: one tree, and the one place that translates what libraries raise into it.

PartUnavailable
  Busy          others use it for longer than the caller would wait
  DiskFull      it can't be written because the disk is full
  NotWritable   it may not be written, or not even opened
  DiskTrouble   its disk reports an unspecific error
  Damaged       it can't be read, and retrying doesn't help
  OutOfReach    it is a database on a server that doesn't answer
  (`lake.storage.connection.LakeUnavailable`, `directory.keys.WrongMasterKey` and others are subclasses, too)

Each message is for people: what happened, what was kept, what to do next. The API answers 503 with it, commands print
it, workers write it on the request. Everything may import this module; it imports only `errors`.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from errors import Unavailable

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)


class PartUnavailable(Unavailable):
    """A needed part can't be used now. `retry_after`: seconds after which a retry may help."""

    retry_after = 30


class Busy(PartUnavailable):
    retry_after = 5

    def __init__(self, part: str) -> None:
        super().__init__(f"{part} is busy. Nothing was changed. Try again in a moment.")


class DiskFull(PartUnavailable):
    retry_after = 60

    def __init__(self, _part: str = "") -> None:
        super().__init__(
            "The disk is full, so nothing can be written. Stored data is kept; this was not done. The "
            "people who run Open Book must free space; then try again."
        )


class NotWritable(PartUnavailable):
    retry_after = 60

    def __init__(self, part: str) -> None:
        super().__init__(
            f"{part} can't be opened or written where it is. Stored data is kept; this was not done. The "
            "people who run Open Book must make its folder writable; then try again."
        )


class DiskTrouble(PartUnavailable):
    retry_after = 60

    def __init__(self, part: str) -> None:
        super().__init__(
            f"{part} can't be read or written: its disk reports an error or has no space for it. Stored data "
            "is kept; this was not done. The people who run Open Book must check the disk; then try again."
        )


class Damaged(PartUnavailable):
    retry_after = 600

    def __init__(self, part: str) -> None:
        super().__init__(
            f"{part} is damaged and can't be read, and some of its data may be lost. Everything else is unchanged. The "
            "people who run Open Book must restore it from a backup."
        )


class OutOfReach(PartUnavailable):
    retry_after = 5

    def __init__(self, part: str) -> None:
        super().__init__(
            f"{part} can't be reached right now. Stored data is kept; this may or may not have been done. Try again in "
            "a moment."
        )


OF_SQLITE: dict[int, type[PartUnavailable]] = {
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_BUSY: Busy,
    sqlite3.SQLITE_LOCKED: Busy,
    sqlite3.SQLITE_READONLY: NotWritable,
    sqlite3.SQLITE_CANTOPEN: NotWritable,
    sqlite3.SQLITE_PERM: NotWritable,
    sqlite3.SQLITE_CORRUPT: Damaged,
    sqlite3.SQLITE_NOTADB: Damaged,
    sqlite3.SQLITE_IOERR: DiskTrouble,
}
OF_POSTGRESQL: tuple[tuple[str, type[PartUnavailable]], ...] = (
    ("53100", DiskFull),
    ("53", Busy),  # no more connections, no more memory
    ("55P03", Busy),  # a lock wasn't free in time
    ("40", Busy),  # rolled back, because others wrote
    ("57P", OutOfReach),  # shuts down or starts
    ("08", OutOfReach),
    ("25006", NotWritable),
    ("42501", NotWritable),
    ("58", DiskTrouble),
    ("XX001", Damaged),
    ("XX002", Damaged),
)
"""Beginnings of SQLSTATEs."""
OF_DUCKDB: tuple[tuple[str, type[PartUnavailable]], ...] = (
    *((os.strerror(number), DiskFull) for number in FULL),
    ("database or disk is full", DiskFull),
    *((os.strerror(number), NotWritable) for number in CLOSED),
    ("readonly database", NotWritable),
    ("unable to open database file", NotWritable),
    ("database is locked", Busy),
    ("disk I/O error", DiskTrouble),
    (os.strerror(errno.EIO), DiskTrouble),
    ("database disk image is malformed", Damaged),
    ("file is not a database", Damaged),
    ("not a valid DuckDB database file", Damaged),
    ("AES tag differs", Damaged),
    ("No magic bytes", Damaged),
    ("too small to be a Parquet file", Damaged),
    ("Checksum", Damaged),
    ("checksum", Damaged),
)
"""Fragments of DuckDB's messages; it has no error codes."""

HOME = "A part of what Open Book keeps"


def explained(error: BaseException | None, part: str = HOME) -> PartUnavailable | None:
    """The PartUnavailable that an error or its cause stands for; None if it doesn't indicate a part. `part` begins a
    sentence."""
    while error is not None:
        if isinstance(error, PartUnavailable):
            return error
        if (kind := _kind(error)) is not None:
            return kind(part)
        error = error.__cause__ or error.__context__
    return None


@contextmanager
def using(part: str, *also: type[Exception]) -> Iterator[None]:
    """Translate SQLite's and PostgreSQL's errors in the block into a PartUnavailable that names the part; re-raise the
    others.

    `also`: other exception types that can only be about this part, such as OSError if only its files are opened.
    """
    try:
        yield
    except Exception as error:
        databases: tuple[type[Exception], ...] = (sqlite3.Error, *_postgresql_errors())
        ours = isinstance(error, (*databases, *also)) or isinstance(error.__cause__, databases)  # SQLAlchemy wraps them
        if not ours or (found := explained(error, part)) is None:
            raise
        raise found from error


def _postgresql_errors() -> tuple[type[Exception], ...]:
    """What psycopg raises, and SQLAlchemy if every connection is in use; neither is imported here."""
    psycopg, sqlalchemy = sys.modules.get("psycopg"), sys.modules.get("sqlalchemy.exc")
    if psycopg is None or sqlalchemy is None:
        return ()
    return psycopg.Error, sqlalchemy.TimeoutError


def _of_postgresql(error: BaseException) -> type[PartUnavailable] | None:
    name, state = type(error).__name__, getattr(error, "sqlstate", None)
    if state is None:  # it never came to an answer
        return {"OperationalError": OutOfReach, "ConnectionTimeout": OutOfReach, "TimeoutError": Busy}.get(name)
    return next((kind for beginning, kind in OF_POSTGRESQL if state.startswith(beginning)), None)


def _kind(error: BaseException) -> type[PartUnavailable] | None:
    if isinstance(error, OSError):
        if error.errno in FULL:
            return DiskFull
        if error.errno in CLOSED:
            return NotWritable
        return DiskTrouble if error.errno == errno.EIO else None
    if isinstance(error, sqlite3.Error):
        return OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, _postgresql_errors()):
        return _of_postgresql(error)
    duckdb = sys.modules.get("duckdb")  # not imported here: commands without DuckDB shouldn't wait for it
    if duckdb and isinstance(error, duckdb.Error):
        return next((kind for words, kind in OF_DUCKDB if words in str(error)), None)
    return None
