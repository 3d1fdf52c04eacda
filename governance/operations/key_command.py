"""`python -m governance rotate-keys` replaces the key that signs the ledger, or the master key, while everything keeps
running."""

from __future__ import annotations

import argparse
from typing import Any

from command_line import Answer
from settings import settings


def add_command(commands: Any) -> None:
    """Add `rotate-keys` to the subcommands of a parser; it sets `answer`."""
    rotate = commands.add_parser(
        "rotate-keys", help="replace the signing key (receipts signed before stay valid) or the master key"
    )
    rotate.add_argument("which", nargs="?", choices=tuple(REPLACING), default="signing", help="default: signing")
    rotate.set_defaults(answer=_answer)


def _answer(arguments: argparse.Namespace) -> Answer:
    from governance.db import database  # it takes a moment to load, which other commands would spend for nothing

    try:
        return REPLACING[arguments.which]()
    finally:
        database.close()


def _signing() -> Answer:
    from governance.ledger import key_changes
    from governance.ledger.signing import signer

    old, new = signer().key, key_changes.replace().key
    words = (
        f"The signing key was {old}\nand is now           {new}\n"
        "The ledger records it, signed with the old key. Tell the new one to people and witnesses as you told the old"
        " one. Receipts signed before stay valid with the old key: tell people to keep it."
    )
    return Answer({"which": "signing", "replaced": True, "old": str(old), "new": str(new)}, [words])


def _master() -> Answer:
    from directory.keys.master import PREVIOUS
    from governance.ledger import master_key_changes

    replaced = master_key_changes.replace()
    said = (
        "The master key was replaced: it wraps every content key, and the ledger records the change. The old one opens"
        " nothing in this home any more."
        if replaced
        else "The new master key wraps every content key already. Nothing was changed."
    )
    backups = (
        "Backups from before need the old one: keep it apart from them until their key parts are destroyed"
        " (docs/backup.md)."
    )
    if settings().master_key:
        words = f"{said} Remove {PREVIOUS} from the settings at the next restart of each process. {backups}"
    else:
        words = (
            f"{said} Backups from before have the old one in their key parts until those are destroyed "
            "(docs/backup.md)."
        )
    return Answer({"which": "master", "replaced": replaced, "old": None, "new": None}, [words])


REPLACING = {"signing": _signing, "master": _master}
