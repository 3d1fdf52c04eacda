"""`python -m governance init` creates a home, once."""

from __future__ import annotations

import argparse
from typing import Any

import home
from command_line import Answer


def add_command(commands: Any) -> None:
    """Add `init` to the subcommands of a parser; it sets `answer`."""
    init = commands.add_parser("init", help="create a home, once; or give one of an earlier version its identity")
    init.set_defaults(answer=_answer)


def _answer(_arguments: argparse.Namespace) -> Answer:
    from governance.db import database  # these take a second to load, which other commands would spend for nothing
    from governance.operations import first_start

    was_there = home.identity_path().exists()
    try:
        said = first_start.init()
    finally:
        database.close()
    return Answer({"home": home.folder(), "id": home.read().id, "was_there": was_there}, [said])
