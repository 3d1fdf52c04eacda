"""`python -m governance release` publishes what managers see, if it is due; `--list` shows what was published."""

from __future__ import annotations

import argparse
from typing import Any

from command_line import Answer
from settings import settings


def add_command(commands: Any) -> None:
    """Add `release` to the subcommands of a parser; it sets `answer`."""
    release = commands.add_parser("release", help="publish what managers see, if it is due, as workers do")
    release.add_argument("--list", action="store_true", help="show what was published, and what it cost")
    release.set_defaults(answer=_answer)


def _answer(arguments: argparse.Namespace) -> Answer:
    from governance.backup import state
    from governance.db import database
    from governance.rounds import releases
    from lake.releases import publishing  # NumPy and OpenDP take a second to load, which other commands would spend
    from lake.terminal import of_releases

    if arguments.list:
        return of_releases(publishing.releases())
    try:
        published = releases.release_now(state.keep_state)
    finally:
        database.close()
    words = (
        f"Release {published.period} is published. The releases of the last 365 days cost epsilon "
        f"{published.year_epsilon:.2f} of {settings().release_epsilon:g}."
    )
    return Answer({"period": published.period, "year_epsilon": published.year_epsilon}, [words])
