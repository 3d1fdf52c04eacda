"""`python -m governance init` creates a home, once."""

from __future__ import annotations

import argparse
from typing import Any


def add_command(commands: Any) -> None:
    """Add `init` to the subcommands of a parser; it sets `run`."""
    init = commands.add_parser("init", help="create a home, once; or give one of an earlier version its identity")
    init.set_defaults(run=_run)


def _run(_arguments: argparse.Namespace) -> int:
    """Exit status: 0 done, 1 refused."""
    from governance.db import database  # these take a second to load, which other commands would spend for nothing
    from governance.operations import first_start

    try:
        print(first_start.init())
    finally:
        database.close()
    return 0
