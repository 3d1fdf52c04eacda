"""People whom the replaced home knows and the backup doesn't: they keep their subject, and so their requests.

A content key comes along where the restored directory has none of that person and both homes have the same master
key: a note of theirs may be sealed under it. What the backup says of a person whom it knows is left as it is; the
next `python -m directory sync` brings it up to date.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from governance.backup.files import sql
from lake.storage.duplicate import duplicate
from settings import settings

DATABASE = "directory.sqlite"


def take_over_people(replaced: Path, restored: Path) -> None:
    """From one directory folder to another. Raises NotCopied, sqlite3.Error."""
    if not (replaced / DATABASE).exists():
        return
    draft = restored / f"{DATABASE}.replaced"
    duplicate([(replaced / DATABASE, draft)])
    try:
        with closing(sqlite3.connect(restored / DATABASE, isolation_level=None)) as connection:
            connection.execute("pragma secure_delete = on")
            connection.execute("attach ? as other", (str(draft),))
            connection.execute("begin")
            connection.execute(sql("add_people"))
            if settings().master_key or _master_key(replaced) == _master_key(restored):
                connection.execute(sql("add_keys"))
            connection.execute("commit")
    finally:
        draft.unlink(missing_ok=True)


def _master_key(directory: Path) -> bytes | None:
    path = directory / "master.key"
    return path.read_bytes() if path.exists() else None
