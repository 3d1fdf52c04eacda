"""The processes that use content keys, and the master keys that each knows.

A process reads its settings when it starts. One that doesn't know a new master key could open nothing once the content
keys are wrapped with it, so it has to be restarted first. Each process therefore says which keys it knows, by their
fingerprints, and holds a lock on what it says, which ends when the process dies:

    state in files         a file `directory/holders/*.holder`, locked
    state in PostgreSQL    a row of `directory.key_holder`, and the advisory lock of its id, so also on other machines
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from filelock import Timeout

import home
from databases import locks, postgresql
from directory.keys.holders import in_database, in_files
from directory.keys.master import MasterKeys, fingerprint, read_master_keys
from errors import Conflict, Unavailable
from home import HomeUnavailable, Part
from settings import settings

PATIENCE_SECONDS = 10.0

Hold: TypeAlias = in_database.Hold | in_files.Hold
Said: TypeAlias = tuple[str, int, tuple[str, ...]]
"""Where, which process, and the fingerprints of the keys that it knows."""

_announcing = threading.Lock()
_held: dict[Said, Hold] = {}
"""What this process has announced; at most one."""


class KeyUnknownToProcesses(Conflict):
    """Running processes would be able to open nothing."""

    def __init__(self, processes: list[str]) -> None:
        super().__init__(
            f"These processes don't know the new master key yet: {', '.join(processes)}. Nothing was changed. Restart "
            "them, one after the other, with OPENBOOK_MASTER_KEY (the new key) and OPENBOOK_MASTER_KEY_PREVIOUS (the "
            "present one), and run this again (docs/settings.md)."
        )


def announce_keys() -> None:
    """`announce`, for a process that starts. If the keys can't be used, whoever needs one is told."""
    with suppress(HomeUnavailable):
        home.require(Part.DIRECTORY)
        announce(read_master_keys())


def announce(keys: MasterKeys) -> None:
    """Say that this process knows these keys. A disk that is full is no reason not to open a key."""
    said = _place(), os.getpid(), tuple(map(fingerprint, keys.keys))
    with _announcing:
        if said in _held and not _held[said].is_lost():
            return
        with suppress(OSError, Timeout, Unavailable):
            hold = _hold(said)
            for earlier in _held.values():
                earlier.end()
            _held.clear()
            _held[said] = hold


def forget() -> None:
    """This process no longer uses content keys of any home."""
    with _announcing:
        while _held:
            _held.popitem()[1].end()


@contextmanager
def all_know(keys: MasterKeys) -> Iterator[None]:
    """Every process that uses content keys knows the wanted one of these keys, which this process knows; none that
    doesn't can begin to during the block. Raises KeyUnknownToProcesses.
    """
    announce(keys)
    with _alone():
        unknown = [process for process, known in _living() if fingerprint(keys.wanted) not in known]
        if unknown:
            raise KeyUnknownToProcesses(sorted(unknown))
        yield


def running() -> list[str]:
    """The processes that use content keys of this home now."""
    with _alone():
        return sorted(process for process, _ in _living())


def _place() -> str:
    return settings().database_url if postgresql.is_used() else str(_folder())


def _hold(said: Said) -> Hold:
    _, process, prints = said
    with _alone():
        list(_living())  # removes what dead ones said
        name = f"process {process} on {platform.node()}"
        if postgresql.is_used():
            return in_database.hold(name, list(prints))
        return in_files.hold(_folder(), name, list(prints))


def _living() -> Iterator[tuple[str, list[str]]]:
    """The processes that live, and the fingerprints of the keys that each knows. What dead ones said is removed, so
    only under `_alone`.
    """
    return in_database.living() if postgresql.is_used() else in_files.living(_folder())


def _folder() -> Path:
    return Part.DIRECTORY.path.with_name("holders")


@contextmanager
def _alone() -> Iterator[None]:
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with locks.lock(_folder() / "lock", PATIENCE_SECONDS):
        yield
