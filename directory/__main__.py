"""`python -m directory sync FILE` synchronises the directory with a CSV file of the HR system. `leaving` shows and
decides what a provider that uses SCIM was refused (docs/people.md).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import command_line
from collecting import seldom_collecting
from command_line import DRY_RUN, Answer
from file_modes import keep_private
from settings import settings

if TYPE_CHECKING:
    from directory.synchronising import Synchronised


def main() -> int:
    keep_private(settings().home)
    with seldom_collecting():
        return command_line.answered(parser().parse_args())


def parser() -> argparse.ArgumentParser:
    """All commands."""
    whole = argparse.ArgumentParser(prog="python -m directory", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    sync = commands.add_parser("sync", help="synchronise with a CSV file; people are never deleted")
    sync.add_argument("file", type=Path)
    sync.add_argument("--dry-run", action="store_true", help=DRY_RUN)
    sync.add_argument(
        "--confirm", type=int, metavar="N", help="exactly N people have left; needed if they are more than 10 %%"
    )
    sync.add_argument(
        "--confirm-subs", type=int, metavar="N", help="exactly N people have another sub; needed above 10 %%"
    )
    sync.add_argument(
        "--column",
        action="append",
        default=[],
        type=_column,
        metavar="OURS=THEIRS",
        help='a column that has another name in the file, such as --column email="Work address"; repeatable',
    )
    sync.add_argument("--encoding", help="the encoding of the file, if it isn't recognised, such as cp1250")
    sync.set_defaults(answer=_synchronise)
    leavers = commands.add_parser("leaving", help="who left by SCIM, and how many were refused and wait")
    decision = leavers.add_mutually_exclusive_group()
    decision.add_argument("--confirm", type=int, metavar="N", help="exactly N were refused, and have left")
    decision.add_argument("--dismiss", type=int, metavar="N", help="exactly N were refused, and work here")
    leavers.set_defaults(answer=_leaving)
    return command_line.finished(whole)


def _leaving(arguments: argparse.Namespace) -> Answer:
    from directory.scim import leaving  # the SCIM library takes a moment to load, which `sync` would spend for nothing
    from directory.scim.people import Users

    with Users.open() as users:
        if arguments.confirm is not None:
            leaving.confirm(users.engine, arguments.confirm)
            return Answer({"confirmed": arguments.confirm}, [f"{arguments.confirm:,} marked as left."])
        if arguments.dismiss is not None:
            leaving.dismiss(users.engine, arguments.dismiss)
            return Answer({"dismissed": arguments.dismiss}, [f"{arguments.dismiss:,} stay."])
        counted = leaving.waiting(users.engine)
    hours = settings().scim_leaving_hours
    words = [f"{counted.left:,} left by SCIM within {hours} hours; {counted.refused:,} were refused and wait."]
    if counted.refused:
        words.append(f"If they have left: --confirm {counted.refused}. If they work here: --dismiss {counted.refused}.")
    return Answer({"left": counted.left, "refused": counted.refused, "hours": hours}, words)


def _column(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals or not theirs.strip():
        raise argparse.ArgumentTypeError("must be OURS=THEIRS")
    return ours.strip().lower(), theirs.strip()


def _synchronise(arguments: argparse.Namespace) -> Answer:
    from directory.hr_table import Reading, listed
    from directory.limits import Confirmed
    from directory.people import Directory  # SQLAlchemy takes a moment to load, which --help would spend for nothing

    reading = Reading(dict(arguments.column), arguments.encoding)
    confirmed = Confirmed(arguments.confirm, arguments.confirm_subs)
    dry_run: bool = arguments.dry_run
    with Directory.open() as directory:
        check = None if dry_run else confirmed.check
        done = directory.synchronise(arguments.file, reading, check=check, dry_run=dry_run)
    refused = confirmed.refused(done.extent) if dry_run else []
    counts = {name: getattr(done, name) for name in ("added", "updated", "unchanged", "left", "proposed")}
    result = {**counts, "notices": list(done.notices), "refused": list(refused)}
    words = ("Nothing was changed. With this file: " if dry_run else "") + _counts(done)
    notices = [*([listed(done.notices)] if done.notices else []), *refused]
    return Answer(result, [words], 1 if refused else 0, notices, dry_run)


def _counts(done: Synchronised) -> str:
    counts = f"{done.added} added, {done.updated} updated, {done.unchanged} unchanged, {done.left} marked as left"
    return counts + (f", {done.proposed} for a privacy officer to decide" if done.proposed else "")


if __name__ == "__main__":
    command_line.program(main)
