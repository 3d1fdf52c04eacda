"""The governance database, one engine per process: `$OPENBOOK_HOME/governance/governance.sqlite`, or the schema
`governance` in PostgreSQL (`databases.postgresql`).

Every commit is on disk before it returns (write-ahead log, full synchronisation). A writing session takes SQLite's
write lock before its first statement, so what it reads is still true when it writes.

Writers queue. SQLite lets waiting connections retry at random, so with many of them some would never get the lock.
Within a process, writers therefore take turns on our own lock, and only one per process tries SQLite's. The wait is
bounded; a writer that doesn't get its turn gets `Busy`, and nothing was changed. In PostgreSQL an advisory lock has the
part of SQLite's.

Only the first start creates it (`taking`). It records which home it belongs to, and which lake that home has. A
database of another home is not used, nor is a file that was moved away while it was open.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from filelock import FileLock
from sqlalchemy import ColumnElement, Connection, Engine, create_engine, delete, event, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

import clock
import home
from databases import locks, postgresql
from databases.locks import Held
from databases.postgresql import Schema
from governance.db.tables import HomeRow, LakeShardRow
from governance.db.upgrading import migrate
from home import Home, HomeUnavailable, KnownLake, Part
from lake.storage.objects import Area, File, store
from lake.storage.waiting import bound
from parts import Busy, using
from settings import settings

NAME = "The governance database"
PATIENCE_SECONDS = 20.0
"""How long a writer waits for the others of its process, and then again at most for those of other processes."""
PATIENCE_OF_A_PERSON_SECONDS = 8.0
"""The same when someone is waiting for an answer (`lake.storage.waiting`)."""

_lock = threading.Lock()
_engines: dict[Path, tuple[tuple[int, int], Engine]] = {}
_migrated = weakref.WeakSet[Engine]()
_writers = threading.Lock()


def governance_folder() -> Path:
    return settings().home / "governance"


def lock(name: str, timeout: float = -1) -> AbstractContextManager[Held]:
    """The lock `governance/NAME.lock` of this home (`databases.locks`); in the block, others wait or get
    filelock.Timeout. Raises HomeUnavailable.
    """
    home.require()
    return locks.lock(governance_folder() / f"{name}.lock", timeout)


@contextmanager
def taking(of: Home, lake: KnownLake) -> Iterator[Session]:
    """Make this the governance database of a home and its lake, as a first start and a restore do; it may be new."""
    path = Part.GOVERNANCE.path
    path.parent.mkdir(exist_ok=True)
    engine = postgresql.new_engine(Schema.GOVERNANCE) if postgresql.is_used() else _create(path, "rwc")
    try:
        _migrate(engine)
        with Session(engine.execution_options(writing=_patience())) as session, session.begin():
            session.merge(HomeRow(number=1, home=str(of.id), lake=str(lake.id), snapshot=lake.snapshot))
            session.execute(delete(LakeShardRow))  # those of a restored lake may be older
            yield session
    finally:
        engine.dispose()


def note_lake(snapshot: int, shards: Mapping[UUID, int]) -> None:
    """Record the newest lake snapshot seen, and that of each further shard by its id."""
    with reading() as session:
        known = (
            session.get_one(HomeRow, 1).snapshot,
            {row.lake: row.snapshot for row in session.scalars(select(LakeShardRow))},
        )
    newer = {str(lake): of_shard for lake, of_shard in shards.items() if of_shard > known[1].get(str(lake), -1)}
    if known[0] >= snapshot and not newer:
        return
    with writing() as session:
        row = session.get_one(HomeRow, 1)
        row.snapshot = max(row.snapshot, snapshot)
        for lake, of_shard in newer.items():
            before = session.get(LakeShardRow, lake)
            session.merge(LakeShardRow(lake=lake, snapshot=max(of_shard, before.snapshot if before else 0)))


@contextmanager
def reading() -> Iterator[Session]:
    """A session that sees one consistent state of the database. Raises PartUnavailable."""
    with using(NAME), Session(_engine(), expire_on_commit=False) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """A session that commits at the end, or changes nothing. Keep it short: never wait for the lake in it.

    Raises PartUnavailable; its subclass Busy means that others were writing for the whole wait.
    """
    with using(NAME):
        engine = _engine().execution_options(writing=_patience())
        with _turn(), Session(engine, expire_on_commit=False) as session, session.begin():
            session.connection()
            yield session


def _patience() -> float:
    return min(PATIENCE_SECONDS, PATIENCE_OF_A_PERSON_SECONDS) if bound() else PATIENCE_SECONDS


@contextmanager
def _turn() -> Iterator[None]:
    if not _writers.acquire(timeout=_patience()):
        raise Busy(NAME)
    try:
        yield
    finally:
        _writers.release()


def export_file(request_id: UUID) -> File:
    """The sealed file of an export: where it is, or will be."""
    return File(store(Area.EXPORTS), f"{request_id}.sealed")


def due(moment: InstrumentedAttribute[datetime | None], longest: timedelta) -> ColumnElement[bool]:
    """Whether the time to try again has come: none is set, it has passed, or it is further away than we ever wait, so
    that the clock was wrong when it was set."""
    now = clock.now_utc()
    return or_(moment.is_(None), moment <= now, moment > now + longest)


def truncate_log(patience: float = PATIENCE_OF_A_PERSON_SECONDS) -> bool:
    """Empty the write-ahead log, which may still contain what was destroyed; False: others read all the time.

    SQLite does so by itself only when nobody reads at that moment, so under load the log would grow without end.
    Writers wait for as long as this does, `patience` seconds at most. PostgreSQL recycles its log by itself. Raises
    PartUnavailable.
    """
    if postgresql.is_used():
        return True
    with using(NAME), _turn():
        connection = _engine().raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"pragma busy_timeout = {patience * 1000:.0f}")
            busy, *_ = cursor.execute("pragma wal_checkpoint(truncate)").fetchone()
            cursor.close()
            return not busy
        finally:
            connection.close()


def close() -> None:
    """Close the database files, or the connections."""
    with _lock:
        while _engines:
            _engines.popitem()[1][1].dispose()
        _migrated.clear()
    postgresql.close()


def _engine() -> Engine:
    """This home's engine; the first use in a process migrates the tables.

    Raises HomeUnavailable and PartUnavailable.
    """
    with _lock:
        current = home.require(Part.GOVERNANCE)
        if postgresql.is_used():
            return _schema()
        path = Part.GOVERNANCE.path
        file = path.stat()
        inode = file.st_dev, file.st_ino
        known = _engines.get(path)
        if known and known[0] == inode:
            return known[1]
        if known:
            known[1].dispose()
        engine = _create(path, "rw")
        with using(NAME, OSError), FileLock(path.with_name("migrate.lock")):
            _migrate(engine)
        _require_same_home(engine, current)
        _engines[path] = inode, engine
        return engine


def _schema() -> Engine:
    engine = postgresql.engine(Schema.GOVERNANCE)
    if engine not in _migrated:
        _migrate(engine)
        _migrated.add(engine)
    return engine


def _require_same_home(engine: Engine, current: Home) -> None:
    with Session(engine) as session:
        owner = session.scalar(select(HomeRow.home))
    if owner != str(current.id):
        engine.dispose()
        raise HomeUnavailable(
            f"{Part.GOVERNANCE.path} is not the governance database of this home. Nothing was changed. Put the right"
            " one back, or restore a backup (docs/backup.md)."
        )


def _create(path: Path, mode: str) -> Engine:
    place = f"sqlite:///{path.as_uri()}?mode={mode}&uri=true"
    engine = create_engine(place, connect_args={"timeout": PATIENCE_SECONDS}, max_overflow=-1)

    @event.listens_for(engine, "connect")
    def configure(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None  # `begin` below decides what a transaction locks
        for pragma in ("journal_mode = wal", "synchronous = full", "secure_delete = on", "foreign_keys = on"):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"pragma busy_timeout = {_patience() * 1000:.0f}")
        connection.exec_driver_sql("begin immediate" if connection.get_execution_options().get("writing") else "begin")

    return engine


def _migrate(engine: Engine) -> None:
    with engine.execution_options(writing=PATIENCE_SECONDS).begin() as connection:
        migrate(connection)


def create_file(path: Path) -> Engine:
    """An empty governance database in a new file, whatever the settings say. Raises PartUnavailable."""
    return open_file(path, "rwc")


def open_file(path: Path, mode: str = "rw") -> Engine:
    """A governance database in a file that nobody else uses, brought up to date. Raises PartUnavailable."""
    engine = _create(path, mode)
    try:
        with using(NAME):
            _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine
