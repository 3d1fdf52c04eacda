"""The lake's commands.

    python -m lake ingest FORMAT PATH_OR_URL --employee EMAIL
    python -m lake ingest FORMAT FOLDER --manifest recordings.csv [--every MINUTES]
    python -m lake ingest ARCHIVE PATH [--accounts FILE]
    python -m lake policy apply FILE
    python -m lake policy list
    python -m lake sweep
    python -m lake verify
    python -m lake dataset create NAME --where CONDITION… [--version VERSION] [--purpose PURPOSE]
    python -m lake dataset list
    python -m lake attack [--companies N]
    python -m lake accuracy [--picture FILE]

Exit status: 0 done, 1 refused and nothing changed, 2 wrong usage, 3 ingested but some records were quarantined or some
sources of a manifest refused, 4 files of the lake are damaged, 130 stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

import command_line
import home
import timekeeping
from errors import OpenBookError
from file_modes import keep_private
from home import HomeUnavailable
from lake.archives import ARCHIVES
from lake.attacks import command as attack_commands
from lake.connectors import CONNECTORS
from lake.datasets import commands as dataset_commands
from lake.rules.policies import apply_policies, read_policies, read_policy_file
from lake.storage.connection import LakeUnavailable, reader, writer
from lake.terminal import (
    archive_with_progress,
    ingest_manifest,
    policy_table,
    show_archive,
    show_summary,
    verifying_progress,
    watch_manifest,
    with_progress,
)
from settings import settings

DAMAGED = (
    "The data in these files can't be read; the rest of the lake can. Check the disk first. If an earlier backup has "
    "these files, restore it (docs/backup.md): they come back, and whatever was erased since is erased again."
)


def main() -> int:
    keep_private(settings().home)
    arguments = _parser().parse_args()
    try:
        return command_line.run(lambda: _run(arguments))
    except KeyboardInterrupt:
        print("Stopped. Run it again if it had not finished: nothing is stored twice.", file=sys.stderr)
        return 130


def _run(arguments: argparse.Namespace) -> int:
    try:
        status: int = arguments.run(arguments, Console())
    except OpenBookError as error:
        _raise_what_is_missing(error)
        raise
    return status


def _raise_what_is_missing(error: OpenBookError) -> None:
    """A missing home, or a missing part of it, explains more than the error that it caused. Raises HomeUnavailable."""
    missing = home.missing_parts()
    if missing and isinstance(error, LakeUnavailable):
        raise HomeUnavailable.missing(*missing) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lake", description="Commands of the capture lake.")
    commands = parser.add_subparsers(dest="command", required=True)

    ingest = commands.add_parser(
        "ingest", help="store a recording of one employee, many that a manifest lists, or an archive of many people"
    )
    ingest.add_argument("format", choices=sorted([*CONNECTORS, *ARCHIVES]))
    ingest.add_argument("location", help="a file, a folder or a URL, depending on the format")
    whose = ingest.add_mutually_exclusive_group()
    whose.add_argument("--employee", help="e-mail address of the person recorded; not for an archive")
    whose.add_argument(
        "--manifest", type=Path, help="CSV file with the columns source (in the folder LOCATION, or a URL) and email"
    )
    whose.add_argument(
        "--accounts",
        type=Path,
        help="for an archive that doesn't say e-mail addresses: CSV file with account and email",
    )
    ingest.add_argument(
        "--complete",
        action="store_true",
        help="for jira: LOCATION has everything that Jira has; what is stored beyond it was deleted there",
    )
    ingest.add_argument(
        "--every", type=_minutes, metavar="MINUTES", help="with a manifest: go on ingesting what is new, until stopped"
    )
    ingest.set_defaults(run=_ingest, wrong_usage=ingest.error)

    policy = commands.add_parser("policy", help="what may be captured").add_subparsers(dest="action", required=True)
    apply = policy.add_parser("apply", help="add the policies of a TOML file, or replace those with the same key")
    apply.add_argument("file", type=Path)
    apply.set_defaults(run=_apply)
    policy.add_parser("list", help="show all policies").set_defaults(run=_list)

    commands.add_parser("verify", help="read every file and list damaged ones").set_defaults(run=_verify)
    commands.add_parser("sweep", help="remove records past their retention").set_defaults(run=_sweep)
    dataset_commands.add_command(commands)
    attack_commands.add_to(commands)
    return parser


def _minutes(text: str) -> float:
    """Raises ValueError."""
    minutes = float(text)
    if not 0 < minutes <= 24 * 60:
        raise ValueError
    return minutes


def _require_usable(arguments: argparse.Namespace) -> None:
    """Ends the command with status 2 if options don't go together."""
    if arguments.every is not None and arguments.manifest is None:
        arguments.wrong_usage("--every needs a --manifest")
    if arguments.complete and not (arguments.format in ARCHIVES and ARCHIVES[arguments.format].may_be_complete):
        arguments.wrong_usage(f"an export in the format {arguments.format} is never complete: leave out --complete")
    if arguments.format in ARCHIVES:
        if arguments.employee or arguments.manifest:
            arguments.wrong_usage(
                f"{arguments.format} is an archive of many people: leave out --employee and --manifest"
            )
    elif not arguments.employee and not arguments.manifest:
        arguments.wrong_usage("whose recording is it? --employee or --manifest is required")


def _ingest(arguments: argparse.Namespace, console: Console) -> int:
    _require_usable(arguments)
    if arguments.format in ARCHIVES:
        return _ingest_archive(arguments, console)
    if arguments.manifest is not None:
        recordings = arguments.format, Path(arguments.location), arguments.manifest
        if arguments.every is not None:
            return watch_manifest(console, *recordings, arguments.every)
        return ingest_manifest(console, *recordings)
    summary = with_progress(console, arguments.format, arguments.location, arguments.employee)
    show_summary(console, summary)
    return 3 if summary.batch.quarantined else 0


def _ingest_archive(arguments: argparse.Namespace, console: Console) -> int:
    done = archive_with_progress(console, arguments.format, arguments.location, arguments.accounts, arguments.complete)
    show_archive(console, done)
    return 3 if done.quarantined else 0


def _apply(arguments: argparse.Namespace, console: Console) -> int:
    policies = read_policy_file(arguments.file)
    with writer() as connection:
        apply_policies(connection, policies)
    console.print(f"{len(policies)} policies apply to what is ingested from now on.")
    return 0


def _list(_arguments: argparse.Namespace, console: Console) -> int:
    connection = reader()
    try:
        console.print(policy_table(read_policies(connection)))
    finally:
        connection.close()
    return 0


def _sweep(_arguments: argparse.Namespace, console: Console) -> int:
    from lake.rules import retention  # with SQLAlchemy, which other commands would load for nothing

    timekeeping.require()
    swept = retention.sweep()
    console.print(
        f"{swept['removed']:,} records of {swept['people']:,} people removed: past their retention;"
        f" {swept['held']:,} more are kept because of a legal hold or at their owner's wish."
    )
    return 0


def _verify(_arguments: argparse.Namespace, console: Console) -> int:
    from lake.storage import verifying

    with verifying_progress(console) as report:
        found = verifying.verify(report)
    for damage in found.damaged:
        console.print(damage.words(), soft_wrap=True, highlight=False)
    if found.damaged:
        console.print(DAMAGED, soft_wrap=True)
        return 4
    console.print(f"All {found.files:,} files of the lake are intact.")
    return 0


if __name__ == "__main__":
    sys.exit(command_line.run(main))
