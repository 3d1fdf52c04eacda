"""Readers take turns with processes that delete files.

DuckLake reads its SQLite catalog table by table, each in a separate SQLite transaction. While a snapshot is expired or
files are merged, a query can thus find its snapshot in one table and its files missing from the next, and return no
rows instead of failing. Versioned changes (insert, delete, rewrite) can't do this.

So every read holds the lock file `readers.lock` together with other reads (`reading`), and any removal of catalog rows
and files holds it exclusively (`alone`). The lock file `gate.lock` gives processes that wait for exclusive access the
next turn: new reads stop at it, for at most `GATE_SECONDS` at a time, so that one long read never stops all others.

Both are kernel locks (flock): they end with the process that holds them.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lake.storage import waiting
from lake.storage.unavailable import LakeBusy

GATE_SECONDS = 1.0
PAUSE_SECONDS = 0.005


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Read the lake in `folder`, together with other readers; waits while a process has exclusive access
    (`lake.storage.waiting`). Raises LakeBusy."""
    with _held(folder, "gate.lock", fcntl.LOCK_SH):
        readers = _locked(folder, "readers.lock", fcntl.LOCK_SH)
    try:
        yield
    finally:
        os.close(readers)


@contextmanager
def alone(folder: Path, patience: float) -> Iterator[bool]:
    """Exclusive access to the lake's folder, waiting up to `patience` seconds for reads to end. Yields False if they
    did not: then access is not exclusive."""
    readers = os.open(folder / "readers.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _wait(folder, readers, time.monotonic() + patience)
    finally:
        os.close(readers)


def _wait(folder: Path, readers: int, give_up_at: float) -> bool:
    while True:
        try:
            with _held(folder, "gate.lock", fcntl.LOCK_EX, give_up_at - time.monotonic()):
                open_again_at = time.monotonic() + GATE_SECONDS
                while time.monotonic() < open_again_at:
                    if _taken(readers, fcntl.LOCK_EX):
                        return True
                    time.sleep(PAUSE_SECONDS)
        except LakeBusy:
            return False
        if time.monotonic() > give_up_at:
            return False
        time.sleep(GATE_SECONDS)


def _taken(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _held(folder: Path, name: str, kind: int, patience: float | None = None) -> Iterator[None]:
    lock = _locked(folder, name, kind, patience)
    try:
        yield
    finally:
        os.close(lock)


def _locked(folder: Path, name: str, kind: int, patience: float | None = None) -> int:
    lock = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        waiting.until(lambda: _taken(lock, kind), folder, patience)
    except BaseException:
        os.close(lock)
        raise
    return lock
