"""Rebuild the lake's SQLite catalog so that no byte of a deleted row remains in it or in its write-ahead log.

Run as a separate program, with the catalog's path and the seconds to wait for readers: DuckDB brings its own copy of
SQLite, and two copies in one process release each other's locks
(https://www.sqlite.org/howtocorrupt.html, section 2.2.1).
Standard library only. Exit status 75 (EX_TEMPFAIL): readers blocked it for too long; run it again.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

READERS_IN_THE_WAY = 75


def vacuum(catalog: str, patience: float) -> bool:
    """Rebuild the file and empty its write-ahead log; False if readers kept the log in use for `patience` seconds."""
    give_up_at = time.monotonic() + patience
    place = f"{Path(catalog).as_uri()}?mode=rw"  # never creates a missing file
    with closing(sqlite3.connect(place, uri=True, timeout=patience, isolation_level=None)) as connection:
        connection.execute("pragma temp_store = memory")
        connection.execute("vacuum")
        while True:
            busy, *_ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            if not busy:
                return True
            if time.monotonic() > give_up_at:
                return False


if __name__ == "__main__":
    sys.exit(0 if vacuum(sys.argv[1], float(sys.argv[2])) else READERS_IN_THE_WAY)
