"""`python -m directory sync FILE`: synchronise the directory with a CSV file of the HR system."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import command_line
from directory.people import Directory
from file_modes import keep_private
from settings import settings


def main() -> int:
    keep_private(settings().home)
    parser = argparse.ArgumentParser(prog="python -m directory", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sync = commands.add_parser("sync", help="synchronise with a CSV file; people are never deleted")
    sync.add_argument("file", type=Path)
    arguments = parser.parse_args()
    return command_line.run(lambda: _synchronise(arguments.file))


def _synchronise(file: Path) -> int:
    with Directory.open() as directory:
        done = directory.synchronise(file)
    print(f"{done.added} added, {done.updated} updated, {done.unchanged} unchanged, {done.left} marked as left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
