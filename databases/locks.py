"""Locks between processes, which end with the process that holds them.

    files           a lock file of the home (flock); the operating system releases it when the holder dies
    PostgreSQL      an advisory lock of a connection of its own; the server releases it when that connection ends

A holder on another machine that is cut off loses its lock soon (`databases.liveness`); its own side notices, too
(`Held.is_lost`).
"""

from __future__ import annotations

import hashlib
import select
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from databases import postgresql
from parts import using

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

HALF = 2**32
HELD = """
    select count(*) from pg_locks
    where locktype = 'advisory' and granted and objsubid = 1 and classid = %s::bigint::oid
    and database = (select oid from pg_database where datname = current_database())
"""
"""Locks of a folder; PostgreSQL lists a lock's number in two halves, of which the first is the folder's."""


@dataclass(frozen=True)
class Held:
    """A lock that is held."""

    connection: Connection | None = None
    """Whose lock it is; None: it is a file's."""

    def is_lost(self, seconds: float) -> bool:
        """Whether the lock is lost within so many seconds. Only for a lock in PostgreSQL: a file's lasts as long as its
        process.
        """
        import psycopg  # only where it is used: it takes time to load

        assert self.connection is not None
        try:
            if select.select([self.connection.fileno()], [], [], seconds)[0]:
                self.connection.execute("select 1")
        except psycopg.OperationalError:
            return True
        return False


@contextmanager
def lock(file: Path, timeout: float = -1) -> Iterator[Held]:
    """Hold the lock that has the name of this file and its folder; the file is created where locks are files.

    `timeout`: seconds to wait for others; below 0: for as long as it takes. Raises filelock.Timeout, PartUnavailable.
    """
    if not postgresql.is_used():
        with FileLock(file, timeout=timeout):
            yield Held()
        return
    with using(postgresql.NAME):
        connection = postgresql.connect()
    with closing(connection):
        with using(postgresql.NAME):
            if not _taken(connection, _key(file), timeout):
                raise Timeout(file.stem)
        try:
            yield Held(connection)
        finally:
            _free(connection)


def is_any_held(folder: Path) -> bool:
    """Whether somebody holds a lock of this folder. Raises PartUnavailable."""
    if postgresql.is_used():
        with using(postgresql.NAME), closing(postgresql.connect()) as connection:
            row = connection.execute(HELD, [_half(folder.name)]).fetchone()
        return row is not None and row[0] > 0
    return is_any_file_held(folder)


def is_any_file_held(folder: Path) -> bool:
    """The same of lock files."""
    for file in sorted(folder.glob("*.lock")):
        try:
            with FileLock(file, timeout=0):
                pass
        except Timeout:
            return True
    return False


def _taken(connection: Connection, key: int, timeout: float) -> bool:
    if timeout == 0:
        row = connection.execute("select pg_try_advisory_lock(%s)", [key]).fetchone()
        return row is not None and bool(row[0])
    import psycopg  # only where it is used: it takes time to load

    if timeout > 0:
        connection.execute(f"set lock_timeout = {max(1, round(timeout * 1000))}".encode())
    try:
        connection.execute("select pg_advisory_lock(%s)", [key])
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def _free(connection: Connection) -> None:
    """Free for others when this returns: the server sees a closed connection only some time later."""
    import psycopg  # only where it is used: it takes time to load

    with suppress(psycopg.OperationalError):  # a connection that is lost has lost its lock
        connection.execute("select pg_advisory_unlock_all()")


def _key(file: Path) -> int:
    number = _half(file.parent.name) * HALF + _half(file.stem)
    return number - HALF**2 if number >= HALF**2 // 2 else number  # PostgreSQL's numbers have a sign


def _half(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"open-book {name}".encode(), digest_size=4).digest())
