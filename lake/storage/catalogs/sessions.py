"""Connections to the PostgreSQL database of the catalog, apart from DuckDB's own: for locks and upkeep.

An advisory lock belongs to its session, so each lock that is held has a connection of its own; idle ones are kept. A
session whose network is gone ends soon on both sides (`databases.liveness`), and its locks with it.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from databases.liveness import OF_CLIENT, OF_SERVER
from lake.storage.unavailable import UNREACHABLE, LakeUnavailable

Session = psycopg.Connection[Any]

MOST_IDLE = 16


@cache
def sql(name: str) -> str:
    """The text of `sql/NAME.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def reaching() -> Iterator[None]:
    """Translate PostgreSQL's errors in the block into LakeUnavailable."""
    try:
        yield
    except psycopg.Error as error:
        raise LakeUnavailable(UNREACHABLE) from error


class Sessions:
    """Those to one schema."""

    def __init__(self, url: str, schema: str) -> None:
        self._url = url
        self._schema = schema
        self._idle: list[tuple[int, Session]] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    def information(self, name: str, *options: str) -> str:
        """How to connect, as libpq takes it. `name`: for the database's list of sessions."""
        return make_conninfo(self._url, application_name=name, options=" ".join((OF_SERVER, *options)), **OF_CLIENT)

    def new(self, name: str) -> Session:
        """A session of its own, in which each statement is a transaction. Raises psycopg.Error."""
        place = f"-c search_path={self._schema}"
        return psycopg.connect(self.information(name, place), autocommit=True)

    @contextmanager
    def one(self, name: str) -> Iterator[Session]:
        """A session for the block. Raises LakeUnavailable."""
        with reaching(), self.new(name) as session:
            yield session

    def take(self) -> Session:
        """An idle session, or a new one; pass it to `give_back` or close it. Raises psycopg.Error."""
        while True:
            with self._lock:
                process, session = self._idle.pop() if self._idle else (0, None)
            if session is None:
                return self.new("open-book-lock")
            if process == os.getpid() and _answers(session):
                return session
            if process == os.getpid():
                session.close()

    def give_back(self, session: Session) -> None:
        with self._lock:
            if len(self._idle) < MOST_IDLE:
                self._idle.append((os.getpid(), session))
                return
        session.close()


class AdvisoryLock:
    """A lock of `lake.storage.catalogs.locks`."""

    def __init__(self, sessions: Sessions, key: int) -> None:
        self._sessions = sessions
        self._key = key
        self._session: Session | None = None

    def take(self, *, shared: bool) -> bool:
        with reaching():
            if self._session is None:
                self._session = self._sessions.take()
            [taken] = self._session.execute(
                sql("take_shared_lock" if shared else "take_lock"), (self._key,)
            ).fetchone() or [False]
            return bool(taken)

    def close(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        try:
            session.execute("select pg_advisory_unlock_all()")
        except psycopg.Error:
            with suppress(psycopg.Error):
                session.close()
            return
        self._sessions.give_back(session)


def _close_all(idle: list[tuple[int, Session]]) -> None:
    """Those of this process; a fork leaves its parent's alone."""
    for process, session in idle:
        if process == os.getpid():
            with suppress(psycopg.Error):
                session.close()


def _answers(session: Session) -> bool:
    try:
        session.execute("select 1")
    except psycopg.Error:
        return False
    return True
