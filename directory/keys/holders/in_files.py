"""What processes of one machine say about themselves: a file of each, locked as long as it lives."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4


@dataclass(frozen=True)
class Hold:
    """A file that this process keeps locked."""

    descriptor: int

    def is_lost(self) -> bool:
        return False

    def end(self) -> None:
        os.close(self.descriptor)


def hold(folder: Path, process: str, prints: list[str]) -> Hold:
    """Say this, until the process ends. Raises OSError."""
    descriptor = os.open(folder / f"{uuid4()}.holder", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.write(descriptor, json.dumps({"process": process, "keys": prints}).encode())
    return Hold(descriptor)


def living(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """What those say that live; the files of others are removed."""
    for path in folder.glob("*.holder"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                said = json.loads(file.read())
                yield said["process"], said["keys"]
            else:
                path.unlink()
