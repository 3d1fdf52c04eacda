"""The governance database of an earlier version: later tables and columns are dropped, the rest stays."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import governance

BEFORE_HOMES_HAD_AN_IDENTITY = "0010"


def take_back(path: Path, revision: str) -> None:
    """No one may have the database open."""
    tables, indexes = _at(revision)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for index, made in _indexes(connection).items():
            if indexes.get(index) != made:
                connection.execute(f'drop index "{index}"')
        for table, columns in _tables(connection).items():
            if table not in tables:
                connection.execute(f'drop table "{table}"')
                continue
            for column in columns - tables[table]:
                connection.execute(f'alter table "{table}" drop column "{column}"')
        for index in indexes.keys() - _indexes(connection).keys():
            connection.execute(indexes[index])
        connection.execute("update alembic_version set version_num = ?", (revision,))


def _at(revision: str) -> tuple[dict[str, set[str]], dict[str, str]]:
    """Its tables with their columns, and its indexes (`_indexes`)."""
    config = Config()
    config.set_main_option("script_location", str(Path(governance.__file__).parent / "db" / "migrations"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "earlier.sqlite"
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        engine.dispose()
        with closing(sqlite3.connect(file)) as made:
            return _tables(made), _indexes(made)


def _indexes(connection: sqlite3.Connection) -> dict[str, str]:
    """By name, the statement that made each."""
    return dict(connection.execute("select name, sql from sqlite_schema where type = 'index' and sql is not null"))


def _tables(connection: sqlite3.Connection) -> dict[str, set[str]]:
    names = connection.execute("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    return {
        name: {column for _, column, *_ in connection.execute(f'pragma table_info("{name}")')}
        for (name,) in names.fetchall()
    }
