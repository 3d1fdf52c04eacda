"""The lake's commands.

    python -m lake ingest FORMAT PATH_OR_URL --employee EMAIL [--start TIME]
    python -m lake ingest FORMAT FOLDER --manifest recordings.csv [--every MINUTES]
    python -m lake ingest ARCHIVE PATH [--accounts FILE]
    python -m lake policy apply FILE
    python -m lake policy list
    python -m lake sweep
    python -m lake reshard SHARDS
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
from dataclasses import asdict
from pathlib import Path

import command_line
import home
from collecting import seldom_collecting
from command_line import DRY_RUN, Answer
from errors import NotValid, OpenBookError
from file_modes import keep_private
from home import HomeUnavailable
from lake import ingest_command
from lake.attacks import command as attack_commands
from lake.datasets import commands as dataset_commands
from lake.terminal import moving_progress, of_policies, verifying_progress
from settings import settings

DAMAGED = (
    "The data in these files can't be read; the rest of the lake can. Check the disk first. If an earlier backup has "
    "these files, restore it (docs/backup.md): they come back, and whatever was erased since is erased again."
)


STOPPED = "Stopped. Run it again if it had not finished: nothing is stored twice."


def main() -> int:
    keep_private(settings().home)
    with seldom_collecting():
        return command_line.answered(parser().parse_args(), _run)


def _run(arguments: argparse.Namespace) -> Answer:
    try:
        answer: Answer = arguments.answer(arguments)
    except OpenBookError as error:
        _raise_what_is_missing(error)
        raise
    except KeyboardInterrupt:
        raise command_line.Ended(STOPPED, 130) from None
    return answer


def _raise_what_is_missing(error: OpenBookError) -> None:
    """A missing home, or a missing part of it, explains more than the error that it caused. Raises HomeUnavailable."""
    from lake.storage.unavailable import LakeUnavailable

    missing = home.missing_parts()
    if missing and isinstance(error, LakeUnavailable):
        raise HomeUnavailable.missing(*missing) from error


def parser() -> argparse.ArgumentParser:
    """All commands."""
    whole = argparse.ArgumentParser(prog="python -m lake", description="Commands of the capture lake.")
    commands = whole.add_subparsers(dest="command", required=True)

    ingest_command.add_command(commands)
    policy = commands.add_parser("policy", help="what may be captured").add_subparsers(dest="action", required=True)
    apply = policy.add_parser("apply", help="add the policies of a TOML file, or replace those with the same key")
    apply.add_argument("file", type=Path)
    apply.add_argument("--dry-run", action="store_true", help=DRY_RUN)
    apply.set_defaults(answer=_apply)
    policy.add_parser("list", help="show all policies").set_defaults(answer=_list)

    commands.add_parser("verify", help="read every file and list damaged ones").set_defaults(answer=_verify)
    sweep = commands.add_parser("sweep", help="remove records past their retention")
    sweep.add_argument("--dry-run", action="store_true", help=DRY_RUN)
    sweep.set_defaults(answer=_sweep)
    reshard = commands.add_parser("reshard", help="divide the lake into so many shards")
    reshard.add_argument("shards", type=int, metavar="SHARDS", help="how many: 1 to 16")
    reshard.add_argument("--dry-run", action="store_true", help=DRY_RUN)
    reshard.set_defaults(answer=_reshard)
    dataset_commands.add_command(commands)
    attack_commands.add_to(commands)
    return command_line.finished(whole)


def _apply(arguments: argparse.Namespace) -> Answer:
    from lake.rules.policies import apply_policies, read_policies, read_policy_file, require_same_purposes
    from lake.storage.connection import reader_once, writer

    policies = read_policy_file(arguments.file)
    with reader_once(little=True) if arguments.dry_run else writer() as connection:
        known = {policy.policy: policy for policy in read_policies(connection)}
        (require_same_purposes if arguments.dry_run else apply_policies)(connection, policies)
    kinds: dict[str, list[str]] = {"added": [], "replaced": [], "unchanged": []}
    for policy in policies:
        before = known.get(policy.policy)
        kinds["added" if before is None else "unchanged" if before == policy else "replaced"].append(policy.policy)
    said = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)
    if arguments.dry_run:
        return Answer(kinds, [f"Nothing was changed. With this file, {said}."], dry_run=True)
    words = f"{len(policies)} policies apply to what is ingested from now on. {said[:1].upper()}{said[1:]}."
    return Answer(kinds, [words])


def _list(_arguments: argparse.Namespace) -> Answer:
    from lake.rules.policies import read_policies  # DuckDB takes a moment to load, which --help would spend for nothing
    from lake.storage.connection import reader_once

    with reader_once(little=True) as connection:
        return of_policies(read_policies(connection))


def _sweep(arguments: argparse.Namespace) -> Answer:
    import timekeeping
    from lake.rules import retention  # with SQLAlchemy, which other commands would load for nothing

    if not arguments.dry_run:
        timekeeping.require()
    swept = retention.preview() if arguments.dry_run else retention.sweep()
    would = "Nothing was changed. A sweep now: " if arguments.dry_run else ""
    words = (
        f"{would}{swept['removed']:,} records of {swept['people']:,} people removed: past their retention;"
        f" {swept['held']:,} more are kept because of a legal hold or at their owner's wish."
    )
    return Answer(swept, [words], dry_run=arguments.dry_run)


def _reshard(arguments: argparse.Namespace) -> Answer:
    from lake.storage.shards import moving

    shards = arguments.shards
    if not 1 <= shards <= moving.MOST_SHARDS:
        raise NotValid(f"A lake has 1 to {moving.MOST_SHARDS} shards, not {shards}. Nothing was changed.")
    with moving_progress() as report:
        moved = moving.to_move(shards) if arguments.dry_run else moving.spread(shards, report)
    result = {"shards": shards, "moved": moved}
    if arguments.dry_run:
        words = f"Nothing was changed. To divide the lake into {shards}, {moved:,} records would be moved."
        return Answer(result, [words], dry_run=True)
    return Answer(result, [f"The lake is divided into {shards}. {moved:,} records were moved."])


def _verify(_arguments: argparse.Namespace) -> Answer:
    from lake.storage import verifying

    with verifying_progress() as report:
        found = verifying.verify(report)
    result = {"files": found.files, "damaged": [asdict(damage) for damage in found.damaged]}
    if found.damaged:
        return Answer(result, [*(damage.words() for damage in found.damaged), DAMAGED], 4)
    return Answer(result, [f"All {found.files:,} files of the lake are intact."])


if __name__ == "__main__":
    command_line.program(main)
