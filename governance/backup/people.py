"""People whom the replaced home knows and the backup doesn't: they keep their subject id, and so their requests.

What a privacy officer has yet to decide about them (`directory.links`) is copied, too.

Their content key is copied too if the restored directory has none for that person and its master key is known: one of
their notes may be sealed under it. People whom the
backup knows are left unchanged; the next `python -m directory sync` updates them. But what anybody decided since about
their recording (`directory.choices`) holds: it is in the journal, and in the replaced home.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from directory.choices import Rows, merge_choices, read_choices
from directory.keys import rewrapping
from directory.keys.master import MasterKeys
from directory.models import open_engine, upgrade
from directory.sign_outs import revocations
from governance.backup.files import sql
from governance.copies.places import at
from lake.storage.duplicate import duplicate
from parts import PartUnavailable

DATABASE = "directory.sqlite"


def take_over_people(replaced: Path, restored: Path, keys: MasterKeys) -> None:
    """Copies from one directory folder to another, of a home; `keys` are the known master keys. Raises NotCopied,
    sqlite3.Error, HomeUnavailable, PartUnavailable.
    """
    if not (replaced / DATABASE).exists():
        return
    draft = restored / f"{DATABASE}.replaced"
    duplicate([(replaced / DATABASE, draft)])
    try:
        for database in (draft, restored / DATABASE):
            with closing(sqlite3.connect(database)) as connection:
                upgrade(connection)
        with closing(sqlite3.connect(restored / DATABASE, isolation_level=None)) as connection:
            connection.execute("pragma secure_delete = on")
            connection.execute("attach ? as other", (str(draft),))
            connection.execute("begin")
            connection.execute(sql("add_proposals"))
            connection.execute(sql("add_people"))
            connection.execute("commit")
        with at(restored.parent):
            rewrapping.take_over(open_engine(draft), open_engine(restored / DATABASE), keys)
    finally:
        draft.unlink(missing_ok=True)


def take_over_choices(replaced: Path | None, restored: Path, journal: Rows) -> None:
    """From the journal and from one home to another. If the directory of the replaced one can't be read, that is what
    `take_over_people` says. Raises PartUnavailable.
    """
    engine = open_engine(restored / "directory" / DATABASE)
    merge_choices(engine, journal)
    if replaced is not None and (of_home := replaced / "directory" / DATABASE).exists():
        with suppress(PartUnavailable):
            merge_choices(engine, read_choices(open_engine(of_home)))


def end_sign_ins(restored: Path) -> None:
    """Everybody has to sign in again: nobody knows whose sign-ins were ended since the backup."""
    revocations.end_all(open_engine(restored / DATABASE))
