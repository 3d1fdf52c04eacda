"""The process-wide connections to the lake that all own-queries share: read-only and locked.

One is opened at the first question, and reopened when the catalog appears later or is replaced (another home,
a restore). Every question gets its own cursor in a read transaction. So any number of threads may ask at once, and
one question reads from one snapshot. In a lake that is divided, there is one for each shard, for the questions of its
people, and one that sees everybody (`lake.storage.shards`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import duckdb
from duckdb import DuckDBPyConnection

from lake.storage.catalogs import catalog
from lake.storage.connection import LakeUnavailable, reader, reading, retrying
from lake.storage.identity import refused
from lake.storage.opening import name_of, see_all, use
from lake.storage.shards import FIRST, UNDIVIDED, Placing, entering, placing
from lake.storage.unavailable import UNREADABLE, cause, meaning
from queries.kept import Kept
from queries.own import sql

Answer = TypeVar("Answer")

LakeIdentity = tuple[str, int, int]

_lock = threading.Lock()
_shared: tuple[LakeIdentity, DuckDBPyConnection] | None = None
"""The one that sees everybody."""
_of_shards: dict[int, DuckDBPyConnection] = {}
_placing = UNDIVIDED
"""In which shard people were at the last question."""
_asked: WeakKeyDictionary[DuckDBPyConnection, dict[Hashable, Any]] = WeakKeyDictionary()
"""What was asked on each cursor that is open, and the answers."""
_kept: WeakKeyDictionary[DuckDBPyConnection, Kept] = WeakKeyDictionary()
"""Where these answers are kept for longer, of the cursors of somebody with a session."""
_of_cursors: WeakKeyDictionary[DuckDBPyConnection, tuple[LakeIdentity, int | None]] = WeakKeyDictionary()
"""The lake of each cursor that is open, and its shard; None: it sees everybody."""


def answering(read: Callable[[DuckDBPyConnection], Answer], about: UUID | None = None) -> Answer:
    """The result of `read` on a cursor; it may run more than once. `about`: it reads no captures of anybody else.
    Raises LakeUnavailable."""

    def attempt() -> Answer:
        with _cursor(about) as cursor:
            return read(cursor)

    with _explained():
        return retrying(attempt)


@contextmanager
def snapshot(about: UUID | None = None) -> Iterator[DuckDBPyConnection]:
    """A cursor on one snapshot of the lake until the block ends; erasures wait for it, so keep it short. `about`: as of
    `answering`. Raises LakeUnavailable."""
    with _explained(), _cursor(about) as cursor:
        yield cursor


def once(cursor: DuckDBPyConnection, question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """The answer of `ask`, or what it answered on this cursor before: for what several questions of one snapshot need.
    Forgotten with the cursor, unless `keep` says where it is kept; nobody may change it."""
    answers = _asked.setdefault(cursor, {})
    if question not in answers:
        kept = _kept.get(cursor)
        answers[question] = ask() if kept is None else kept.answer(question, ask)
    found: Answer = answers[question]
    return found


def keep(cursor: DuckDBPyConnection, kept: Kept) -> None:
    """Keep what is asked `once` on this cursor, which sees the snapshot that `kept` belongs to."""
    _kept[cursor] = kept


def is_of_a_shard(cursor: DuckDBPyConnection) -> bool:
    """Whether `lake` is a further shard on this cursor, and the first one is `common`."""
    return shard_of(cursor) not in (None, FIRST)


def shard_of(cursor: DuckDBPyConnection) -> int | None:
    """The shard whose people it sees; None: everybody."""
    return _of_cursors[cursor][1]


def identity(cursor: DuckDBPyConnection) -> LakeIdentity:
    """The lake that is queried: changes when the catalog is replaced."""
    return _of_cursors[cursor][0]


def snapshot_number(cursor: DuckDBPyConnection) -> int:
    """DuckLake's number of the snapshot that the cursor sees: of the shard that the person is in, if the lake is
    divided."""
    return _number(cursor, "snapshot_number")


def first_snapshot_number(cursor: DuckDBPyConnection) -> int:
    """The same of the first shard, which has what isn't about one person."""
    return _number(cursor, "first_snapshot_number" if is_of_a_shard(cursor) else "snapshot_number")


def _number(cursor: DuckDBPyConnection, name: str) -> int:
    def read() -> int:
        [(number,)] = cursor.execute(sql(name)).fetchall()
        return int(number)

    return once(cursor, name, read)


def close() -> None:
    """Close the connections; the next question reopens them."""
    with _lock:
        _forget()


@contextmanager
def _cursor(about: UUID | None) -> Iterator[DuckDBPyConnection]:
    with reading():
        while True:
            lake, connection, shard, known = _connection(about)
            cursor = connection.cursor()
            _of_cursors[cursor] = lake, shard
            try:
                cursor.execute("begin")
                if _is_still_so(cursor, shard, known):
                    yield cursor
                    return
            finally:
                with suppress(duckdb.Error):  # closed in a transaction that can't be ended, DuckDB aborts the process
                    cursor.execute("rollback")
                _asked.pop(cursor, None)
                _kept.pop(cursor, None)
                _of_cursors.pop(cursor, None)
                cursor.close()


def _is_still_so(cursor: DuckDBPyConnection, shard: int | None, known: Placing) -> bool:
    """Prepares the cursor of a connection to that shard, or to everything. False if people are in other shards by now:
    then another connection may be needed. Nobody is moved while somebody is `reading`."""
    global _placing
    with entering(shard or FIRST):
        use(cursor, shard or FIRST)
        now = placing.read(cursor, name_of(FIRST))
        if now != known:
            with _lock:
                if now.shards != known.shards:
                    _forget()
                _placing = now
            return False
        if shard is None:
            see_all(cursor, now)
    return True


def _connection(about: UUID | None) -> tuple[LakeIdentity, DuckDBPyConnection, int | None, Placing]:
    """The lake, the connection to ask about a person, its shard (None: it sees everybody), and in which shard people
    are, as far as is known."""
    global _shared
    with _lock:
        try:
            identity = catalog().stamp()
        except FileNotFoundError:
            raise refused("its catalog is missing") from None
        if _shared is not None and _shared[0] != identity:
            _forget()  # closing the old one would abort the questions of other threads
        if _shared is None:
            _shared = identity, reader()
        if about is None or not _placing.is_divided:
            return identity, _shared[1], None, _placing
        shard = _placing.of(about)
        if shard not in _of_shards:
            _of_shards[shard] = reader(shard)
        return identity, _of_shards[shard], shard, _placing


def _forget() -> None:
    global _shared, _placing
    _shared, _placing = None, UNDIVIDED
    _of_shards.clear()


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
