"""The catalog as a schema of a PostgreSQL database, for processes of any number of machines.

The turn to write is an advisory lock in a session of its own, which shows a sign of life every second: the lock ends
with its holder. Who waits ends the session of a holder that showed none for half a minute (stopped, or its network is
gone).

A writer that lost its turn never commits. Each turn has a number (`open_book_turn`), which is the name of the sessions
that DuckLake writes through. A trigger on each of DuckLake's tables refuses changes by any other session, and holds on
to the number until its transaction ends. So the next turn begins after that commit, or the commit fails. We don't rely
on DuckLake to find conflicts between writers.

`rebuild` rewrites every table (VACUUM FULL) and asks PostgreSQL whether deleted rows remained. PostgreSQL would also
keep frequent values of columns for its planner: it is told not to, for DuckLake's texts, among which are the smallest
and largest values of files. The write-ahead log, archives of it and replicas are kept by whoever runs the database.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from lake.storage import waiting
from lake.storage.catalogs.locks import Lock
from lake.storage.catalogs.sessions import AdvisoryLock, Session, Sessions, reaching, sql
from lake.storage.durable import write_bytes
from lake.storage.unavailable import TURN_LOST, LakeUnavailable

BEAT_SECONDS = 1.0
LOST_SECONDS = 30.0
PAUSE_SECONDS = 0.1
FIRST_NUMBER = re.compile(r"\d+")


class PostgresCatalog:
    extension = "postgres_scanner"

    def __init__(self, folder: Path, url: str, schema: str) -> None:
        """`folder`: that of the lake, in the home of this machine."""
        self._sessions = Sessions(url, schema)
        self.schema = schema
        self._place = hash(url)
        self._making = folder / "catalog.making"
        self._holder: Session | None = None
        self._number = 0

    def source(self, *, writing: bool) -> tuple[str, str]:
        name = self._writer() if writing else "open-book-reader"
        information = self._sessions.information(name, *([] if writing else ["-c default_transaction_read_only=on"]))
        return f"ducklake:postgres:{information}", f"metadata_schema '{self.schema}', meta_schema '{self.schema}'"

    def exists(self) -> bool:
        with self._sessions.one("open-book") as session:
            return _has(session, "ducklake_snapshot")

    def address(self) -> str:
        """Of the database, as a SQL literal for DuckDB; with the name of who writes, for the holder of a turn."""
        information = self._sessions.information(self._writer() if self._holder else "open-book-copy")
        return "'" + information.replace("'", "''") + "'"

    def stamp(self) -> tuple[str, int, int]:
        return f"postgres {self.schema}", self._place, 0

    def state(self) -> tuple[int, ...]:
        with self._sessions.one("open-book") as session:
            return tuple(session.execute("select max(snapshot_id) from ducklake_snapshot").fetchone() or ())

    def prepare(self) -> None:
        """Marks the schema as made by this home, before it is made."""
        made_by = uuid4()
        with self._sessions.one("open-book") as session:
            if _has(session, "ducklake_metadata") or _has(session, "open_book_turn"):
                raise LakeUnavailable(
                    f"The schema {self.schema} of OPENBOOK_LAKE_CATALOG already has a lake. Nothing was changed. Name "
                    "another schema (OPENBOOK_LAKE_SCHEMA), or bring back the home that it belongs to."
                )
            write_bytes(self._making, str(made_by).encode())
            with session.transaction():
                if session.execute(sql("has_schema"), (self.schema,)).fetchone() is None:
                    session.execute(SQL("create schema {}").format(Identifier(self.schema)))
                session.execute(sql("create_turn"))
                session.execute(sql("start_turns"), (made_by,))
        self._number = 1

    def finish(self) -> None:
        with self._sessions.one("open-book") as session, session.transaction():
            session.execute(sql("require_turn"))
            for (table,) in session.execute(sql("tables"), (self.schema,)).fetchall():
                session.execute(SQL(sql("guard_table")).format(Identifier(table)))
            for table, column in session.execute(sql("texts"), (self.schema,)).fetchall():
                session.execute(SQL(sql("keep_no_values")).format(Identifier(table), Identifier(column)))
            session.execute(sql("create_indexes"))

    def clear_away(self) -> None:
        try:
            made_by = UUID(self._making.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return
        with self._sessions.one("open-book") as session:
            if _has(session, "open_book_turn") and session.execute(sql("made_by"), (made_by,)).fetchone():
                session.execute(SQL("drop schema {} cascade").format(Identifier(self.schema)))

    @contextmanager
    def turn(self, patience: float | None) -> Iterator[None]:
        with reaching():
            session = self._sessions.new("open-book-turn")
        try:
            with reaching():
                waiting.until(lambda: _take(session, self._key("write")), self.watch, patience)
                self._number = self._next(session)
            self._holder = session
            try:
                with _beating(session):
                    yield
            finally:
                self._holder, self._number = None, 0
        finally:
            with suppress(psycopg.Error):
                session.close()

    def _next(self, session: Session) -> int:
        """The number of this turn; 0 before the catalog is made. Ends what is left of earlier turns."""
        if not _has(session, "open_book_turn"):
            return 0
        session.execute(sql("end_writers"), (self._writer_prefix(),))
        [number] = session.execute(sql("next_turn")).fetchone() or [0]
        return int(number)

    def require_turn(self) -> None:
        try:
            assert self._holder is not None
            self._holder.execute("select 1")
        except psycopg.Error as error:
            raise LakeUnavailable(TURN_LOST) from error

    def lock(self, name: str) -> Lock:
        return AdvisoryLock(self._sessions, self._key(name))

    def watch(self) -> None:
        with self._sessions.one("open-book") as session:
            session.execute(sql("end_lost_holder"), {"key": self._key("write"), "seconds": LOST_SECONDS})

    def rebuild(self, patience: float) -> bool:
        give_up_at = time.monotonic() + patience
        with self._sessions.one("open-book") as session:
            session.execute("select set_config('lock_timeout', %s, false)", (f"{max(1, int(patience * 1000))}ms",))
            for (table,) in session.execute(sql("tables"), (self.schema,)).fetchall():
                while not _vacuum(session, table):
                    if time.monotonic() > give_up_at:
                        return False
                    time.sleep(PAUSE_SECONDS)
        return True

    def mark_purge_due(self) -> None:
        self._mark(True)

    def mark_purged(self) -> None:
        self._mark(False)

    def purge_is_due(self) -> bool:
        with self._sessions.one("open-book") as session:
            [due] = session.execute("select purge_due from open_book_purge").fetchone() or [False]
            return bool(due)

    def _mark(self, due: bool) -> None:
        with self._sessions.one("open-book") as session:
            session.execute("update open_book_purge set purge_due = %s where purge_due <> %s", (due, due))

    def _key(self, name: str) -> int:
        digest = hashlib.sha256(f"open-book {self.schema} {name}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)

    def _writer(self) -> str:
        return f"{self._writer_prefix()}{self._number}"

    def _writer_prefix(self) -> str:
        return f"open-book-writer-{self.schema[:30]}-"


def _has(session: Session, table: str) -> bool:
    return session.execute("select to_regclass(%s) is not null", (table,)).fetchone() == (True,)


def _take(session: Session, key: int) -> bool:
    return session.execute(sql("take_lock"), (key,)).fetchone() == (True,)


def _vacuum(session: Session, table: str) -> bool:
    """False if deleted rows had to stay, because a transaction may still see them, or the table was in use."""
    left: list[bool] = []

    def listen(told: psycopg.errors.Diagnostic) -> None:
        # In any language: INFO, "DETAIL: 0 dead row versions cannot be removed yet."
        if told.message_detail and (number := FIRST_NUMBER.search(told.message_detail)):
            left.append(number[0] != "0")

    session.add_notice_handler(listen)
    try:
        session.execute(SQL("vacuum (full, verbose) {}").format(Identifier(table)))
    except psycopg.errors.LockNotAvailable:
        return False
    finally:
        session.remove_notice_handler(listen)
    if not left:
        raise LakeUnavailable("PostgreSQL didn't say whether deleted rows remained. They stay hidden.")
    return not any(left)


@contextmanager
def _beating(session: Session) -> Iterator[None]:
    """Signs of life of the holder of the turn."""
    done = threading.Event()

    def beat() -> None:
        with suppress(psycopg.Error):  # the trigger refuses what comes after
            while not done.wait(BEAT_SECONDS):
                session.execute("select 1")

    beating = threading.Thread(target=beat, name="turn", daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()
