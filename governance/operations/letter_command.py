"""`python -m governance letter-code ADDRESS` makes a code for somebody who has left; `--end LETTER` ends one."""

from __future__ import annotations

import argparse
from typing import Any
from uuid import UUID

from command_line import Answer
from errors import NotValid


def add_command(commands: Any) -> None:
    """Add `letter-code` to the subcommands of a parser; it sets `answer`."""
    letter = commands.add_parser("letter-code", help="a code with which somebody who has left sees their own data")
    what = letter.add_mutually_exclusive_group(required=True)
    what.add_argument("address", nargs="?", help="their e-mail address in the directory")
    what.add_argument("--end", type=UUID, metavar="LETTER", help="end the letter with this number")
    letter.add_argument("--days", type=int, default=30, help="how long the code opens their data (default: 30)")
    letter.set_defaults(answer=_answer)


def _answer(arguments: argparse.Namespace) -> Answer:
    from directory.tokens.letters import MOST_DAYS  # these take a moment to load, which other commands would spend
    from governance.db import database
    from governance.requests import letters

    try:
        if arguments.end is not None:
            letters.end(arguments.end, None)
            return Answer({"ended": arguments.end}, ["The letter has ended: its code opens nothing any more."])
        if not 1 <= arguments.days <= MOST_DAYS:
            raise NotValid(f"--days must be from 1 to {MOST_DAYS}. No letter was made.")
        made = letters.make(arguments.address, arguments.days, None)
    finally:
        database.close()
    until = letters.moment_of(made.expires_at)
    words = (
        f"Code: {made.code}\nIt opens this person's own data until {until:%-d %B %Y, %H:%M} UTC. It isn't stored and "
        f"won't be shown again: put it into the letter now.\nTo end it earlier: python -m governance letter-code --end "
        f"{made.letter}"
    )
    return Answer({"letter": made.letter, "code": made.code, "expires_at": until}, [words])
