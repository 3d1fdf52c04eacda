"""DuckDB connections, and how a shard of the lake is attached to one (`lake.storage.shards`)."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

import home
from lake.spools import spill
from lake.statements import about
from lake.storage import identity
from lake.storage.catalogs import catalog
from lake.storage.data_files import data_files
from lake.storage.shards import FIRST, TABLES, Placing, entered, entering, placing
from lake.storage.unavailable import cause
from settings import settings

DECRYPTING = "httpfs"
"""Writes encrypted files, reads them seven times as fast as DuckDB does without it, and reaches buckets."""
FOR_WRITING = "encrypted, data_inlining_row_limit 0, "
FOR_READING = "create_if_not_exists false, read_only, "

_signed: set[tuple[Path, int, int, int, int]] = set()
"""The extension files whose signatures DuckDB has checked in this process, as they were at that time."""


def lake_folder() -> Path:
    return settings().home / "lake"


def connect(*more: str, little: bool = False) -> DuckDBPyConnection:
    """One without the lake; `more` extensions than it needs. The first time in a process, DuckDB checks the signatures
    of the extensions, which reads 90 MB. `little`: to read so little that checking `DECRYPTING` would take longer."""
    decrypting = () if little and not home.lake_is_in_bucket() else (DECRYPTING,)
    names = dict.fromkeys(("ducklake", *decrypting, catalog().extension, *more))
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
    return connection


def attach(connection: DuckDBPyConnection, options: str, *, writing: bool) -> None:
    """Attach the shard that this code is about as the default database `lake`; if it isn't the first, that one as
    `common`, to read. `writing`: for the holder of the turn, of which DuckLake makes a new catalog unless the options
    say otherwise.
    """
    _attach(connection, "lake", options, writing=writing)
    if entered() == FIRST:
        connection.execute("use lake")
        return
    with entering(FIRST):
        _attach(connection, "common", FOR_READING, writing=False)
    use(connection, entered())


def use(connection: DuckDBPyConnection, shard: int) -> None:
    """Names of tables mean those of the attached shard, and those that it doesn't have mean the first one's. A cursor
    needs it anew."""
    connection.execute("use lake" if shard == FIRST else "set search_path = 'lake.main,common.main'")


def attach_others(connection: DuckDBPyConnection, shards: Iterable[int]) -> None:
    """To a connection to the shard that this code is about, others, to read."""
    for shard in shards:
        name = name_of(shard)
        if name not in ("lake", "common"):
            first = name_of(FIRST)
            with entering(shard):
                identity.require_files()
                _attach(connection, name, FOR_READING, writing=False)
                identity.require_match(connection, name, first)


def see_all(connection: DuckDBPyConnection, now: Placing) -> None:
    """The names of `TABLES` mean their rows in all shards, which are attached. A cursor needs it anew; within a
    transaction it ends with it."""
    for table in TABLES if now.is_divided else ():
        parts = (f"from {name_of(shard)}.main.{table}{_counting(now, shard, table)}" for shard in now.shards)
        connection.execute(f"create or replace temp view {table} as {' union all by name '.join(parts)}")


def about_each(name: str, now: Placing) -> list[str]:
    """The statement NAME about DuckLake's own tables, for each shard, on a connection that sees everybody."""
    return [about(name_of(shard), name) for shard in now.shards]


def see_everybody(connection: DuckDBPyConnection) -> Placing:
    """`see_all` of a connection to the shard that this code is about, with the others attached."""
    now = placing.read(connection, name_of(FIRST))
    attach_others(connection, now.shards)
    see_all(connection, now)
    return now


@contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: commits at the end, rolls back on any error. Also for what only reads, where it is several
    statements: each by itself asks every attached shard for its newest snapshot, which takes longer than many of
    them."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # the connection is lost, and the transaction with it
            connection.execute("rollback")
        raise
    connection.execute("commit")


@contextmanager
def seeing_first(everything: DuckDBPyConnection, now: Placing) -> Iterator[None]:
    """Lets a connection that sees everybody see only the people of the first shard in the block, outside a
    transaction."""
    _see_own(everything, now)
    try:
        yield
    finally:
        if now.is_divided:
            with transaction(everything):
                see_all(everything, now)


@contextmanager
def everybody(connection: DuckDBPyConnection) -> Iterator[None]:
    """Lets a writer of a shard see everybody in the block, outside a transaction."""
    with transaction(connection):
        now = see_everybody(connection)
    try:
        yield
    finally:
        _see_own(connection, now)


def _see_own(connection: DuckDBPyConnection, now: Placing) -> None:
    for table in TABLES if now.is_divided else ():
        connection.execute(f"drop view if exists temp.{table}")


def place_of(shard: int) -> str:
    """Where the data files of a shard are, as a SQL literal."""
    with entering(shard):
        return quoted(data_files().place)


def of_slots(table: str, slots: Iterable[int], database: str) -> str:
    """Whether a row of one of `TABLES` belongs to slots, as SQL."""
    ends = ", ".join(f"'{slot:02x}'" for slot in slots)
    here = f"right(subject::varchar, 2) in ({ends})"
    if table != "indirect_captures":
        return here
    return f"capture_id in (select capture_id from {database}.main.captures where {here})"  # noqa: S608


def _counting(now: Placing, shard: int, table: str) -> str:
    """Leaves out what is in two shards for now."""
    if now.doubled is None or now.doubled.shard != shard:
        return ""
    return f" where not ({of_slots(table, now.doubled.slots, name_of(shard))})"


def name_of(shard: int) -> str:
    """What it is called in a connection to the shard that this code is about."""
    if shard == entered():
        return "lake"
    return "common" if shard == FIRST else f"shard_{shard}"


def _attach(connection: DuckDBPyConnection, name: str, options: str, *, writing: bool) -> None:
    source, more = catalog().source(writing=writing)
    data_files().open_for(connection)
    options += f"data_path {quoted(data_files().place)}, override_data_path true, {more}"
    try:
        connection.execute(f"attach if not exists {quoted(source)} as {name} ({options})")
    except duckdb.InvalidInputException as error:
        if "creating a new DuckLake is explicitly disabled" in str(error):
            raise identity.refused("its catalog is empty") from cause(error)
        raise


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


def quoted(path: Path | str) -> str:
    """A path as a SQL literal, for statements that take no bound parameter."""
    return "'" + str(path).replace("'", "''") + "'"
