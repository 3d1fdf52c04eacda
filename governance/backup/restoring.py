"""Restoring a backup: everything is prepared beside the home, and only then replaces it.

The steps, in `STEPS`, change nothing in the home until the switch. If a restore is interrupted, the same command
completes it: before the switch it starts over; after the switch it only cleans up. The governance state is the newest
one of the replaced home, the journal and the backup: requests that ended later stay ended, and the ledger continues.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import duckdb
from filelock import Timeout

import timekeeping
from errors import OpenBookError
from governance.backup import content_keys, homes, journal
from governance.backup.homes import RESTORED, after_an_interruption, beside, lock_of, note_path
from governance.backup.identifying import identify
from governance.backup.people import end_sign_ins, take_over_choices, take_over_people
from governance.backup.places.place import BackupError, Manifest, Place, home_id
from governance.backup.replaying import Replayed, count_captures, replay
from governance.backup.settling import keep_published, settle
from governance.copies import elsewhere
from governance.copies.places import Places, at, given
from governance.db import database
from governance.lineage.folding import upgrade_lake
from governance.rounds import retention
from home import Part
from home import read as read_home
from lake.releases.published_release import PublishedRelease
from lake.rules.rules import Rules, read_rules
from lake.storage import identity
from lake.storage.connection import catalog_path, reader, reading, writers_blocked
from lake.storage.duplicate import NotCopied, duplicate
from lake.storage.durable import overwrite, write_bytes
from lake.storage.shards import SHARDS
from lake.storage.verifying import Report
from parts import PartUnavailable
from settings import settings

PARTS = ("lake", "directory", "governance")
IDENTITY = ("home.json", "home.making", "init.lock")
FROM_HOME, FROM_JOURNAL, FROM_BACKUP = "home", "journal", "backup"


@dataclass
class Restore:
    """A restore in progress."""

    place: Place
    manifest: Manifest
    home: Path
    token: str
    report: Report
    replaces: Path | None
    """The home, if it exists and is the one that the backup was made of."""
    places: Places = field(default_factory=dict)
    """Of the parts that shall not be in the home."""
    rules: Rules = field(default_factory=dict)
    state_from: str = FROM_BACKUP
    replayed: Replayed = field(default_factory=lambda: Replayed(0, 0, 0))
    journal_updated: datetime | None = None
    captures: int = 0
    """How many captures the lake holds at the end."""
    warnings: list[str] = field(default_factory=list)
    nothing_published: bool = False
    """The operator states that no release was published since the backup."""
    assumed: PublishedRelease | None = None
    """The release of this period counts as published, because what was restored may be older."""

    @property
    def staging(self) -> Path:
        return beside(self.home, "restoring")

    @property
    def aside(self) -> Path:
        return beside(self.home, "replaced")


def restore(
    place: Place, name: str | None = None, *,
    replace: bool = False, nothing_published: bool = False, report: Report = lambda *_: None,
) -> Restore:  # fmt: skip
    """Restore a backup (default: the newest) into the home. Raises OpenBookError, OSError; then it is unchanged.

    `nothing_published`: the operator states that no release for managers was published since the backup."""
    home, places = settings().home, given()
    if os.path.ismount(home):
        raise BackupError(f"{home} is a mount point and can't be replaced. Set OPENBOOK_HOME to a folder inside it.")
    home.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        held.enter_context(at(home))
        try:
            held.enter_context(lock_of(home))
        except Timeout as error:
            raise BackupError("A restore of this home is already running. Nothing was changed.") from error
        held.callback(beside(home, "restoring.lock").unlink, missing_ok=True)
        finished = after_an_interruption(home, places)
        names = place.names()
        if name is None and not names:
            raise BackupError(f"There is no backup with its key part in {place.address}. Nothing was changed.")
        manifest = place.manifest(name or finished or names[-1])
        done = Restore(place, manifest, home, str(uuid4()), report, _replaced(home, manifest), places)
        done.nothing_published, done.journal_updated = nothing_published, place.written_at(journal.OF_STATE)
        if finished == manifest.name:
            with at(home, places):
                done.captures = count_captures()
            done.warnings.append("The backup was already in place; only leftovers of the interruption were removed.")
            return done
        with at(home, places):
            elsewhere.require_empty()
        homes.require_room(home, sum(size for size, _ in manifest.data.values()), replace=replace)
        if (home / "lake").exists():
            held.enter_context(writers_blocked())
        homes.write_note(home, done.token, manifest.name)
        try:
            for step in STEPS:
                step(done)
        except (Exception, KeyboardInterrupt):
            _give_up(done)
            raise
    return done


def copy_keys(restore: Restore) -> None:
    """Copy the key part and verify it; each file goes to its place."""
    for part in PARTS:
        (restore.staging / part).mkdir(mode=0o700, parents=True)
    (restore.staging / "lake" / "data").mkdir()
    for name, expected in restore.manifest.keys.items():
        target = homes.place_of(restore.staging, name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if restore.place.fetch(f"keys/{restore.manifest.name}/{name}", target) != expected:
            raise BackupError(f"{name} of the backup {restore.manifest.name} is damaged. Nothing was restored.")
    content_keys.require_key_of_backup(restore.staging, restore.replaces, restore.manifest)


def copy_data(restore: Restore) -> None:
    """Copy the data part and verify it."""
    total, done, where = sum(size for size, _ in restore.manifest.data.values()), 0, restore.place.address

    def on_chunk(size: int) -> None:
        nonlocal done
        done += size
        restore.report("Copying data", done, total)

    for path, (_, expected) in restore.manifest.data.items():
        target = restore.staging / "lake" / "data" / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            found = restore.place.fetch(f"data/{path}", target, on_chunk)
        except FileNotFoundError as error:
            raise BackupError(f"The data file {path} is not in {where}. Nothing was restored.") from error
        if found != expected:
            raise BackupError(f"The data file {path} in {where} is damaged. Nothing was restored.")


def take_newest_state(restore: Restore) -> None:
    """The governance state with the longest history among the undamaged ones."""
    of_journal = restore.staging / ".fetched.sqlite"
    with suppress(FileNotFoundError):
        restore.place.fetch(journal.OF_STATE, of_journal)
    candidates = {
        FROM_HOME: restore.home / "governance" / journal.STATE if restore.replaces else None,
        FROM_JOURNAL: of_journal,
        FROM_BACKUP: restore.staging / f".{journal.STATE}",
    }
    best = -1
    for place, source in candidates.items():
        draft = restore.staging / f".{place}.sqlite"
        if source is None or not source.exists():
            continue
        try:
            duplicate([(source, draft)])
            length = journal.length_of(draft)
        except (NotCopied, sqlite3.Error):
            length = -1
        if length < 0:
            restore.warnings.append(f"The governance state of the {place} is damaged and was not used.")
        if length > best:
            best, restore.state_from = length, place
            draft.replace(restore.staging / "governance" / journal.STATE)
    if best < 0:
        raise BackupError("No governance state can be read. Nothing was restored.")
    for draft in restore.staging.glob(".*.sqlite*"):
        draft.unlink()


def make_home(restore: Restore) -> None:
    """Turn the staging folder into the home that the backup belongs to."""
    with at(restore.staging):
        restore.warnings += identify(restore.manifest.home, restore.replaces)
        mark = timekeeping.mark_path()
    if (known := restore.home / mark.name).exists():  # it belongs to this machine, and no backup has one
        shutil.copy2(known, mark)


def gather_rules(restore: Restore) -> None:
    """Tombstones, holds and standing rules from the journal and the replaced home."""
    owner = restore.place.owner()
    if owner not in (None, restore.manifest.home):
        raise BackupError(
            f"The journal in {restore.place.address} belongs to another home than this backup. Nothing was restored."
        )
    known, lake_was_read = journal.read(restore.place), False
    if restore.replaces and catalog_path().exists():
        try:
            upgrade_lake()
            with reading(), closing(reader()) as lake:
                known.add(read_rules(lake))
                lake_was_read = True
        except (PartUnavailable, duckdb.Error):
            restore.warnings.append(
                "The lake of the replaced home can't be read: its erasures come from its requests and the journal."
            )
    if owner is None and not lake_was_read:
        raise BackupError(
            f"{restore.place.address} has no journal, so it is not known what was erased since this backup. Copy"
            " `journal` there as well. Nothing was restored."
        )
    restore.rules = known.merged()


def erase_again(restore: Restore) -> None:
    restore.report("Repeating erasures", 0, 0)
    with at(restore.staging):
        upgrade_lake()
        restore.replayed = replay(restore.rules)
    restore.warnings += content_keys.drop_lost(restore.staging)


def enforce_retention(restore: Restore) -> None:
    """Delete what is past its last day before anyone reads it."""
    with at(restore.staging):
        if not retention.sweep_now():  # even if the old home was swept today: this lake has older captures
            restore.warnings.append(retention.WAITS)
        restore.captures = count_captures()


def bring_people(restore: Restore) -> None:
    """Take over the people whom the replaced home knows and the backup doesn't, and what everybody decided since."""
    if restore.replaces:
        try:
            known = content_keys.known_keys(restore.staging, restore.replaces)
            take_over_people(restore.home / "directory", restore.staging / "directory", known)
        except (NotCopied, sqlite3.Error) as error:
            restore.warnings.append(f"The directory of the replaced home can't be read ({error}).")
    take_over_choices(restore.replaces, restore.staging, restore.rules)
    end_sign_ins(restore.staging / "directory")


def wrap_keys(restore: Restore) -> None:
    """Wrap the content keys with the master key of now, if it was replaced since the backup."""
    restore.warnings += content_keys.wrap(restore.staging, restore.replaces, restore.manifest)


def settle_state(restore: Restore) -> None:
    """Make the governance state, including the ledger, say what happened."""
    with at(restore.staging):
        of = restore.manifest, restore.state_from, restore.rules, restore.replayed
        settle(restore.place, *of, stated=restore.nothing_published)


def keep_releases(restore: Restore) -> None:
    """Keep published releases: a replaced home has all of them, and the ledger shows which ones are lost. If it may be
    older than the last release, that of this period counts as published, unless the operator states otherwise."""
    published = restore.home / "releases"
    kept = keep_published(
        published if restore.replaces and published.exists() else None,
        restore.staging,
        newest=restore.state_from == FROM_HOME,
        stated_since=restore.manifest.made_at if restore.nothing_published else None,
    )
    restore.warnings += kept.warnings
    restore.assumed = kept.assumed


def make_ready(restore: Restore) -> None:
    """Copy the rest of the home, and flush everything to disk."""
    if restore.home.exists():
        for child in restore.home.iterdir():
            if child.name in (*PARTS, *IDENTITY, "releases", "logs", timekeeping.mark_path().name):
                continue
            if child.is_dir() and not child.is_symlink():
                shutil.copytree(child, restore.staging / child.name, symlinks=True)
            else:
                shutil.copy2(child, restore.staging / child.name, follow_symlinks=False)
    note = {"token": restore.token, "name": restore.manifest.name}
    write_bytes(restore.staging / "governance" / RESTORED, json.dumps(note).encode())
    os.sync()


def put_elsewhere(restore: Restore) -> None:
    """Put the parts that the settings want in PostgreSQL or a bucket there."""
    if not restore.places:
        return
    with at(restore.staging):
        of, found = read_home(), identity.of_data()
    homes.write_note(restore.home, restore.token, restore.manifest.name, elsewhere=of.id)
    with at(restore.staging, restore.places):
        elsewhere.put(of, found, restore.captures, restore.report)


def put_aside(restore: Restore) -> None:
    if restore.home.exists():
        restore.home.rename(restore.aside)


def put_in_place(restore: Restore) -> None:
    restore.staging.rename(restore.home)
    os.sync()


def clear_away(restore: Restore) -> None:
    """Delete all of the old home: it would be a copy that no erasure reaches."""
    if restore.aside.exists():
        with_keys = [restore.aside / part.place for part in (Part.DIRECTORY, Part.MASTER_KEY, Part.CATALOG)]
        for file in (*with_keys, *restore.aside.glob(f"lake/{SHARDS}/*/{Part.CATALOG.path.name}")):
            with suppress(FileNotFoundError):
                overwrite(file)
        shutil.rmtree(restore.aside)
    note_path(restore.home).unlink(missing_ok=True)


Step = Callable[[Restore], None]
STEPS: tuple[Step, ...] = (
    copy_keys, copy_data, take_newest_state, make_home, gather_rules, erase_again, enforce_retention, bring_people,
    wrap_keys, settle_state, keep_releases, make_ready, put_elsewhere, put_aside, put_in_place, clear_away,
)  # fmt: skip


def _give_up(restore: Restore) -> None:
    """Restore the initial state, or finish if the switch has happened. The rest is for the next restore."""
    with suppress(OSError, OpenBookError):
        database.close()
        after_an_interruption(restore.home, restore.places)


def _replaced(home: Path, manifest: Manifest) -> Path | None:
    return home if manifest.home and home.exists() and home_id() == manifest.home else None
