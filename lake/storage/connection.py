"""Opening the lake: one writer at a time, any number of readers.

The catalog is an SQLite file in `$OPENBOOK_HOME` or a schema of a PostgreSQL database (`lake.storage.catalogs`); the
encrypted Parquet files are in a folder or in a bucket (`lake.storage.data_files`). Writers take turns. Readers are
read-only and locked: they can't change the lake or a setting, nor read or write a file elsewhere. DuckDB leaves gaps:
its SQLite and PostgreSQL extensions open any database that they can reach, a reader may write new files beside the
data, and in a bucket `..` leads from there to other objects of the same account. So a reader only runs statements from
.sql files with bound parameters, never SQL built at runtime. Each read runs in `reading`, so that no file is deleted
under it.

A lake is created once, by `create`. Every later opening checks that it is that lake (`lake.storage.identity`).
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import duckdb
from duckdb import DuckDBPyConnection

from home import Part
from lake.statements import statement
from lake.storage import identity, migrations, reader_lock, spill
from lake.storage.catalogs import catalog
from lake.storage.data_files import data_files
from lake.storage.identity import Identity
from lake.storage.unavailable import (
    UNREADABLE,
    LakeBusy,
    LakeDamaged,
    LakeUnavailable,
    cause,
    explaining,
    is_outage,
    meaning,
)
from settings import settings

__all__ = ["LakeBusy", "LakeDamaged", "LakeUnavailable"]

EXTENSIONS = ("ducklake", "httpfs")  # httpfs: the writer of encrypted files
READ_ATTEMPTS = 5
FOR_WRITING = "encrypted, data_inlining_row_limit 0, "

SCHEMA = Path(__file__).parents[1] / "schema.sql"

_signed: set[tuple[Path, int, int, int, int]] = set()
"""The extension files whose signatures DuckDB has checked in this process, as they were at that time."""

Result = TypeVar("Result")


def lake_folder() -> Path:
    return settings().home / "lake"


def data_folder() -> Path:
    """Of data files in a folder."""
    return Part.DATA.path.parent


def catalog_path() -> Path:
    """Where it is unless the settings name a database."""
    return Part.CATALOG.path


def has_catalog() -> bool:
    """Whether there is a catalog where the settings say. Raises LakeUnavailable."""
    return catalog().exists()


def require_settings() -> None:
    """Raises LakeUnavailable if the settings don't say completely where the lake is, or would be."""
    data_files()
    catalog()


@contextmanager
def writer(patience: float | None = None) -> Iterator[DuckDBPyConnection]:
    """The one writing connection, with the lake as its default database. Raises LakeUnavailable.

    Waits for its turn, or for `patience` seconds at most (`lake.storage.waiting`) and then raises LakeBusy. Use
    `transaction` for changes.
    """
    with _writer(patience) as connection:
        migrations.require_current(connection)
        yield connection


@contextmanager
def _writer(patience: float | None) -> Iterator[DuckDBPyConnection]:
    """The same for a lake of any version."""
    identity.require_files()
    with explaining(), turn(patience):
        identity.require_files()
        spill.clear(lake_folder())
        connection = connect()
        try:
            attach_writable(connection)
            identity.require_match(connection)
            try:
                yield connection
            finally:
                identity.note_newest(connection)
        finally:
            connection.close()


def create() -> Identity:
    """Create an empty lake if there is none; only for the first start of a home."""
    lake_folder().mkdir(exist_ok=True)
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
    catalog().clear_away()
    data_files().clear_away()
    shutil.rmtree(lake_folder(), ignore_errors=True)


def adopt() -> Identity:
    """The identity of a lake that an earlier version made, if its data is complete. Changes nothing.

    Raises LakeUnavailable if a file that the catalog needs is missing, or if the catalog knows none of the existing
    captures, like a new catalog beside old data.
    """
    with turn(None):
        connection = connect()
        try:
            attach_writable(connection)
            found = identity.of_catalog(connection)
            named = connection.execute(statement("named_files")).fetchall()
        except duckdb.Error as error:
            raise LakeUnavailable("The lake can't be opened. Nothing was changed.") from cause(error)
        finally:
            connection.close()
    there = {path.name: path for path in data_folder().rglob("*.parquet")}
    if missing := {Path(path).name for path, needed, _ in named if needed} - there.keys():
        raise LakeUnavailable(f"{len(missing):,} files listed in the lake's catalog are missing. Nothing was changed.")
    if not any(of_captures for *_, of_captures in named) and any("captures" in path.parts for path in there.values()):
        raise LakeUnavailable("The lake's catalog lists none of the captures beside it. Nothing was changed.")
    return found


def is_of_earlier_version() -> bool:
    """Whether it lacks migrations (`lake.storage.migrations`). Raises LakeUnavailable."""
    identity.require_files()
    with explaining():
        connection = connect()
        try:
            attach(connection, "create_if_not_exists false, read_only, ", writing=False)
            return bool(migrations.pending(connection))
        finally:
            connection.close()


def upgrade() -> None:
    """Give the lake the migrations that it lacks; safe to repeat. Raises LakeUnavailable."""
    with _writer(None) as connection:
        for migration in migrations.pending(connection):
            with transaction(connection):
                migrations.carry_out(connection, migration)
        _start_statistics(connection)


@contextmanager
def turn(patience: float | None) -> Iterator[None]:
    """The turn to write, of a lake that may not exist yet. Raises LakeBusy, LakeUnavailable."""
    with catalog().turn(patience):
        yield


@contextmanager
def writers_blocked() -> Iterator[None]:
    """Blocks everyone, including the caller, from writing to the lake or deleting its files. Waits for its turn."""
    if not lake_folder().is_dir():
        raise LakeUnavailable("The lake is missing. Nothing was changed.")
    with turn(None):
        yield


def attach_writable(connection: DuckDBPyConnection) -> None:
    """Attach the lake for writing; for the holder of the write lock only."""
    attach(connection, f"create_if_not_exists false, {FOR_WRITING}", writing=True)


@contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: commits at the end, rolls back on any error."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # the connection is lost, and the transaction with it
            connection.execute("rollback")
        raise
    connection.execute("commit")


def reader() -> DuckDBPyConnection:
    """A read-only, locked connection with the lake as its default database. Raises LakeUnavailable.

    Use one cursor per thread (`connection.cursor()`, then `use lake`), and run queries in `reading` and through
    `retrying`. Read results to their end or close the cursor: an unfinished one keeps its snapshot, which delays
    a purge.
    """
    identity.require_files()
    connection = connect()
    try:
        attach(connection, "create_if_not_exists false, read_only, ", writing=False)
        identity.require_match(connection)
        migrations.require_current(connection)
        connection.execute(f"set allowed_directories = [{quoted(data_files().place)}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except BaseException as error:
        connection.close()
        if isinstance(error, duckdb.Error):
            raise meaning(error) or LakeUnavailable("The lake can't be opened.") from cause(error)
        raise
    return connection


@contextmanager
def reading() -> Iterator[None]:
    """Wrap each read by a `reader`, from its first statement to its last row, so that no files are deleted during
    it. Waits while files are being deleted (`lake.storage.waiting`). Raises LakeUnavailable, LakeBusy."""
    identity.require_files()
    with reader_lock.reading(catalog()):
        yield


@contextmanager
def reader_once() -> Iterator[DuckDBPyConnection]:
    """A `reader` for the reads of one block, in `reading`. Raises LakeUnavailable, LakeBusy."""
    connection = reader()
    try:
        with reading():
            yield connection
    finally:
        connection.close()


def retrying(read: Callable[[], Result]) -> Result:
    """Repeat a read, on the newest snapshot, if files were deleted under it. Raises LakeUnavailable."""
    for attempt in range(1, READ_ATTEMPTS + 1):
        try:
            return read()
        except duckdb.IOException as error:
            if attempt == READ_ATTEMPTS or is_outage(error):
                data_files().require_ours()
                raise meaning(error) or LakeUnavailable(UNREADABLE) from cause(error)
    raise AssertionError("unreachable")


def connect(*more: str) -> DuckDBPyConnection:
    """One without the lake; `more` extensions than it needs. The first time in a process, DuckDB checks the signatures
    of the extensions, which reads 90 MB."""
    names = dict.fromkeys((*EXTENSIONS, catalog().extension, *more))
    files = [_extension(name) for name in names]
    identities = [path and _identity(path) for path in files]
    connection = duckdb.connect(
        config={
            "allow_unsigned_extensions": all(identity in _signed for identity in identities),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_file_cache": False,  # it grows with each file read, and keeps erased data
            "temp_directory": str(spill.new_folder(lake_folder())),
            "temp_file_encryption": True,
            "threads": 1,  # more cost a small question up to twice the processor time, and make no load faster
        }
    )
    for name, path in zip(names, files, strict=True):
        connection.execute(f"load {quoted(path)}" if path else f"install {name}; load {name}")
    _signed.update(identity for identity in identities if identity)
    data_files().open_for(connection)
    return connection


def _identity(file: Path) -> tuple[Path, int, int, int, int]:
    """Changes when the file is replaced or written to."""
    found = file.stat()
    return file, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _extension(name: str) -> Path | None:
    """The extension file from its wheel, or None if the wheel is not installed."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        return None
    return next(Path(folders[0]).glob(f"extensions/v{duckdb.__version__}/*.duckdb_extension"), None)


def attach(connection: DuckDBPyConnection, options: str, *, writing: bool) -> None:
    """Attach the lake as the default database. `writing`: for the holder of the turn, of which DuckLake makes a new
    catalog unless the options say otherwise.
    """
    source, more = catalog().source(writing=writing)
    options += f"data_path {quoted(data_files().place)}, override_data_path true, {more}"
    try:
        connection.execute(f"attach {quoted(source)} as lake ({options})")
    except duckdb.InvalidInputException as error:
        if "creating a new DuckLake is explicitly disabled" in str(error):
            raise identity.refused("its catalog is empty") from cause(error)
        raise
    connection.execute("use lake")


def _create_tables(connection: DuckDBPyConnection) -> None:
    with transaction(connection):
        connection.execute(SCHEMA.read_text(encoding="utf-8"))
        migrations.note_all(connection)
    _start_statistics(connection)


def _start_statistics(connection: DuckDBPyConnection) -> None:
    with transaction(connection):
        connection.execute(statement("start_table_statistics"))
        connection.execute(statement("start_column_bounds"))


def quoted(path: Path | str) -> str:
    """A path as a SQL literal, for statements that take no bound parameter."""
    return "'" + str(path).replace("'", "''") + "'"
