"""Making a backup while everything keeps running.

Under the lake's write lock, so that nothing is changed or cleaned up meanwhile, the databases are copied to a draft of
the key part, and data files that the folder lacks get a hard link, which survives cleanups. That takes moments. Then
the lock is released and the files are copied. A bucket has no links: what it has is copied before the lock is taken,
and what is new by then while it is held. At the end the draft gets its name, so a backup is atomic. Databases that are
in PostgreSQL are files in a backup: the catalog as it is under the lock, and the others as of one moment. Not included
are exports, which must not outlive an erasure; the queue, which workers refill; the demo; and what the environment
provides, such as the master key.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from filelock import Timeout
from sqlalchemy import select

import clock
import home
from databases import postgresql
from directory.keys import Why
from directory.keys.master import current_master_key, fingerprint
from directory.people import directory_path
from governance.access_log import row_for_everybody
from governance.backup import journal
from governance.backup.checks import damage_found, damage_of_releases, require_usable_keys
from governance.backup.files import copy, destroy, fetch, has, link, sha256, sql
from governance.backup.folder import (
    MANIFEST,
    BackupError,
    Folder,
    Manifest,
    home_id,
    made_at_of,
    new_name,
)
from governance.backup.tables import BackupRow
from governance.copies import state as copies
from governance.db.database import governance_folder, lock, reading, writing
from governance.ledger import master_key_changes, trusted_time
from home import Part
from lake.copies import catalogs
from lake.copies import files as files_of_lake
from lake.releases.database import NAME as RELEASES
from lake.releases.database import releases_folder
from lake.storage.connection import catalog_path, data_folder, lake_folder, writers_blocked
from lake.storage.duplicate import duplicate
from lake.storage.durable import DRAFT, sync_folder, write_bytes
from settings import settings
from timekeeping import ClockDoubted

SMALL_FILES = (".key", ".pem", ".toml", ".id")
"""Key files and partner lists, in the directory and governance folders."""

Progress = Callable[[str, int, int], None]
"""The current stage, bytes done, bytes in total."""


@dataclass(frozen=True)
class Made:
    """The contents of a backup. Sizes are in bytes."""

    name: str
    key_part_until: date
    files: int
    size: int
    new_files: int
    new_size: int
    destroyed: list[str]
    """Key parts that were due for destruction."""
    pruned: int
    """Data files that no key part can open, and that were deleted."""
    damaged: list[str]
    """Damaged files of the lake, and a damaged release database, in words."""


@dataclass(frozen=True)
class _Data:
    """A data file of the lake: its path in the data part, its size, and where its bytes are now."""

    path: str
    size: int
    source: Path | None
    """None: the folder has it already."""
    is_new: bool
    """Whether this backup brought it."""


def make(folder: Folder, report: Progress = lambda *_: None, *, prune: bool = False, damaged: bool = False) -> Made:
    """Make a backup, and destroy the key parts that are due. `damaged`: make it even if files of the lake are damaged.

    Raises BackupError, LakeUnavailable, HomeUnavailable, OSError: then this backup doesn't exist, and earlier ones are
    unchanged. It also fails while the clock is doubted, because the backup would be destroyed at the wrong time.
    """
    home.require(Part.CATALOG, Part.DATA, Part.DIRECTORY, Part.GOVERNANCE, Part.MASTER_KEY)
    require_usable_keys()
    try:
        trusted_time.require()
    except ClockDoubted as error:
        raise BackupError(f"{error} No backup was made; earlier backups are unchanged.") from error
    folder.open(begin=True)
    with _alone():
        master_key_changes.complete_under_lock()
        damages = damage_found(report, allowed=damaged)
        tidy(folder)
        made_at = clock.now_utc()
        name, until = new_name(made_at), last_day(made_at)
        _record(BackupRow(name=name, folder=str(folder.path), made_at=made_at, key_part_until=until))
        try:
            manifest, new = _write(folder, name, made_at, until, report)
        except BaseException:
            with suppress(OSError):
                folder.destroy_key_part(name)
                note_destroyed(name)
                _drop_links()
            raise
        journal.keep(folder)
        journal.mirror(folder)
        destroyed = destroy_old(folder, made=name)
        pruned = _prune(folder) if prune else 0
    return Made(
        name,
        until,
        files=len(manifest.data),
        size=sum(size for size, _ in manifest.data.values()),
        new_files=len(new),
        new_size=sum(data.size for data in new),
        destroyed=destroyed,
        pruned=pruned,
        damaged=damages,
    )


def destroy_old(folder: Folder, made: str | None = None) -> list[str]:
    """Destroy the key parts that are past their last day, and all but the newest few. Raises OSError.

    The one that was just `made` is kept, even if a wrong clock makes others look newer. A key part that is missing, but
    that we did not destroy, may have been moved, or its disk is not attached: it counts until its last day.
    """
    if not trusted_time.allows("the end of key parts of backups"):
        return []
    newest = folder.names()[-settings().backup_key_parts :]
    with reading() as session:
        rows = list(session.scalars(select(BackupRow).where(BackupRow.destroyed_at.is_(None))))
    promised = {row.name: row.key_part_until for row in rows}
    gone = []
    for name in folder.names():
        if name not in {*newest, made} or clock.today() > (promised.get(name) or _last_day_of(folder, name)):
            folder.destroy_key_part(name)
            note_destroyed(name)
            gone.append(name)
    left = {*folder.names(), *folder.drafts()}
    for row in rows:
        if row.folder == str(folder.path) and row.name not in left and clock.today() > row.key_part_until:
            note_destroyed(row.name)
    return gone


def tidy(folder: Folder) -> None:
    """Clean up after an interrupted backup; no one else may be making one. Raises OSError."""
    for name in folder.drafts():
        destroy(folder.draft(name))
        note_destroyed(name)
    _drop_links()


def note_destroyed(name: str) -> None:
    with writing() as session:
        row = session.get(BackupRow, name)
        if row is not None and row.destroyed_at is None:
            row.destroyed_at = clock.now_utc()


def last_day(made_at: datetime) -> date:
    """The last day (UTC) on which the key part of a backup may exist."""
    return made_at.date() + timedelta(days=settings().backup_key_days - 1)


def _last_day_of(folder: Folder, name: str) -> date:
    """The last day according to the backup itself, otherwise according to its name."""
    try:
        return folder.manifest(name).key_part_until
    except BackupError:
        made_at = made_at_of(name)
        assert made_at is not None
        return last_day(made_at)


@contextmanager
def alone_or_not() -> Iterator[bool]:
    """Whether no one else is making a backup of this home; none can start during the block."""
    try:
        with lock("backup", timeout=0):
            yield True
    except Timeout:
        yield False


@contextmanager
def _alone() -> Iterator[None]:
    with alone_or_not() as alone:
        if not alone:
            raise BackupError("A backup of this home is already being made. Nothing was changed.")
        yield


def _record(row: BackupRow) -> None:
    """Record the backup before its first file exists: an erasure meanwhile must count it, and people see in their
    access log that their data was read.
    """
    with writing() as session:
        session.add_all((row, row_for_everybody(Why.BACKUP, "backup")))


def _write(folder: Folder, name: str, made_at: datetime, until: date, report: Progress) -> tuple[Manifest, list[_Data]]:
    draft = folder.draft(name)
    draft.mkdir(mode=0o700)
    master_key = fingerprint(current_master_key())
    known = _known_hashes(folder)
    ahead = {path: size for path, size in files_of_lake.there().items() if files_of_lake.is_in_bucket(path)}
    fetched = fetch(folder.data, ahead, report)
    with writers_blocked():
        _copy_databases(draft)
        wanted = _wanted(draft / "catalog.sqlite")
        later = {path: size for path, size in wanted.items() if files_of_lake.is_in_bucket(path)}
        fetched |= fetch(folder.data, later, report, needed=True)
        files = [_secured(folder, path, size, path in fetched) for path, size in wanted.items()]
    known |= fetched
    small = [path for part in (directory_path().parent, governance_folder()) for path in sorted(part.iterdir())]
    for path in small:
        if path.suffix in SMALL_FILES and path.is_file():
            copy(path, draft / f"{path.relative_to(home.folder()).as_posix().replace('/', '.')}")
    releases = releases_folder() / RELEASES  # it is replaced as a whole, never changed: no copy is half written
    if releases.exists() and damage_of_releases() is None:
        copy(releases, draft / f"releases.{RELEASES}")
    new = [data for data in files if data.is_new]
    data = _copied(folder, files, known, report)
    _drop_links()
    manifest = Manifest(
        name=name,
        home=home_id() or "",
        made_at=made_at,
        key_part_until=until,
        master_key=master_key,
        keys={path.name: sha256(path) for path in sorted(draft.iterdir())},
        data=data,
    )
    write_bytes(draft / MANIFEST, manifest.to_json())
    draft.rename(folder.key_part(name))
    sync_folder(folder.keys)
    return manifest, new


def _copy_databases(draft: Path) -> None:
    """To the names that they have in a key part. Writers of the lake are blocked."""
    pairs = [] if settings().lake_catalog else [(catalog_path(), draft / "catalog.sqlite")]
    state, people = draft / "governance.sqlite", draft / "directory.sqlite"
    if postgresql.is_used():
        copies.to_files(state, people)
    else:
        pairs += [(directory_path(), people), (governance_folder() / "governance.sqlite", state)]
    if settings().lake_catalog:
        catalogs.to_file(draft / "catalog.sqlite")
    if pairs:
        duplicate(pairs)


def _wanted(catalog: Path) -> dict[str, int]:
    """The size of each data file that a copy of the catalog names, and of each picture, by its path."""
    with closing(sqlite3.connect(catalog)) as connection:
        names = {Path(path).name for (path,) in connection.execute(sql("name_files"))}
    there = files_of_lake.there()
    found = {Path(path).name: path for path in there if path.endswith(".parquet")}
    if missing := names - found.keys():
        raise BackupError(
            f"{len(missing):,} data files in the lake's catalog are missing, for example {min(missing)}."
            " No backup was made; earlier backups are unchanged."
        )
    wanted = [*sorted(found[name] for name in names), *(path for path in there if not path.endswith(".parquet"))]
    return {path: there[path] for path in wanted}


def _secured(folder: Folder, path: str, size: int, is_new: bool) -> _Data:
    """Make sure that a file's bytes survive, even if the lake deletes the file."""
    if has(folder.data, path, size):
        return _Data(path, size, None, is_new)
    second = _links() / path
    home.require()
    second.parent.mkdir(parents=True, exist_ok=True)
    if not link(data_folder() / path, second):
        copy(data_folder() / path, second)
    return _Data(path, size, second, is_new=True)


def _copied(folder: Folder, files: list[_Data], known: dict[str, str], report: Progress) -> dict[str, tuple[int, str]]:
    """Bring the data part in line with `files`; returns their sizes and hashes."""
    total = sum(data.size for data in files if data.source or data.path not in known)
    done = 0

    def on_chunk(size: int) -> None:
        nonlocal done
        done += size
        report("Copying data", done, total)

    data: dict[str, tuple[int, str]] = {}
    for file in files:
        target = folder.data / file.path
        if file.source:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.with_name(target.name + DRAFT).unlink(missing_ok=True)
            data[file.path] = file.size, copy(file.source, target, on_chunk)
            sync_folder(target.parent)
        else:
            data[file.path] = file.size, known.get(file.path) or sha256(target, on_chunk)
    return data


def _known_hashes(folder: Folder) -> dict[str, str]:
    """The hashes of data files, from the existing manifests."""
    known: dict[str, str] = {}
    for name in folder.names():
        with suppress(BackupError):
            known.update({path: digest for path, (_, digest) in folder.manifest(name).data.items()})
    return known


def _prune(folder: Folder) -> int:
    """Delete the data files that no key part here can open."""
    needed = {path for name in folder.names() for path in folder.manifest(name).data}
    files = [path for path in folder.data.rglob("*") if path.is_file()]
    unneeded = [path for path in files if path.relative_to(folder.data).as_posix() not in needed]
    for path in unneeded:
        path.unlink()
    return len(unneeded)


def _links() -> Path:
    return lake_folder() / "backup"


def _drop_links() -> None:
    shutil.rmtree(_links(), ignore_errors=True)
