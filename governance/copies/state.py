"""Every row of the governance database and the directory, copied between files and PostgreSQL.

Into PostgreSQL it is one transaction; out of it, all rows are as of one moment (repeatable read).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, inspect, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

import directory.models
import directory.tables
from databases import postgresql
from databases.postgresql import Schema
from directory.keys.holders import in_database as key_holders
from directory.web_sessions import in_database as dashboard_sessions
from governance.copies.errors import NotMoved
from governance.db import database, tables
from governance.db.tables import MigrationsRow
from governance.db.upgrading import migrate
from governance.ledger import log
from home import Home, Part
from parts import using

for _tables in (
    "governance.access_proofs.tables",
    "governance.backup.tables",
    "governance.intake.tables",
    "governance.ledger.tables",
    "governance.lineage.quotas",
    "governance.lineage.tables",
    "governance.notifying.tables",
    "governance.opendsr.replays",
    "governance.opendsr.tables",
    "governance.recording.tables",
    "governance.register.tables",
    "governance.requests.controller_tables",
    "governance.requests.work_tables",
    "governance.saved_views.tables",
):
    import_module(_tables)  # importing a module registers its tables

ROWS = 1000
OF_ONE_PLACE = {"alembic_version", MigrationsRow.__tablename__, key_holders.TABLE, dashboard_sessions.TABLE}
"""What is written anew elsewhere: the version of the schema, which processes run, and sign-ins, which begin again."""


def is_open(path: Path) -> bool:
    """Whether another process has this database open. If not, its file has everything that it had beside it."""
    with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
        try:
            connection.execute("pragma locking_mode = exclusive")
            connection.execute("begin exclusive")
            connection.execute("rollback")
            connection.execute("pragma wal_checkpoint(truncate)")  # the file alone has everything then
        except sqlite3.OperationalError:
            return True
    return False


def copy(of: Home, governance: Path, people: Path) -> None:
    """Raises NotMoved, HomeUnavailable, PartUnavailable: then PostgreSQL has nothing of it."""
    state = database.open_file(governance)
    persons = directory.models.engine_of_file(people, "rw")
    target = postgresql.new_engine(Schema.GOVERNANCE)
    try:
        with (
            using(postgresql.NAME),
            state.execution_options(writing=1.0).begin() as source,
            directory.models.change_of(persons) as others,
            target.execution_options(writing=database.PATIENCE_SECONDS).begin() as to,
        ):
            postgresql.create_schemas(cast(Any, to.connection.driver_connection), of)
            migrate(to)
            _copy_all(source, to, tables.Base.metadata)
            if _head(source) != _head(to):
                raise NotMoved("The ledger was not the same after it was copied. Nothing was changed.")
            to.exec_driver_sql(f"set local search_path = {Schema.DIRECTORY}")
            directory.tables.Base.metadata.create_all(to, checkfirst=False)
            _copy_all(others.connection(), to, directory.tables.Base.metadata)
    except DataError as error:
        raise NotMoved(
            f"A value of this home can't be stored in PostgreSQL ({type(error.orig).__name__}). Nothing was changed."
        ) from None
    finally:
        for engine in (target, state):
            engine.dispose()


def to_files(governance: Path, people: Path | None = None) -> None:
    """Copy from PostgreSQL into new files. Raises NotMoved, HomeUnavailable, PartUnavailable: then they are useless."""
    directory.models.open_engine(Part.DIRECTORY.path)  # brings its tables up to date
    with database.reading() as session, using(postgresql.NAME):
        source = session.connection()
        with _writing_to(database.create_file(governance)) as to:
            _copy_all(source, to, tables.Base.metadata, Schema.GOVERNANCE)
            if _head(source) != _head(to):
                raise NotMoved("The ledger was not the same after it was copied. Nothing was changed.")
        if people is None:
            return
        source.exec_driver_sql(f"set local search_path = {Schema.DIRECTORY}")
        with _writing_to(directory.models.create_file(people)) as to:
            _copy_all(source, to, directory.tables.Base.metadata, Schema.DIRECTORY)


@contextmanager
def _writing_to(engine: Engine) -> Iterator[Connection]:
    """A transaction, after which all of it is in the file."""
    try:
        with engine.execution_options(writing=1.0).begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _copy_all(source: Connection, target: Connection, metadata: MetaData, schema: str | None = None) -> None:
    """`schema`: of the source, in PostgreSQL."""
    found = inspect(source)
    unknown = set(found.get_table_names(schema)) - set(metadata.tables) - OF_ONE_PLACE
    copied = [table for table in metadata.sorted_tables if table.name not in OF_ONE_PLACE]
    for table in copied:
        columns = {column["name"] for column in found.get_columns(table.name, schema)} if schema else set()
        unknown |= {f"{table.name}.{column}" for column in columns - set(table.columns.keys())}
    if unknown:
        raise NotMoved(
            f"This version doesn't know {', '.join(sorted(unknown))}, perhaps of a later version. Nothing was changed."
        )
    for table in copied:
        rows = select(table).order_by(*table.primary_key)
        for some in source.execute(rows).mappings().partitions(ROWS):
            target.execute(insert(table), [dict(row) for row in some])
        _count_on(target, table)
        if any(ours != theirs for ours, theirs in zip_longest(source.execute(rows), target.execute(rows))):
            raise NotMoved(f"The table {table.name} was not the same after it was copied. Nothing was changed.")


def _count_on(target: Connection, table: Table) -> None:
    """New rows get numbers after those of the copied ones."""
    number = table.autoincrement_column
    if number is None or target.dialect.name == "sqlite":
        return
    newest = target.scalar(select(func.max(number)))
    if newest is not None:
        target.execute(select(func.setval(func.pg_get_serial_sequence(table.name, number.name), newest)))


def _head(connection: Connection) -> tuple[int, bytes]:
    with Session(connection) as session:
        size = log.size(session)
        return size, log.root(session, size)
