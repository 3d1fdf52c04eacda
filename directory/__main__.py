"""`python -m directory sync FILE` synchronises the directory with a CSV file of the HR system. `leaving` shows and
decides what a provider that uses SCIM was refused (docs/people.md).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import command_line
from directory.hr_table import Reading, listed
from directory.limits import Confirmed, TooManyChanges
from directory.people import Directory
from directory.synchronising import Synchronised
from file_modes import keep_private
from settings import settings


def main() -> int:
    keep_private(settings().home)
    parser = argparse.ArgumentParser(prog="python -m directory", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sync = commands.add_parser("sync", help="synchronise with a CSV file; people are never deleted")
    sync.add_argument("file", type=Path)
    sync.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
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
    leavers = commands.add_parser("leaving", help="who left by SCIM, and how many were refused and wait")
    decision = leavers.add_mutually_exclusive_group()
    decision.add_argument("--confirm", type=int, metavar="N", help="exactly N were refused, and have left")
    decision.add_argument("--dismiss", type=int, metavar="N", help="exactly N were refused, and work here")
    arguments = parser.parse_args()
    if arguments.command == "leaving":
        return command_line.run(lambda: _leaving(arguments.confirm, arguments.dismiss))
    reading = Reading(dict(arguments.column), arguments.encoding)
    confirmed = Confirmed(arguments.confirm, arguments.confirm_subs)
    return command_line.run(lambda: _synchronise(arguments.file, reading, confirmed, dry_run=arguments.dry_run))


def _leaving(confirmed: int | None, dismissed: int | None) -> int:
    from directory.scim import leaving  # the SCIM library takes a moment to load, which `sync` would spend for nothing
    from directory.scim.people import Users

    with Users.open() as users:
        if confirmed is not None:
            leaving.confirm(users.engine, confirmed)
            print(f"{confirmed:,} marked as left.")
        elif dismissed is not None:
            leaving.dismiss(users.engine, dismissed)
            print(f"{dismissed:,} stay.")
        else:
            counted = leaving.waiting(users.engine)
            hours = settings().scim_leaving_hours
            print(f"{counted.left:,} left by SCIM within {hours} hours; {counted.refused:,} were refused and wait.")
            if counted.refused:
                print(
                    f"If they have left: --confirm {counted.refused}. If they work here: --dismiss {counted.refused}."
                )
    return 0


def _column(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals or not theirs.strip():
        raise argparse.ArgumentTypeError("must be OURS=THEIRS")
    return ours.strip().lower(), theirs.strip()


def _synchronise(file: Path, reading: Reading, confirmed: Confirmed, *, dry_run: bool) -> int:
    with Directory.open() as directory:
        check = None if dry_run else confirmed.check
        done = directory.synchronise(file, reading, check=check, dry_run=dry_run)
    if done.notices:
        print(listed(done.notices), file=sys.stderr)
    print(("Nothing was changed. With this file: " if dry_run else "") + _counts(done))
    if dry_run and (refused := confirmed.refused(done.extent)):
        raise TooManyChanges("\n".join(refused))
    return 0


def _counts(done: Synchronised) -> str:
    counts = f"{done.added} added, {done.updated} updated, {done.unchanged} unchanged, {done.left} marked as left"
    return counts + (f", {done.proposed} for a privacy officer to decide" if done.proposed else "")


if __name__ == "__main__":
    sys.exit(command_line.run(main))
