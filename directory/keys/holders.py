"""The processes that use content keys, and the master keys that each knows.

A process reads its settings when it starts. One that doesn't know a new master key could open nothing once the content
keys are wrapped with it, so it has to be restarted first. Each process therefore holds a lock on a file
`directory/holders/*.holder`, which the operating system releases when it dies. The file has no secret, only
fingerprints.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

import home
from directory.keys.master import MasterKeys, fingerprint, read_master_keys
from errors import Conflict
from home import HomeUnavailable, Part

PATIENCE_SECONDS = 10.0

Said = tuple[Path, int, tuple[str, ...]]

_announcing = threading.Lock()
_held: dict[Said, int] = {}
"""What this process has announced, with the descriptor of its file; at most one."""


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
    said = _folder(), os.getpid(), tuple(map(fingerprint, keys.keys))
    with _announcing:
        if said in _held:
            return
        with suppress(OSError, Timeout):
            descriptor = _hold(said)
            for earlier in _held.values():
                os.close(earlier)
            _held.clear()
            _held[said] = descriptor


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


def _hold(said: Said) -> int:
    folder, process, prints = said
    content = {"process": f"process {process} on {platform.node()}", "keys": prints}
    with _alone():
        list(_living())  # removes the files of dead ones
        descriptor = os.open(folder / f"{uuid4()}.holder", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(descriptor, json.dumps(content).encode())
    return descriptor


def _living() -> Iterator[tuple[str, list[str]]]:
    """The processes that live, and the fingerprints of the keys that each knows. The files of dead ones are removed, so
    only under `_alone`.
    """
    for path in _folder().glob("*.holder"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                said = json.loads(file.read())
                yield said["process"], said["keys"]
            else:
                path.unlink()


def _folder() -> Path:
    return Part.DIRECTORY.path.with_name("holders")


def _alone() -> FileLock:
    _folder().mkdir(mode=0o700, exist_ok=True)
    return FileLock(_folder() / "lock", timeout=PATIENCE_SECONDS)
