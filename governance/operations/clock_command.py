"""`python -m governance clock` shows whether the clock is trusted; with `clock confirm` an operator says that it is
right.
"""

from __future__ import annotations

import argparse
from typing import Any

import clock
import timekeeping
from command_line import Answer, Ended
from timekeeping import Doubted


def add_command(commands: Any) -> None:
    """Add `clock` to the subcommands of a parser; it sets `answer`."""
    parser = commands.add_parser("clock", help="show whether the clock is trusted for actions that can't be undone")
    parser.add_argument("action", nargs="?", choices=["confirm"], help="confirm that the clock is right")
    parser.set_defaults(answer=_answer)


def _answer(arguments: argparse.Namespace) -> Answer:
    """Exit status: 0 trusted, 1 doubted."""
    from governance.db import database  # these take a moment to load, which other commands would spend for nothing
    from governance.ledger import trusted_time

    confirms = arguments.action == "confirm"
    try:
        if confirms:
            trusted_time.confirm()
        verdict = None if confirms else trusted_time.look()
    except OSError as error:
        raise Ended(f"Nothing was confirmed: {error}.", 1) from error
    finally:
        database.close()
    now = clock.now()
    result = {"trusted": True, "confirmed": confirms, "now": now, "why": None}
    if isinstance(verdict, Doubted):
        why = timekeeping.in_words(verdict.reason)
        return Answer(result | {"trusted": False, "why": why}, [], 1, [why])
    said = f"it is {now:%-d %B %Y, %H:%M} UTC."
    return Answer(
        result, [f"Confirmed: {said} The ledger records it." if confirms else f"The clock is trusted: {said}"]
    )
