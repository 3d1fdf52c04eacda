"""What is in the files of a home, while it is in use.

A process that closes a file loses all of its locks on it (POSIX), also those of a database that it has open; then
another process may truncate what this one has in its memory. So the files are read by a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_LOOK = """
import pathlib, sys
needles = [bytes.fromhex(line) for line in sys.stdin]
for path in pathlib.Path(sys.argv[1]).rglob("*"):
    if path.is_file():
        content = path.read_bytes()
        if any(needle in content for needle in needles):
            print(path)
"""


def files_with(folder: Path, needles: Iterable[bytes]) -> list[Path]:
    """The files of a folder and of those in it that have any of these bytes."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _LOOK, str(folder)],
        input="\n".join(needle.hex() for needle in needles),
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in done.stdout.splitlines()]
