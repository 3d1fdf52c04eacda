"""Encrypted temporary files for data that doesn't fit into memory: one folder for each connection of DuckDB, and files
without names for what waits elsewhere (`lake.spools.blocks`).

DuckDB's temporary files have the same names in every process, so connections that share a folder corrupt each other's
files. A process locks a place under `lake/spill` for its lifetime, and its connections have folders in it. The next
writer deletes what a killed process left there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from itertools import count
from pathlib import Path
from threading import Lock
from uuid import uuid4

_lock = Lock()
_places: dict[tuple[int, Path], Path] = {}
_numbers = count()


def new_folder(lake: Path) -> Path:
    """A folder for one connection to the lake in `lake`; DuckDB creates it when it needs it."""
    return _place(lake) / str(next(_numbers))


def unnamed_file(lake: Path) -> int:
    """A file to write and read that has no name, for what doesn't fit into memory elsewhere than in DuckDB: whoever
    writes to it encrypts it. It ends with its descriptor. Raises OSError."""
    file, name = tempfile.mkstemp(dir=_place(lake))
    Path(name).unlink()
    return file


def _place(lake: Path) -> Path:
    with _lock:
        key = os.getpid(), lake  # a fork needs its own place
        if key not in _places or not _places[key].parent.is_dir():  # the home was gone and came back without it
            _places[key] = _take_place(lake / "spill")
        place = _places[key]
        place.mkdir(mode=0o700, exist_ok=True)
        return place


def clear(lake: Path) -> None:
    """Delete files left by dead processes."""
    for path in (lake / "spill").glob("*.lock"):
        try:
            lock = os.open(path, os.O_RDWR)
        except FileNotFoundError:  # another writer deleted it
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            pass
        finally:
            os.close(lock)


def _take_place(spill: Path) -> Path:
    """The lock is never closed: it ends with the process. A lock file deleted before it was locked doesn't count."""
    while True:
        place = spill / str(uuid4())
        spill.mkdir(exist_ok=True)
        lock = os.open(place.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return place
        os.close(lock)
