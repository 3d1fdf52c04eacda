"""`python -m governance letter-code ADDRESS` makes a code for somebody who has left; `--end LETTER` ends one."""

from __future__ import annotations

import argparse
from typing import Any
from uuid import UUID

from errors import NotValid


def add_command(commands: Any) -> None:
    """Add `letter-code` to the subcommands of a parser; it sets `run`."""
    letter = commands.add_parser("letter-code", help="a code with which somebody who has left sees their own data")
    what = letter.add_mutually_exclusive_group(required=True)
    what.add_argument("address", nargs="?", help="their e-mail address in the directory")
    what.add_argument("--end", type=UUID, metavar="LETTER", help="end the letter with this number")
    letter.add_argument("--days", type=int, default=30, help="how long the code opens their data (default: 30)")
    letter.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """Exit status: 0 done, 1 refused and nothing was changed."""
    from directory.tokens.letters import MOST_DAYS  # these take a moment to load, which other commands would spend
    from governance.db import database
    from governance.requests import letters

    try:
        if arguments.end is not None:
            letters.end(arguments.end, None)
            print("The letter has ended: its code opens nothing any more.")
            return 0
        if not 1 <= arguments.days <= MOST_DAYS:
            raise NotValid(f"--days must be from 1 to {MOST_DAYS}. No letter was made.")
        made = letters.make(arguments.address, arguments.days, None)
    finally:
        database.close()
    until = letters.moment_of(made.expires_at)
    print(
        f"Code: {made.code}\nIt opens this person's own data until {until:%-d %B %Y, %H:%M} UTC. It isn't stored and "
        f"won't be shown again: put it into the letter now.\nTo end it earlier: python -m governance letter-code --end "
        f"{made.letter}"
    )
    return 0
