"""Makes the lake, and brings one of an earlier version up to date."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import identity, migrations
from lake.storage.catalogs import catalog
from lake.storage.connection import any_writer, attach_writable, data_folder, shards_in_folders, transaction, turn
from lake.storage.data_files import data_files
from lake.storage.identity import Identity
from lake.storage.opening import FOR_READING, FOR_WRITING, attach, connect, lake_folder, name_of
from lake.storage.shards import FIRST, Placing, entered, entering, folder_of, placing
from lake.storage.unavailable import LakeUnavailable, cause, explaining

SCHEMA = Path(__file__).parents[1] / "schema.sql"


def create() -> Identity:
    """Create an empty lake if there is none, or a further shard of it; only for the first start of a home, and for
    whoever divides the lake."""
    (lake_folder() / folder_of(entered())).mkdir(parents=True, exist_ok=True)
    data_files().begin()
    with turn(None):
        catalog().prepare()
        connection = connect()
        try:
            attach(connection, FOR_WRITING, writing=True)
            _create_tables(connection)
            made = identity.of_catalog(connection)
            identity.note(made)
        finally:
            connection.close()
        catalog().finish()
        return made


def clear_away() -> None:
    """Remove what an interrupted first start created; nothing was ever stored in it."""
    for shard in shards_in_folders():
        with entering(shard):
            catalog().clear_away()
    catalog().clear_away()
    data_files().clear_away()
    shutil.rmtree(lake_folder(), ignore_errors=True)


def adopt() -> Identity:
    """The identity of a lake that an earlier version made, if its data is complete. Changes nothing.

    Raises LakeUnavailable if a file that the catalog needs is missing, or if the catalog knows none of the existing
    captures, like a new catalog beside old data. Of a lake that is divided, the further shards get their identity.
    """
    found, named, now = _as_found()
    for shard in now.shards[1:]:
        with entering(shard):
            of_shard, files, _ = _as_found()
            if of_shard.lake != now.lakes[shard - 1]:
                raise LakeUnavailable("The catalog of a shard belongs to another lake. Nothing was changed.")
            identity.note(of_shard)
        named += files
    there = {path.name: path for path in data_folder().rglob("*.parquet")}
    if missing := {Path(path).name for path, needed, _ in named if needed} - there.keys():
        raise LakeUnavailable(f"{len(missing):,} files listed in the lake's catalog are missing. Nothing was changed.")
    if not any(of_captures for *_, of_captures in named) and any("captures" in path.parts for path in there.values()):
        raise LakeUnavailable("The lake's catalog lists none of the captures beside it. Nothing was changed.")
    return found


def _as_found() -> tuple[Identity, list[tuple[str, bool, bool]], Placing]:
    """A shard, its files (`named_files`), and how the lake is divided."""
    with turn(None):
        connection = connect()
        try:
            attach_writable(connection)
            named = connection.execute(statement("named_files")).fetchall()
            return identity.of_catalog(connection), named, placing.read(connection, name_of(FIRST))
        except duckdb.Error as error:
            raise LakeUnavailable("The lake can't be opened. Nothing was changed.") from cause(error)
        finally:
            connection.close()


def is_of_earlier_version() -> bool:
    """Whether it lacks migrations (`lake.storage.migrations`). Raises LakeUnavailable."""
    identity.require_files()
    with explaining():
        connection = connect()
        try:
            attach(connection, FOR_READING, writing=False)
            return bool(migrations.pending(connection))
        finally:
            connection.close()


def upgrade() -> None:
    """Give the lake the migrations that it lacks; safe to repeat. Raises LakeUnavailable."""
    with any_writer(None) as connection:
        now = placing.read(connection)
        _migrate(connection)
    for shard in now.shards[1:]:
        with entering(shard), any_writer(None) as connection:
            _migrate(connection)


def _migrate(connection: DuckDBPyConnection) -> None:
    for migration in migrations.pending(connection):
        with transaction(connection):
            migrations.carry_out(connection, migration)
    _start_statistics(connection)


def _create_tables(connection: DuckDBPyConnection) -> None:
    with transaction(connection):
        migrations.carry_out_here(connection, SCHEMA.read_text(encoding="utf-8"))
        migrations.note_all(connection)
    _start_statistics(connection)


def _start_statistics(connection: DuckDBPyConnection) -> None:
    with transaction(connection):
        connection.execute(statement("start_table_statistics"))
        connection.execute(statement("start_column_bounds"))
