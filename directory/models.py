"""Tables of the directory database: `$OPENBOOK_HOME/directory/directory.sqlite`, or the schema `directory` in
PostgreSQL (`databases.postgresql`).
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import JSON, Connection, Engine, String, Table, create_engine, delete, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

import clock
from databases import postgresql
from databases.postgresql import Schema
from directory.tables import Base
from directory.tables.consents import ConsentRow
from directory.tables.content_keys import RewrappingRow
from directory.tables.pauses import PauseHoursRow, PauseRow
from home import Part
from parts import using

NAME = "The directory of who works here"

PATIENCE_SECONDS = 10.0
"""How long readers and writers wait for a writer."""


class EmployeeRow(Base):
    """One person. Rows are never deleted: people who leave keep their rights over what was captured."""

    __tablename__ = "employee"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String, unique=True)
    name: Mapped[str]
    sub: Mapped[str | None] = mapped_column(unique=True)
    department: Mapped[str]
    team: Mapped[str]
    role: Mapped[str]
    manager_email: Mapped[str | None]
    regime: Mapped[str]
    zone: Mapped[str | None]
    """The IANA time zone of their workplace; None: the default of the settings."""
    active: Mapped[bool]
    synchronised_at: Mapped[datetime] = mapped_column(default=clock.now_utc)


class LinkRow(Base):
    """A proposal, not decided yet: a line of the HR file has the address of a known person, and another `sub`.

    Both may be the same person or two. Until a privacy officer decides, `sub` can't sign in, and the known person has
    the data of before, but counts as not working here.
    """

    __tablename__ = "link"

    proposal: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(index=True)
    """The known person."""
    sub: Mapped[str] = mapped_column(unique=True)
    line: Mapped[dict[str, str | None]] = mapped_column(JSON)
    """The values of the line, by column of `EmployeeRow`."""
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now_utc)
    left_at: Mapped[datetime | None]
    """When it was said, while it was open, that the known person has left; None: it wasn't, or isn't true any more."""


class UseRow(Base):
    """That a job is about to read data of a person, until that is in the access log (`directory.keys.uses`)."""

    __tablename__ = "key_use"

    use: Mapped[bytes] = mapped_column(primary_key=True)
    subject: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(index=True)
    role: Mapped[str]
    actor: Mapped[UUID]
    why: Mapped[str]
    what: Mapped[str]
    rows: Mapped[int]
    dataset_version: Mapped[UUID | None]


class RevocationRow(Base):
    """Sign-ins that the identity provider has ended: of a person or a session, by the digest of its name."""

    __tablename__ = "revocation"

    name: Mapped[str] = mapped_column(primary_key=True)
    issued_until: Mapped[float]
    """Unix seconds: a person's tokens issued no later are refused."""
    kept_until: Mapped[float | None]
    """Unix seconds; None: permanently."""


class NoticeRow(Base):
    """A notice of the identity provider that was carried out, by the digest of its `jti`: it isn't accepted again."""

    __tablename__ = "notice"

    name: Mapped[str] = mapped_column(primary_key=True)
    kept_until: Mapped[float]


class SessionTokenRow(Base):
    """Which session of the identity provider an access token came with; both as digests."""

    __tablename__ = "session_token"

    token: Mapped[str] = mapped_column(primary_key=True)
    sid: Mapped[str]
    kept_until: Mapped[float]


class SignInRow(Base):
    """When and how the person signed in with whose id token an access token came; the token as a digest."""

    __tablename__ = "sign_in"

    token: Mapped[str] = mapped_column(primary_key=True)
    auth_time: Mapped[float | None]
    """Unix seconds."""
    acr: Mapped[str | None]
    kept_until: Mapped[float]


class LetterCodeRow(Base):
    """The code of a letter to somebody who has left (`directory.tokens.letters`); it is stored as a digest only."""

    __tablename__ = "letter_code"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    letter: Mapped[UUID] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[float]
    """Unix seconds."""
    uses: Mapped[int]


class LetterTokenRow(Base):
    """An access token that was given for such a code; as a digest."""

    __tablename__ = "letter_token"

    token: Mapped[str] = mapped_column(primary_key=True)
    letter: Mapped[UUID] = mapped_column(index=True)
    issued_at: Mapped[float]
    expires_at: Mapped[float]


class ScimRow(Base):
    """What the identity provider calls a person (SCIM); people without a row were only ever in a file."""

    __tablename__ = "scim"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    user_name: Mapped[str | None] = mapped_column(unique=True)
    """In small letters; None: their address."""
    external_id: Mapped[str | None] = mapped_column(index=True)
    deleted: Mapped[bool]
    """The provider deleted them: it doesn't see them again unless they return."""


class LeavingRow(Base):
    """A person whom the identity provider marked as left (SCIM), or would have: `directory.scim.leaving`."""

    __tablename__ = "leaving"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now_utc)
    refused: Mapped[bool]
    """They still work here until someone confirms the number."""
    deleted: Mapped[bool]
    """Whether the provider deleted them, too."""


@event.listens_for(EmployeeRow, "after_update")
def _end_letters(_: Mapper[EmployeeRow], connection: Connection, row: EmployeeRow) -> None:
    """Whoever works here signs in as everybody does: the code of their letter ends, for good."""
    if row.active:
        connection.execute(delete(LetterCodeRow).where(LetterCodeRow.subject == row.subject))


LATER = (
    RewrappingRow,
    LinkRow,
    UseRow,
    RevocationRow,
    NoticeRow,
    SessionTokenRow,
    SignInRow,
    LetterCodeRow,
    LetterTokenRow,
    ScimRow,
    LeavingRow,
    PauseRow,
    PauseHoursRow,
    ConsentRow,
)
LATER_COLUMNS = (
    ("employee", "zone"),
    ("content_key", "first_print"),
    ("content_key", "service_key"),
    ("link", "left_at"),
)
"""What directories of an earlier version lack. An older table that is missing was lost: it is never made anew."""

_upgraded = weakref.WeakSet[Engine]()


def open_engine(path: Path) -> Engine:
    """An existing directory database: that of the home, or a file, whose freed pages are overwritten, so that a
    destroyed key is gone. Nothing has to be closed. Raises HomeUnavailable, PartUnavailable.
    """
    if not (postgresql.is_used() and path == Part.DIRECTORY.path):
        return engine_of_file(path, "rw")
    with using(NAME):
        shared = postgresql.engine(Schema.DIRECTORY)
        if shared not in _upgraded:
            postgresql.add_missing(shared, Base.metadata, [row.__tablename__ for row in LATER], LATER_COLUMNS)
            _upgraded.add(shared)
    return shared


@contextmanager
def session_of(engine: Engine) -> Iterator[Session]:
    """A session that reads; raises PartUnavailable if the database can't be read."""
    with using(NAME), Session(engine) as session:
        yield session


@contextmanager
def writer_of(engine: Engine) -> Iterator[Session]:
    """A session that writes; the caller commits. Raises PartUnavailable if the database can't be read or written."""
    with session_of(engine.execution_options(writing=PATIENCE_SECONDS)) as session:
        yield session


@contextmanager
def change_of(engine: Engine) -> Iterator[Session]:
    """A session that excludes other writers from its first statement, and commits at the end or changes nothing. Raises
    PartUnavailable.
    """
    with writer_of(engine) as session, session.begin():
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("begin immediate")
        yield session


def create_database(path: Path) -> None:
    """Create an empty directory database; only for the first start of a home. In PostgreSQL its schema exists."""
    path.parent.mkdir(exist_ok=True)
    if postgresql.is_used():
        postgresql.create_tables(Schema.DIRECTORY, Base.metadata)
    else:
        create_file(path)


def create_file(path: Path) -> Engine:
    """An empty directory in a new file, whatever the settings say."""
    with (engine := engine_of_file(path, "rwc")).begin() as connection:
        for statement in [each for table in Base.metadata.sorted_tables for each in _creating(table)]:
            connection.execute(statement)
    return engine


def engine_of_file(path: Path, mode: str) -> Engine:
    """An engine of a file, whatever the settings say; `mode` as in SQLite's URIs. Each session opens the file that is
    there then, and closes it."""
    return _engine_of(path.absolute(), mode)


@lru_cache(maxsize=32)
def _engine_of(path: Path, mode: str) -> Engine:
    """Kept for the statements that it has compiled: that takes longer than to run them."""
    address = f"sqlite:///{path.as_uri()}?mode={mode}&uri=true"
    engine = create_engine(address, connect_args={"timeout": PATIENCE_SECONDS}, poolclass=NullPool)
    complete: set[tuple[int, int, int]] = set()

    @event.listens_for(engine, "connect")
    def configure(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma journal_mode = delete")
        if _schema(connection, path) not in complete:
            upgrade(connection)
            complete.add(_schema(connection, path))

    return engine


def _schema(connection: sqlite3.Connection, path: Path) -> tuple[int, int, int]:
    """Another one for another file, and for the same after any change of its tables."""
    file = path.stat()
    return file.st_dev, file.st_ino, connection.execute("pragma schema_version").fetchone()[0]


def upgrade(connection: sqlite3.Connection) -> None:
    """Add what directories of an earlier version lack; other processes may be doing the same."""
    if _lacking(connection):
        connection.execute("begin immediate")
        for statement in _lacking(connection):
            connection.execute(statement)
        connection.commit()


def _lacking(connection: sqlite3.Connection) -> list[str]:
    """The statements that add it. An empty file lacks nothing: a new directory gets all tables at once."""
    if not _columns(connection, "employee"):
        return []
    tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    missing = [Base.metadata.tables[row.__tablename__] for row in LATER if row.__tablename__ not in tables]
    statements = [str(each.compile(dialect=sqlite.dialect())) for table in missing for each in _creating(table)]
    for table, column in LATER_COLUMNS:
        if table in tables and column not in _columns(connection, table):
            statements.append(f"alter table {table} add column {column} varchar")
    return statements


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {name for _, name, *_ in connection.execute(f"pragma table_info({table})")}


def _creating(table: Table) -> list[ExecutableDDLElement]:
    indexes = [CreateIndex(index, if_not_exists=True) for index in table.indexes]
    return [CreateTable(table, if_not_exists=True), *indexes]
