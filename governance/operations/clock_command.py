"""`python -m governance clock` shows whether the clock is trusted; with `clock confirm` an operator says that it is
right.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import clock
import timekeeping
from timekeeping import Doubted


def add_command(commands: Any) -> None:
    """Add `clock` to the subcommands of a parser; it sets `run`."""
    parser = commands.add_parser("clock", help="show whether the clock is trusted for actions that can't be undone")
    parser.add_argument("action", nargs="?", choices=["confirm"], help="confirm that the clock is right")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """Exit status: 0 trusted, 1 doubted."""
    from governance.db import database  # these take a moment to load, which other commands would spend for nothing
    from governance.ledger import trusted_time

    try:
        if arguments.action == "confirm":
            trusted_time.confirm()
            print(f"Confirmed: it is {clock.now():%-d %B %Y, %H:%M} UTC. The ledger records it.")
            return 0
        verdict = trusted_time.look()
    except OSError as error:
        print(f"Nothing was confirmed: {error}.", file=sys.stderr)
        return 1
    finally:
        database.close()
    if isinstance(verdict, Doubted):
        print(timekeeping.in_words(verdict.reason), file=sys.stderr)
        return 1
    print(f"The clock is trusted: it is {clock.now():%-d %B %Y, %H:%M} UTC.")
    return 0
