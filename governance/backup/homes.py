"""The home that a restore replaces, and the temporary files beside it.

HOME.restoring        the new home while it is prepared
HOME.replaced         the old home, from the first rename of the switch until it is deleted
HOME.restoring.json   which backup is being restored; exists from the first step to the last
HOME.restoring.lock   held by the restore
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

from filelock import FileLock, Timeout

from governance.backup.places.place import BackupError
from governance.copies.places import Places, at
from governance.db import database, worker_slots
from home import HomeUnavailable, Part
from home import read as read_home
from lake.copies import catalogs
from lake.storage.connection import catalog_path
from lake.storage.durable import write_bytes
from settings import settings

RESTORED = "restored.json"
"""In the governance folder of a restored home: which restore created it."""


def beside(home: Path, what: str) -> Path:
    return home.with_name(f"{home.name}.{what}")


def note_path(home: Path) -> Path:
    return beside(home, "restoring.json")


def lock_of(home: Path) -> FileLock:
    return FileLock(beside(home, "restoring.lock"), timeout=0)


def refuse_while_restoring() -> None:
    """For long-running users of the home: raises BackupError while a restore replaces the home, or after one was
    interrupted. Changes nothing.
    """
    home = settings().home
    lock = lock_of(home)
    if Path(lock.lock_file).exists():
        try:
            with lock:
                pass
        except Timeout as error:
            raise BackupError(f"A backup is being restored to {home}. Start again when that is done.") from error
    if note_path(home).exists():
        raise BackupError(
            f"A restore to {home} was interrupted. Run the same `python -m governance restore` again: it continues from"
            " there. Nothing was started and nothing changed."
        )


def write_note(home: Path, token: str, name: str, elsewhere: UUID | None = None) -> None:
    """Note that this backup is being restored; `elsewhere`: that parts of this home may be there from now on."""
    note = {"token": token, "name": name, "elsewhere": elsewhere and str(elsewhere)}
    write_bytes(note_path(home), json.dumps(note).encode())


def after_an_interruption(home: Path, places: Places) -> str | None:
    """Clean up after a restore that was killed; returns the backup's name if only the cleanup was missing. Raises
    BackupError, PartUnavailable, OSError; then it has to be repeated.
    """
    aside, note = beside(home, "replaced"), note_path(home)
    if not note.exists():
        return None
    begun = json.loads(note.read_bytes())
    restored = home / "governance" / RESTORED
    if restored.exists() and json.loads(restored.read_bytes())["token"] == begun["token"]:
        if aside.exists():
            shutil.rmtree(aside)
        note.unlink()
        return str(begun["name"])
    if begun.get("elsewhere"):
        _clear_elsewhere(home, UUID(begun["elsewhere"]), places)
    if aside.exists():
        if home.exists():
            raise BackupError(
                f"A restore was interrupted, and {home} was created again meanwhile. The previous home is {aside}."
                f" If {home} contains nothing you need, delete it and restore again. Nothing was changed."
            )
        aside.rename(home)
    shutil.rmtree(beside(home, "restoring"), ignore_errors=True)
    note.unlink()
    return None


def _clear_elsewhere(home: Path, of: UUID, places: Places) -> None:
    if not places:
        raise BackupError(
            "A restore into PostgreSQL or a bucket was interrupted. Run it again with the same settings, so that what"
            " it left there is removed. Nothing was changed."
        )
    from governance.copies import elsewhere  # takes time to load

    staging = beside(home, "restoring")
    staging.mkdir(mode=0o700, exist_ok=True)
    with at(staging, places):
        elsewhere.clear_away(of)


def is_open(path: Path) -> bool:
    """Whether another process has a database open, in use or idle. False for a damaged one."""
    database.close()
    if not path.exists():
        return False
    with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
        try:
            connection.execute("pragma locking_mode = exclusive")
            connection.execute("begin exclusive")
            connection.execute("rollback")
        except sqlite3.DatabaseError as error:
            return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


def require_room(home: Path, needed: int, *, replace: bool) -> None:
    """Raises BackupError unless a restore may put a home here, which has so many bytes of data."""
    if home.exists() and any(home.iterdir()):
        if not replace:
            raise BackupError(
                f"{home} already exists. With --replace the backup replaces it, and what was captured"
                " since then is lost. Nothing was changed."
            )
        _require_files(home)
        if worker_slots.any_running():
            raise BackupError("Workers are running. Stop them, the API and the dashboard first. Nothing was changed.")
        if is_open(home / Part.GOVERNANCE.place):
            raise BackupError(
                "This home's governance database is in use. Stop the API, the workers and the dashboard first: what"
                " people request meanwhile would be lost. Nothing was changed."
            )
    if beside(home, "replaced").exists():
        raise BackupError(
            f"{beside(home, 'replaced')} is in the way: the old home is moved there. Nothing was changed."
        )
    if shutil.disk_usage(home.parent).free < needed:
        raise BackupError(f"Not enough space in {home.parent}: {needed:,} bytes needed. Nothing was changed.")
    shutil.rmtree(beside(home, "restoring"), ignore_errors=True)


def _require_files(home: Path) -> None:
    """Of a home that can be read: what of it is elsewhere would stay there, and no erasure would reach it."""
    with suppress(HomeUnavailable):
        if {Part.GOVERNANCE, Part.CATALOG} - read_home().parts:
            raise BackupError(
                f"Parts of the home {home} are in PostgreSQL or a bucket, which a restore doesn't replace. Move this"
                " folder away, and name an empty database and an empty prefix. Nothing was changed."
            )


def place_of(home: Path, name: str) -> Path:
    """Where a file of a key part belongs in a home that is prepared."""
    if (shard := catalogs.shard_of(name)) is not None:
        with at(home):
            return catalog_path(shard)
    folder, _, rest = name.partition(".")
    apart = {"directory.sqlite": f"directory/{name}", "governance.sqlite": f".{name}"}
    return home / apart.get(name, f"{folder}/{rest}")
