"""`python -m governance rotate-keys` replaces the key that signs the ledger, or the master key, while everything keeps
running."""

from __future__ import annotations

import argparse
from typing import Any

from settings import settings


def add_command(commands: Any) -> None:
    """Add `rotate-keys` to the subcommands of a parser; it sets `run`."""
    rotate = commands.add_parser(
        "rotate-keys", help="replace the signing key (receipts signed before stay valid) or the master key"
    )
    rotate.add_argument("which", nargs="?", choices=tuple(REPLACING), default="signing", help="default: signing")
    rotate.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """Exit status: 0 done, 1 refused."""
    from governance.db import database  # it takes a moment to load, which other commands would spend for nothing

    try:
        print(REPLACING[arguments.which]())
    finally:
        database.close()
    return 0


def _signing() -> str:
    from governance.ledger import key_changes
    from governance.ledger.signing import signer

    old, new = signer().key, key_changes.replace().key
    return (
        f"The signing key was {old}\nand is now           {new}\n"
        "The ledger records it, signed with the old key. Tell the new one to people and witnesses as you told the old"
        " one. Receipts signed before stay valid with the old key: tell people to keep it."
    )


def _master() -> str:
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
        return f"{said} Remove {PREVIOUS} from the settings at the next restart of each process. {backups}"
    return f"{said} Backups from before have the old one in their key parts until those are destroyed (docs/backup.md)."


REPLACING = {"signing": _signing, "master": _master}
