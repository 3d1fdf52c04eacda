"""`python -m governance rotate-keys` replaces the key that signs the ledger, while everything keeps running."""

from __future__ import annotations

import argparse
from typing import Any

from governance.db import database
from governance.ledger import key_changes
from governance.ledger.signing import signer


def add_command(commands: Any) -> None:
    """Add `rotate-keys` to the subcommands of a parser; it sets `run`."""
    commands.add_parser("rotate-keys", help="replace the signing key; receipts signed before stay valid").set_defaults(
        run=_run
    )


def _run(_arguments: argparse.Namespace) -> int:
    """Exit status: 0 done, 1 refused."""
    try:
        old, new = signer().key, key_changes.replace().key
    finally:
        database.close()
    print(f"The signing key was {old}\nand is now           {new}")
    print(
        "The ledger records it, signed with the old key. Tell the new one to people and witnesses as you told the old"
        " one. Receipts signed before stay valid with the old key: tell people to keep it."
    )
    return 0
