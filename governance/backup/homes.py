"""The home that a restore replaces, and the temporary files beside it.

HOME.restoring        the new home while it is prepared
HOME.replaced         the old home, from the first rename of the switch until it is deleted
HOME.restoring.json   which backup is being restored; exists from the first step to the last
HOME.restoring.lock   held by the restore
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from governance.backup.folder import BackupError
from governance.db import database
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


def after_an_interruption(home: Path) -> str | None:
    """Clean up after a restore that was killed; returns the backup's name if only the cleanup was missing."""
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


@contextmanager
def at(home: Path) -> Iterator[None]:
    """Set `$OPENBOOK_HOME` to `home` for the block."""
    before = os.environ.get("OPENBOOK_HOME")
    os.environ["OPENBOOK_HOME"] = str(home)
    try:
        yield
    finally:
        database.close()
        if before is None:
            del os.environ["OPENBOOK_HOME"]
        else:
            os.environ["OPENBOOK_HOME"] = before
