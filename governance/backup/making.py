"""Making a backup while everything keeps running.

Under the lake's write lock, so that nothing is changed or cleaned up meanwhile, the databases are copied to a draft of
the key part, and data files that the place of the backups lacks get a hard link, which survives cleanups. That takes
moments. Then the lock is released and the files are copied. A bucket of the lake has no links: what it has is copied
before the lock is taken, and what is new by then while it is held. At the end the key part is completed, so a backup is
atomic. Databases that are in PostgreSQL are files in a backup: the catalog as it is under the lock, and the others as
of one moment. Not included are exports, which must not outlive an erasure; the queue, which workers refill; the demo;
and what the environment provides, such as the master key.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
from governance.backup import data_part, journal
from governance.backup.checks import damage_found, damage_of_releases, require_no_master_key, require_usable_keys
from governance.backup.files import copy, sha256
from governance.backup.places.place import BackupError, Manifest, Place, home_id, made_at_of, new_name
from governance.backup.tables import BackupRow
from governance.copies import state as copies
from governance.db.database import governance_folder, lock, reading, writing
from governance.ledger import master_key_changes, trusted_time
from home import Part
from lake.copies import catalogs
from lake.copies import files as files_of_lake
from lake.releases.database import NAME as RELEASES
from lake.releases.database import releases_folder
from lake.storage.connection import catalog_path, shards, writers_blocked
from lake.storage.duplicate import duplicate
from lake.storage.shards import entering
from lake.storage.verifying import Report
from settings import settings
from timekeeping import ClockDoubted

SMALL_FILES = (".key", ".pem", ".toml", ".id")
"""Key files and partner lists, in the directory and governance folders."""


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


def make(place: Place, report: Report = lambda *_: None, *, prune: bool = False, damaged: bool = False) -> Made:
    """Make a backup, and destroy the key parts that are due. `damaged`: make it even if files of the lake are damaged.

    Raises BackupError, LakeUnavailable, HomeUnavailable, OSError: then this backup doesn't exist, and earlier ones are
    unchanged. It also fails while the clock is doubted, because the backup would be destroyed at the wrong time.
    """
    home.require(Part.CATALOG, Part.DATA, Part.DIRECTORY, Part.GOVERNANCE, Part.MASTER_KEY)
    require_usable_keys()
    require_no_master_key(place)
    try:
        trusted_time.require()
    except ClockDoubted as error:
        raise BackupError(f"{error} No backup was made; earlier backups are unchanged.") from error
    place.open(begin=True)
    with _alone():
        master_key_changes.complete_under_lock()
        damages = damage_found(report, allowed=damaged)
        tidy(place)
        made_at = clock.now_utc()
        name, until = new_name(made_at), last_day(made_at)
        _record(BackupRow(name=name, folder=place.address, made_at=made_at, key_part_until=until))
        try:
            manifest, new = _write(place, name, made_at, until, report)
        except BaseException:
            data_part.drop_links()
            with suppress(OSError, BackupError):
                place.destroy_key_part(name)
                note_destroyed(name)
            raise
        journal.keep(place)
        journal.mirror(place)
        destroyed = destroy_old(place, made=name)
        pruned = data_part.prune(place) if prune else 0
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


def destroy_old(place: Place, made: str | None = None) -> list[str]:
    """Destroy the key parts that are past their last day, and all but the newest few. Raises OSError.

    The one that was just `made` is kept, even if a wrong clock makes others look newer. A key part that is missing, but
    that we did not destroy, may have been moved, or its disk is not attached: it counts until its last day.
    """
    if not trusted_time.allows("the end of key parts of backups"):
        return []
    newest = place.names()[-settings().backup_key_parts :]
    with reading() as session:
        rows = list(session.scalars(select(BackupRow).where(BackupRow.destroyed_at.is_(None))))
    promised = {row.name: row.key_part_until for row in rows}
    gone = []
    for name in place.names():
        if name not in {*newest, made} or clock.today() > (promised.get(name) or _last_day_of(place, name)):
            place.destroy_key_part(name)
            note_destroyed(name)
            gone.append(name)
    left = {*place.names(), *place.drafts()}
    for row in rows:
        if row.folder == place.address and row.name not in left and clock.today() > row.key_part_until:
            note_destroyed(row.name)
    return gone


def tidy(place: Place) -> None:
    """Clean up after an interrupted backup; no one else may be making one. Raises OSError."""
    data_part.drop_links()
    place.end_unfinished()
    for name in place.drafts():
        place.destroy_draft(name)
        note_destroyed(name)


def note_destroyed(name: str) -> None:
    with writing() as session:
        row = session.get(BackupRow, name)
        if row is not None and row.destroyed_at is None:
            row.destroyed_at = clock.now_utc()


def last_day(made_at: datetime) -> date:
    """The last day (UTC) on which the key part of a backup may exist."""
    return made_at.date() + timedelta(days=settings().backup_key_days - 1)


def _last_day_of(place: Place, name: str) -> date:
    """The last day according to the backup itself, otherwise according to its name."""
    try:
        return place.manifest(name).key_part_until
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


def _write(
    place: Place, name: str, made_at: datetime, until: date, report: Report
) -> tuple[Manifest, list[data_part.Data]]:
    draft = place.draft(name)
    draft.mkdir(mode=0o700, parents=True)
    master_key = fingerprint(current_master_key())
    known = data_part.known_hashes(place)
    ahead = {path: size for path, size in files_of_lake.there().items() if files_of_lake.is_in_bucket(path)}
    stored = place.sizes("data")
    fetched = data_part.fetch(place, stored, ahead, report)
    with writers_blocked():
        copied = _copy_databases(draft)
        wanted = data_part.wanted_by(copied)
        later = {path: size for path, size in wanted.items() if files_of_lake.is_in_bucket(path)}
        fetched |= data_part.fetch(place, stored, later, report, needed=True)
        files = [data_part.secured(stored, path, size, path in fetched) for path, size in wanted.items()]
    known |= fetched
    small = [path for part in (directory_path().parent, governance_folder()) for path in sorted(part.iterdir())]
    for path in small:
        if path.suffix in SMALL_FILES and path.is_file():
            copy(path, draft / f"{path.relative_to(home.folder()).as_posix().replace('/', '.')}")
    releases = releases_folder() / RELEASES  # it is replaced as a whole, never changed: no copy is half written
    if releases.exists() and damage_of_releases() is None:
        copy(releases, draft / f"releases.{RELEASES}")
    new = [data for data in files if data.is_new]
    data = data_part.copied(place, files, known, report)
    data_part.drop_links()
    manifest = Manifest(
        name=name,
        home=home_id() or "",
        made_at=made_at,
        key_part_until=until,
        master_key=master_key,
        keys={path.name: sha256(path) for path in sorted(draft.iterdir())},
        data=data,
    )
    place.complete(name, manifest.to_json())
    with reading() as session:
        if session.get_one(BackupRow, name).destroyed_at is not None:
            raise BackupError("This backup was taken for an interrupted one and cleaned up. Make another one.")
    return manifest, new


def _copy_databases(draft: Path) -> list[Path]:
    """To the names that they have in a key part; returns the copies of the lake's catalogs. Writers of the lake are
    blocked."""
    made = {shard: draft / catalogs.name_of(shard) for shard in shards()}
    pairs = [] if settings().lake_catalog else [(catalog_path(shard), file) for shard, file in made.items()]
    state, people = draft / "governance.sqlite", draft / "directory.sqlite"
    if postgresql.is_used():
        copies.to_files(state, people)
    else:
        pairs += [(directory_path(), people), (governance_folder() / "governance.sqlite", state)]
    for shard, file in made.items() if settings().lake_catalog else ():
        with entering(shard):
            catalogs.to_file(file)
    if pairs:
        duplicate(pairs)
    return list(made.values())
