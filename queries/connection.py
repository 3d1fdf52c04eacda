"""The process-wide connection to the lake that all own-queries share: read-only and locked.

It is opened at the first question, and reopened when the catalog appears later or is replaced (another home,
a restore). Every question gets its own cursor in a read transaction. So any number of threads may ask at once, and
one question reads from one snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import duckdb
from duckdb import DuckDBPyConnection

from lake.storage.catalogs import catalog
from lake.storage.connection import LakeUnavailable, reader, reading, retrying
from lake.storage.identity import refused
from lake.storage.unavailable import UNREADABLE, cause, meaning

Answer = TypeVar("Answer")

_lock = threading.Lock()
_shared: tuple[tuple[str, int, int], DuckDBPyConnection] | None = None
_asked: WeakKeyDictionary[DuckDBPyConnection, dict[Hashable, Any]] = WeakKeyDictionary()
"""What was asked on each cursor that is open, and the answers."""


def answering(read: Callable[[DuckDBPyConnection], Answer]) -> Answer:
    """The result of `read` on a cursor; it may run more than once. Raises LakeUnavailable."""

    def attempt() -> Answer:
        with _cursor() as cursor:
            return read(cursor)

    with _explained():
        return retrying(attempt)


@contextmanager
def snapshot() -> Iterator[DuckDBPyConnection]:
    """A cursor on one snapshot of the lake until the block ends; erasures wait for it, so keep it short.
    Raises LakeUnavailable."""
    with _explained(), _cursor() as cursor:
        yield cursor


def once(cursor: DuckDBPyConnection, question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """The answer of `ask`, or what it answered on this cursor before: for what several questions of one snapshot need.
    Forgotten with the cursor; nobody may change it."""
    answers = _asked.setdefault(cursor, {})
    if question not in answers:
        answers[question] = ask()
    found: Answer = answers[question]
    return found


def identity() -> tuple[str, int, int]:
    """The lake that is queried: changes when the catalog is replaced. Call it within a question."""
    assert _shared is not None
    return _shared[0]


def close() -> None:
    """Close the connection; the next question reopens it."""
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
            with suppress(duckdb.Error):  # closed in a transaction that can't be ended, DuckDB aborts the process
                cursor.execute("rollback")
            _asked.pop(cursor, None)
            cursor.close()


def _connection() -> DuckDBPyConnection:
    global _shared
    with _lock:
        try:
            identity = catalog().stamp()
        except FileNotFoundError:
            raise refused("its catalog is missing") from None
        if _shared is None or _shared[0] != identity:
            # Closing the old one would abort the questions of other threads.
            _shared = identity, reader()
        return _shared[1]


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if (found := meaning(error)) is not None:
            raise found from cause(error)
        if isinstance(error, duckdb.OperationalError):
            raise LakeUnavailable(UNREADABLE) from cause(error)
        raise
