"""The PostgreSQL database that `OPENBOOK_DATABASE_URL` names.

Each schema carries a comment with the id of the home that it belongs to, from the moment it exists. A schema without
one, or of another home, is not used: an empty one in place of a missing one would be mistaken for the truth.

    write        a transaction that writes takes its schema's advisory lock before its first statement, as with SQLite,
                 so what it reads is still true when it writes; the lock ends with the transaction, however it ends
    read         one consistent state (repeatable read), and nothing can be written

Times are UTC. Text sorts by its characters, as in SQLite, so the database must have the locale C.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, inspect, make_url, text

import home
from databases.liveness import CONNECT_SECONDS, OF_CLIENT, OF_SERVER
from home import Home, HomeUnavailable
from parts import using
from settings import settings

if TYPE_CHECKING:
    import psycopg

NAME = "The PostgreSQL database"
PATIENCE_SECONDS = 10.0
"""How long a statement waits for somebody who changes a table."""
LOCALES = {"C", "POSIX", "C.UTF-8", "C.utf8"}
OWNER = "Open Book home "
OPTIONS = f"-c timezone=UTC {OF_SERVER}"


class Schema(StrEnum):
    """A schema of the database."""

    GOVERNANCE = "governance"
    DIRECTORY = "directory"
    QUEUE = "dbos"


_lock = threading.Lock()
_engines: dict[tuple[str, Schema], tuple[UUID, Engine]] = {}


def is_used() -> bool:
    """Whether the state is in PostgreSQL."""
    return bool(settings().database_url)


def url() -> URL:
    """The database, for SQLAlchemy."""
    return make_url(settings().database_url).set(drivername="postgresql+psycopg")


def queue_url() -> URL:
    """The same for DBOS, which takes no other parameters of its connections."""
    return url().update_query_dict({**{name: str(value) for name, value in OF_CLIENT.items()}, "options": OPTIONS})


def engine(schema: Schema) -> Engine:
    """The engine of this process for a schema of this home. Raises HomeUnavailable, PartUnavailable."""
    current = home.require()
    key = settings().database_url, schema
    with _lock:
        known = _engines.get(key)
        if known and known[0] == current.id:
            return known[1]
        made = new_engine(schema)
        try:
            with using(NAME), made.connect() as connection:
                _require_owner(connection, schema, current)
        except BaseException:
            made.dispose()
            raise
        _engines[key] = current.id, made
        return made


def new_engine(schema: Schema) -> Engine:
    """An engine of its own, whichever home the schema belongs to."""
    patience = round(PATIENCE_SECONDS * 1000)
    connect = {**OF_CLIENT, "options": f"{OPTIONS} -c search_path={schema} -c lock_timeout={patience}"}
    made = create_engine(url(), connect_args=connect, pool_pre_ping=True, max_overflow=20, pool_timeout=CONNECT_SECONDS)

    @event.listens_for(made, "begin")
    def begin(connection: Connection) -> None:
        patience = connection.get_execution_options().get("writing")
        if patience is None:
            connection.exec_driver_sql("set transaction isolation level repeatable read, read only")
        else:
            take_turn(connection, f"{schema} writer", float(patience))

    return made


def take_turn(connection: Connection, name: str, patience: float) -> None:
    """Take an advisory lock until the end of the transaction, or fail after so many seconds."""
    connection.exec_driver_sql(
        "set transaction isolation level read committed, read write;"
        f" set local lock_timeout = {max(1, round(patience * 1000))}; select pg_advisory_xact_lock({key_of(name)})"
    )


def key_of(name: str) -> int:
    """The number of an advisory lock."""
    digest = hashlib.blake2b(f"open-book {name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def connect() -> psycopg.Connection[Any]:
    """A connection of its own that commits each statement. Raises psycopg.Error."""
    import psycopg  # only where it is used: it takes time to load

    given = {**url().translate_connect_args(username="user", database="dbname"), **url().query, **OF_CLIENT}
    return psycopg.connect(**given, options=OPTIONS, autocommit=True)


def create(of: Home) -> None:
    """Create the schemas of a home, all or none. Raises what `create_schemas` does, and PartUnavailable."""
    with using(NAME), connect() as connection, connection.transaction():
        create_schemas(connection, of)


def require_empty() -> None:
    """Raises what `create_schemas` does, and PartUnavailable."""
    with using(NAME), connect() as connection:
        _require_empty(connection)


def create_schemas(connection: psycopg.Connection[Any], of: Home) -> None:
    """Create the schemas of a home, in a transaction; none of them may be there. Raises HomeUnavailable."""
    _require_empty(connection)
    for schema in Schema:
        connection.execute(f"create schema {schema}".encode())
        connection.execute(f"comment on schema {schema} is '{OWNER}{of.id}'".encode())


def _require_empty(connection: psycopg.Connection[Any]) -> None:
    if not _is_suitable(connection):
        raise HomeUnavailable(
            "The database of OPENBOOK_DATABASE_URL must have the encoding UTF8 and the locale C: create database"
            " openbook template template0 encoding 'UTF8' locale 'C'. Nothing was created."
        )
    there = [schema for schema in Schema if _exists(connection, schema)]
    if there:
        raise HomeUnavailable(
            f"The database of OPENBOOK_DATABASE_URL already has {', '.join(there)}: the state of a home, perhaps"
            " this one's. Nothing was created or changed. Name an empty database, or bring back the home that it"
            " belongs to."
        )


def is_of(of: Home) -> bool:
    """Whether the database has the state of this home. Raises PartUnavailable."""
    with using(NAME), connect() as connection:
        return _exists(connection, Schema.GOVERNANCE) and _owner(connection, Schema.GOVERNANCE) == f"{OWNER}{of.id}"


def owner() -> UUID:
    """The home whose state the database has. Raises HomeUnavailable, PartUnavailable."""
    with using(NAME), connect() as connection:
        found = {_owner(connection, schema) for schema in Schema}
    said = str(found.pop())
    if found or not said.startswith(OWNER):
        raise HomeUnavailable(
            "The database of OPENBOOK_DATABASE_URL doesn't have the state of a home. Nothing was created or changed."
        )
    return UUID(said.removeprefix(OWNER))


def drop(of: UUID) -> None:
    """Remove the schemas that an interrupted first start of this home created. Raises PartUnavailable."""
    with using(NAME), connect() as connection, connection.transaction():
        for schema in Schema:
            if _exists(connection, schema) and _owner(connection, schema) == f"{OWNER}{of}":
                connection.execute(f"drop schema {schema} cascade".encode())


def create_tables(schema: Schema, metadata: MetaData) -> None:
    """Create the tables of an empty schema. Raises PartUnavailable."""
    made = new_engine(schema)
    try:
        with using(NAME), made.execution_options(writing=CONNECT_SECONDS).begin() as connection:
            metadata.create_all(connection, checkfirst=False)
    finally:
        made.dispose()


def add_missing(engine: Engine, metadata: MetaData, tables: list[str], columns: Iterable[tuple[str, str]]) -> None:
    """Add those of these tables, and of these columns of tables, that an earlier version didn't make."""
    with engine.execution_options(writing=CONNECT_SECONDS).begin() as connection:
        found = inspect(connection)
        there = set(found.get_table_names())
        metadata.create_all(connection, [metadata.tables[name] for name in tables if name not in there])
        for table, name in columns:
            if table in there and name not in {column["name"] for column in found.get_columns(table)}:
                kind = metadata.tables[table].columns[name].type.compile(connection.dialect)
                connection.exec_driver_sql(f"alter table {table} add column {name} {kind}")


def close() -> None:
    """Close the connections of this process."""
    with _lock:
        while _engines:
            _engines.popitem()[1][1].dispose()


def _require_owner(connection: Connection, schema: Schema, current: Home) -> None:
    found = connection.scalar(
        text("select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = :name"), {"name": schema}
    )
    if found != f"{OWNER}{current.id}":
        raise HomeUnavailable(
            f"The schema {schema} of OPENBOOK_DATABASE_URL is missing, or is not of this home. Nothing was created or"
            " changed. Name the right database, or bring it back (docs/postgresql.md)."
        )


def _is_suitable(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute(
        "select datcollate, pg_encoding_to_char(encoding) from pg_database where datname = current_database()"
    ).fetchone()
    return row is not None and row[0] in LOCALES and row[1] == "UTF8"


def _exists(connection: psycopg.Connection[Any], schema: Schema) -> bool:
    return connection.execute("select 1 from pg_namespace where nspname = %s", [schema]).fetchone() is not None


def _owner(connection: psycopg.Connection[Any], schema: Schema) -> object:
    row = connection.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s", [schema]
    ).fetchone()
    return row[0] if row else None
