"""The process-wide connection to the lake that all own-queries share: read-only and locked.

It is opened at the first question, and again when the catalog file appears later or is replaced (another home,
a restore). Every question gets a cursor of its own in a read transaction, so any number of threads may ask at
once, and all that one question reads is of the same moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import duckdb
from duckdb import DuckDBPyConnection

from lake.storage.connection import LakeUnavailable, catalog_path, reader, reading, retrying
from lake.storage.identity import refused
from lake.storage.unavailable import UNREADABLE, meaning

Answer = TypeVar("Answer")

_lock = threading.Lock()
_shared: tuple[tuple[str, int, int], DuckDBPyConnection] | None = None


def answering(read: Callable[[DuckDBPyConnection], Answer]) -> Answer:
    """What `read` makes of a cursor; it may run more than once. Raises LakeUnavailable."""

    def attempt() -> Answer:
        with _cursor() as cursor:
            return read(cursor)

    with _explained():
        return retrying(attempt)


@contextmanager
def snapshot() -> Iterator[DuckDBPyConnection]:
    """A cursor that sees one moment of the lake until the block ends; erasures wait for it, so keep it short.
    Raises LakeUnavailable."""
    with _explained(), _cursor() as cursor:
        yield cursor


def identity() -> tuple[str, int, int]:
    """Which lake the questions are put to: changes when the catalog is replaced. Ask within a question."""
    assert _shared is not None
    return _shared[0]


def close() -> None:
    """Let go of the connection; the next question opens it again."""
    global _shared
    with _lock:
        _shared = None


@contextmanager
def _cursor() -> Iterator[DuckDBPyConnection]:
    with reading():
        cursor = _connection().cursor()
        try:
            cursor.execute("begin")
            cursor.execute("use lake")
            yield cursor
        finally:
            cursor.close()


def _connection() -> DuckDBPyConnection:
    global _shared
    path = catalog_path()
    with _lock:
        try:
            file = path.stat()
        except FileNotFoundError:
            raise refused("its catalog is missing") from None
        identity = (str(path), file.st_dev, file.st_ino)
        if _shared is None or _shared[0] != identity:
            # Closing the old one would end the questions that other threads have open on it.
            _shared = identity, reader()
        return _shared[1]


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if (found := meaning(error)) is not None:
            raise found from error
        if isinstance(error, duckdb.OperationalError):
            raise LakeUnavailable(UNREADABLE) from error
        raise
