"""`python -m lake dataset`: makes and lists versions of datasets for training."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from command_line import DRY_RUN, Answer, Table


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    dataset = commands.add_parser("dataset", help="datasets for training").add_subparsers(dest="action", required=True)
    create = dataset.add_parser("create", help="make a version of a dataset, with its manifest")
    create.add_argument("name")
    create.add_argument(
        "--where",
        nargs="+",
        action="extend",
        default=[],
        metavar="CONDITION",
        help="signal=mouse_click,keystroke  application=Excel  'day>=2026-03-01'  'day<2026-04-01'  "
        "'employee!=ada@example.com'; all must hold",
    )
    create.add_argument("--version", help="default: the next number")
    create.add_argument("--purpose", help="default: the purpose of the capture policies, if they agree")
    create.add_argument(
        "--dry-run", action="store_true", help=DRY_RUN + "; the access log says that records were counted"
    )
    create.set_defaults(answer=_create)
    dataset.add_parser("list", help="show all versions that have a manifest").set_defaults(answer=_list)


def _create(arguments: argparse.Namespace) -> Answer:
    from lake.datasets import making  # PyArrow takes a moment to load, which other commands would spend for nothing

    selection = making.parse(arguments.where)
    if arguments.dry_run:
        found = making.preview(arguments.name, selection, version=arguments.version, purpose=arguments.purpose)
        words = (
            f"Nothing was made. {found.dataset} {found.version} would have {found.captures:,} records of"
            f" {found.people:,} people\nfor   {found.purpose}\n"
            "Everybody's access log says that their records were counted."
        )
        return Answer(asdict(found), [words], dry_run=True)
    made = making.create(arguments.name, selection, version=arguments.version, purpose=arguments.purpose)
    return Answer(
        asdict(made),
        [
            f"{made.dataset} {made.version}: {made.captures:,} records of {made.people:,} people\n"
            f"for   {made.purpose}\n"
            f"key   {made.dataset_version}\nroot  {made.root}\n"
            "Give the root or the version to the training job, and start it once the version is in the ledger: a "
            "worker records it there within a minute. Nothing proves that an earlier run read this list."
        ],
    )


def _list(_arguments: argparse.Namespace) -> Answer:
    from lake.datasets import making
    from lake.storage.connection import reader_once

    with reader_once() as connection:
        made = making.all_made(connection)
    rows = [
        (
            each.dataset,
            each.version,
            f"{each.created_at:%Y-%m-%d %H:%M}",
            f"{each.people:,}",
            f"{each.captures:,}",
            each.root[:16],
        )
        for each in made
    ]
    columns = ("dataset", "version", "made (UTC)", "people", "records", "root")
    return Answer({"datasets": [asdict(each) for each in made]}, [Table(columns, rows)])
