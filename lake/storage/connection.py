"""Opening the lake: one writer at a time, any number of readers.

The catalog is an SQLite file in `$OPENBOOK_HOME` or a schema of a PostgreSQL database (`lake.storage.catalogs`); the
encrypted Parquet files are in a folder or in a bucket (`lake.storage.data_files`). Writers take turns. Readers are
read-only and locked: they can't change the lake or a setting, nor read or write a file elsewhere. DuckDB leaves gaps:
its SQLite and PostgreSQL extensions open any database that they can reach, a reader may write new files beside the
data, and in a bucket `..` leads from there to other objects of the same account. So a reader only runs statements from
.sql files with bound parameters, and nothing that isn't in the code. Each read runs in `reading`, so that no file is
deleted under it.

A lake is created once (`lake.storage.making`). Every later opening checks that it is that lake
(`lake.storage.identity`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import duckdb
from duckdb import DuckDBPyConnection

from home import HomeUnavailable, Part
from lake.spools import spill
from lake.storage import identity, migrations, reader_lock
from lake.storage.catalogs import catalog
from lake.storage.data_files import data_files
from lake.storage.opening import (
    FOR_READING,
    FOR_WRITING,
    attach,
    connect,
    lake_folder,
    name_of,
    place_of,
    see_everybody,
    seeing_first,
    transaction,
)
from lake.storage.shards import FIRST, SHARDS, Placing, entering, folder_of, placing, slot_of
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
from parts import PartUnavailable
from settings import settings

__all__ = ["LakeBusy", "LakeDamaged", "LakeUnavailable", "lake_folder", "transaction"]

READ_ATTEMPTS = 5

Result = TypeVar("Result")

_last_known: dict[tuple[str, int, int], Placing] = {}
"""In which shards people were when this process last wrote, by lake: where to look first."""


def data_folder() -> Path:
    """Of data files in a folder."""
    return Part.DATA.path.parent


def catalog_path(shard: int = FIRST) -> Path:
    """Where it is unless the settings name a database."""
    return lake_folder() / folder_of(shard) / Part.CATALOG.path.name


def has_catalog() -> bool:
    """Whether there is a catalog where the settings say. Raises LakeUnavailable."""
    return catalog().exists()


def require_settings() -> None:
    """Raises LakeUnavailable if the settings don't say completely where the lake is, or would be."""
    data_files()
    catalog()


@contextmanager
def writer(patience: float | None = None, *, shard: int | None = None) -> Iterator[DuckDBPyConnection]:
    """The one writing connection, with the lake as its default database. Raises LakeUnavailable.

    Waits for its turn, or for `patience` seconds at most (`lake.storage.waiting`) and then raises LakeBusy. Use
    `transaction` for changes. `shard`: to write what that shard has of its people (`lake.storage.shards.TABLES`), and
    only seeing these; use `each_shard` for some people. Otherwise it sees everybody and writes the other tables; of a
    lake that isn't divided, all.
    """
    with entering(FIRST if shard is None else shard), any_writer(patience) as connection:
        with transaction(connection):
            migrations.require_current(connection)
            if shard is None:
                see_everybody(connection)
        yield connection


def each_shard(people: Iterable[UUID]) -> Iterator[tuple[DuckDBPyConnection, set[UUID]]]:
    """A `writer` of each shard that has any of these people, one after the other, and those of them that it has. Nobody
    is moved to another shard while its writer is open. Raises as `writer`."""
    left, place = set(people), catalog(FIRST).stamp()
    if left and place not in _last_known:
        _last_known[place] = _placing()  # a wrong guess would wait for the turn of another shard
    while left:
        shard = _last_known[place].of(next(iter(left)))
        with writer(shard=shard) as connection:
            known = _last_known[place] = placing.read(connection, name_of(FIRST))
            here = {person for person in left if known.of(person) == shard}
            left -= here
            if here:
                yield connection, here


def parts(
    everything: DuckDBPyConnection, people: Iterable[UUID] = (), only: Collection[int] | None = None
) -> Iterator[tuple[DuckDBPyConnection, set[UUID]]]:
    """For the holder of a `writer` that sees everybody, outside a transaction: a writer of each shard, one after the
    other, and those of these people that it has. In a lake that isn't divided, it is `everything` itself. `only`: of
    these shards. Raises as `writer`."""
    now = placing.read(everything)
    here: dict[int, set[UUID]] = {shard: set() for shard in now.shards}
    for person in people:
        here[now.of(person)].add(person)
    wanted = {*(now.shards if only is None else only)}
    if FIRST in wanted:
        with seeing_first(everything, now):
            yield everything, here[FIRST]
    for shard in sorted(wanted - {FIRST}):
        with writer(shard=shard) as connection:
            yield connection, here[shard]


def shards_of(everything: DuckDBPyConnection, people: Collection[UUID]) -> set[int]:
    """The shards that have rows of these people, also such that don't count because of a move, for the holder of a
    `writer` that sees everybody."""
    now = placing.read(everything)
    found = {now.of(person) for person in people}
    if now.doubled is not None and {*now.doubled.slots} & {*map(slot_of, people)}:
        found.add(now.doubled.shard)
    return found


def wait_for_writers(everything: DuckDBPyConnection) -> None:
    """For the holder of a `writer` that sees everybody: afterwards, what was being written to further shards is
    committed, and who writes there later sees all that this writer committed before. Raises as `writer`."""
    for shard in placing.read(everything).shards[1:]:
        with entering(shard), turn(None):
            pass


def shards() -> range:
    """The numbers of the lake's shards. Raises LakeUnavailable."""
    return _placing().shards


def shards_in_folders() -> list[int]:
    """Those after the first one that this machine has a folder of."""
    return sorted(int(folder.name) for folder in (lake_folder() / SHARDS).glob("*"))


def _placing() -> Placing:
    with reader_once() as connection:
        return placing.read(connection)


@contextmanager
def any_writer(patience: float | None) -> Iterator[DuckDBPyConnection]:
    """The same of the shard that this code is about, in any version of its schema."""
    identity.require_files()
    with explaining(), turn(patience):
        identity.require_files()
        spill.clear(lake_folder())
        connection = connect()
        try:
            with transaction(connection):
                attach_writable(connection)
                identity.require_match(connection)
            try:
                yield connection
            finally:
                identity.note_newest(connection)
        finally:
            connection.close()


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
    with ExitStack() as turns:
        turns.enter_context(turn(None))
        for shard in _further_shards():
            with entering(shard):
                turns.enter_context(turn(None))
        yield


def _further_shards() -> list[int]:
    """Also of a lake that can't be opened, as far as that can be known: then nobody writes to it."""
    if not settings().lake_catalog:
        return shards_in_folders()
    with suppress(PartUnavailable, HomeUnavailable):
        return list(shards()[1:]) if has_catalog() else []
    return []


def attach_writable(connection: DuckDBPyConnection) -> None:
    """Attach the lake for writing; for the holder of the write lock only."""
    attach(connection, f"create_if_not_exists false, {FOR_WRITING}", writing=True)


def reader(shard: int | None = None, *, little: bool = False) -> DuckDBPyConnection:
    """A read-only, locked connection with the lake as its default database. Raises LakeUnavailable.

    Use one cursor per thread (`connection.cursor()`, then `opening.use`, `opening.see_all`), and run queries in
    `reading` and through `retrying`. Read results to their end or close the cursor: an unfinished one keeps its
    snapshot, which delays a purge. `shard`: to see only the people of a shard; otherwise it sees everybody. `little`:
    to read only a few rows, which is slower for many, and opens sooner.
    """
    identity.require_files()
    connection = connect(little=little)
    try:
        with transaction(connection):
            with entering(FIRST if shard is None else shard):
                attach(connection, FOR_READING, writing=False)
                identity.require_match(connection)
                migrations.require_current(connection)
            places = [FIRST] if shard is None else [FIRST, shard]
            if shard is None:
                places = list(see_everybody(connection).shards)
        connection.execute(f"set allowed_directories = [{', '.join(map(place_of, places))}]")
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
    with reader_lock.reading(catalog(FIRST)):
        yield


@contextmanager
def reader_once(*, little: bool = False) -> Iterator[DuckDBPyConnection]:
    """A `reader` for the reads of one block, in `reading`. Raises LakeUnavailable, LakeBusy."""
    with reading():  # first: which shard has whom doesn't change in it
        connection = reader(little=little)
        try:
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
