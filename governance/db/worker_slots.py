"""The running workers: each holds a numbered slot through a lock that the operating system releases when it dies.

A slot is `$OPENBOOK_HOME/governance/workers/worker-N.lock`; its name is the executor id under which the queue records
the worker's current workflows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

import home
from governance.db.database import governance_folder


@contextmanager
def place() -> Iterator[str]:
    """Take the first free slot, until the block ends; yields its name."""
    home.require()
    _folder().mkdir(exist_ok=True)
    for number in count():
        name = f"worker-{number}"
        try:
            with FileLock(_folder() / f"{name}.lock", timeout=0):
                yield name
                return
        except Timeout:
            continue


@contextmanager
def if_dead(name: str) -> Iterator[bool]:
    """Whether no one holds this slot, which need not be one of ours; if so, it is held during the block."""
    path = _folder() / f"{name}.lock"
    if not path.exists():
        yield True
        return
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def any_running() -> bool:
    """Whether there is a worker that can process a request."""
    for path in _places():
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return True
    return False


def _folder() -> Path:
    return governance_folder() / "workers"


def _places() -> list[Path]:
    return sorted(_folder().glob("worker-*.lock"))
