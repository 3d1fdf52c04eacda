"""The release database, `$OPENBOOK_HOME/releases/releases.duckdb`: the only file that is read for a manager.

DuckDB doesn't allow reading a file while another process writes to it, so a publication is prepared in a draft and
then put in place:

    draft/ (not readable) ── committed, synchronised ──> releases.whole ── renamed ──> releases.duckdb
                                            commit point ┘

A draft left by a crash is deleted: no one has seen its noise, so it cost nothing, and the next attempt draws new noise.
Between the commit point and the last rename, a release is recorded in the ledger and copied to the journal of backups
(`announce`), so that none is seen that a restore wouldn't know. After the commit point the next publisher puts the file
in place unchanged: the same release never gets a second noise. Readers have the old file or the new one, never a
partial one. Where sealed files are in a bucket, `releases.whole` and `releases.duckdb` are objects there, of which this
machine has copies (`lake.releases.sharing`). Anyone who can read a draft can read this home, its lake and its keys: the
noise doesn't protect against them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

import home
from databases import locks
from home import HomeUnavailable, Part
from lake.releases import sharing
from lake.storage.connection import transaction
from lake.storage.durable import sync_folder, write_bytes
from parts import explained, using
from settings import settings

NAME = "releases.duckdb"
WHOLE = "releases.whole"
NAMED = "What was published for managers"

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,
    "temp_directory": "",
}


class NoReleases(Exception):
    """Nothing has been published yet."""


def releases_folder() -> Path:
    return settings().home / "releases"


@cache
def statement(name: str) -> str:
    """The text of `lake/releases/sql/NAME.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def reader(name: str = NAME) -> Iterator[DuckDBPyConnection]:
    """A connection to the release database and nothing else: read-only, no other file, no setting.

    It is opened for each question, so that no state could reveal one person's questions to another. Raises
    NoReleases, PartUnavailable, and HomeUnavailable if something was published and the file is missing.
    """
    path = releases_folder() / name
    if not _is_published(path):
        _require_none()
        raise NoReleases("Nothing has been published yet.")
    connection = duckdb.connect(config=_CONFIG)
    try:
        try:
            connection.execute(f"attach {_quoted(path)} as released (read_only)")
        except duckdb.Error as error:
            if (found := explained(error, NAMED)) is not None:
                raise found from error
            raise
        connection.execute("use released")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection
    finally:
        connection.close()


def verify() -> None:
    """Read all of it, if there is any. Raises Damaged and others of `parts`; HomeUnavailable where it is missing."""
    try:
        with reader() as connection, using(NAMED, duckdb.Error):
            connection.execute(statement("read_all")).fetchall()
    except NoReleases:
        return


@contextmanager
def publication(announce: Callable[[], None] = lambda: None) -> Iterator[DuckDBPyConnection]:
    """Change the release database: everything in the block is published at its end, or nothing if it raises.

    `announce` is called when `releases.whole` is committed, and before anybody can read it. If it raises, that file
    waits for the next publisher. Waits for its turn; only one process publishes at a time.
    """
    folder = releases_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    with locks.lock(folder / "publish.lock"):
        if _waits(folder):
            announce()
            _put_in_place(folder)
        elif not _is_published(folder / NAME):
            _require_none()
        draft = folder / "draft"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        try:
            connection = _draft(folder, draft)
            try:
                with transaction(connection):
                    yield connection
            finally:
                connection.close()
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _sync(draft / NAME)
        _commit(draft / NAME, folder)
        announce()
        _put_in_place(folder)
        shutil.rmtree(draft)


def _require_none() -> None:
    """Raises HomeUnavailable unless this home never had a release database."""
    if Part.RELEASES in home.read().parts:
        raise HomeUnavailable.missing(Part.RELEASES)


def share() -> None:
    """Where there is a bucket, put there what was published before. Raises HomeUnavailable, PartUnavailable."""
    _is_published(releases_folder() / NAME)


def _is_published(path: Path) -> bool:
    """Whether the file is here, as new as everywhere."""
    if path.name != NAME or not sharing.is_shared():
        return path.exists()
    if not sharing.bring_up_to_date(path):
        return False
    _note_part()
    return True


def _waits(folder: Path) -> bool:
    return sharing.waits(folder / WHOLE) if sharing.is_shared() else (folder / WHOLE).exists()


def _commit(draft: Path, folder: Path) -> None:
    if sharing.is_shared():
        sharing.commit(draft, folder / WHOLE)
    else:
        draft.rename(folder / WHOLE)
        sync_folder(folder)


def _put_in_place(folder: Path) -> None:
    """Put the committed publication in place for all readers; from then on it is a part of the home."""
    if sharing.is_shared():
        sharing.put_in_place(folder / WHOLE, folder / NAME)
    else:
        (folder / WHOLE).replace(folder / NAME)
        sync_folder(folder)
    _note_part()


def _note_part() -> None:
    ours = home.read()
    if Part.RELEASES not in ours.parts:
        write_bytes(home.identity_path(), replace(ours, parts=ours.parts | {Part.RELEASES}).to_json())


def _draft(folder: Path, draft: Path) -> DuckDBPyConnection:
    """The draft, opened for writing: a copy of the published file, or a new one."""
    new = not (folder / NAME).exists()
    if not new:
        shutil.copyfile(folder / NAME, draft / NAME)
    connection = duckdb.connect(str(draft / NAME), config=_CONFIG)
    if new:
        connection.execute((Path(__file__).parent / "schema.sql").read_text(encoding="utf-8"))
    return connection


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quoted(path: Path) -> str:
    """A path as a SQL literal, for the statement that takes no bound parameter."""
    return "'" + str(path).replace("'", "''") + "'"
