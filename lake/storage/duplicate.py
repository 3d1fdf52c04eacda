"""Copy SQLite databases that are in use: each as of one moment, without freed pages, synchronised to disk.

Run as a separate program, with pairs of paths (from, to): DuckDB brings its own copy of SQLite, and two copies in one
process release each other's locks (see `lake/storage/catalogs/vacuum.py`). Standard library only. On failure the
reason is on stderr, and no partial copy is left.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

PATIENCE_SECONDS = 30.0


class NotCopied(OSError):
    """A database could not be copied; the message says why. No partial copy is left."""


def duplicate(pairs: Sequence[tuple[Path, Path]]) -> None:
    """Copy databases in a separate process. Raises NotCopied."""
    paths = [str(path) for pair in pairs for path in pair]
    done = subprocess.run(  # noqa: S603 (our own program and paths)
        [sys.executable, "-I", __file__, *paths],
        env=without_settings(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["it was interrupted"]
        raise NotCopied(f"A database could not be copied: {reason[0]}.")


def without_settings() -> dict[str, str]:
    """The environment, without secrets, for a program that gets everything it needs as arguments."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OPENBOOK_")}


def copy_one(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        place = f"{source.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(place, uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)) as connection:
            connection.execute("vacuum into ?", (str(target),))
        target.chmod(0o600)
        with target.open("rb+") as file:
            os.fsync(file.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    try:
        for source, target in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
            copy_one(Path(source), Path(target))
    except (sqlite3.Error, OSError) as error:
        sys.exit(str(error))
