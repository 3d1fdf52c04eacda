"""Which workers there are: each holds a numbered place by a lock that the system takes back when it dies.

A place is `$OPENBOOK_HOME/governance/workers/worker-N.lock`; its name is the executor id under which the
queue knows what the worker has in hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from governance.database import governance_folder


@contextmanager
def place() -> Iterator[str]:
    """Take the first free place, until the block ends; gives its name."""
    _folder().mkdir(parents=True, exist_ok=True)
    for number in count():
        name = f"worker-{number}"
        try:
            with FileLock(_folder() / f"{name}.lock", timeout=0):
                yield name
                return
        except Timeout:
            continue


def dead_places(mine: str) -> Iterator[str]:
    """The places that nobody holds; each is held for the caller while it is looked at."""
    for path in _places():
        if path.stem != mine:
            try:
                with FileLock(path, timeout=0):
                    yield path.stem
            except Timeout:
                continue


def any_running() -> bool:
    """Whether there is a worker that can take a request."""
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
