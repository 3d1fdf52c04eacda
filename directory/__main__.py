"""`python -m directory sync FILE`: synchronise the directory with a CSV file of the HR system."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from directory.people import Directory, InvalidDirectoryFile
from file_modes import keep_private
from home import HomeUnavailable
from parts import explained
from settings import settings


def main() -> int:
    keep_private(settings().home)
    parser = argparse.ArgumentParser(prog="python -m directory", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sync = commands.add_parser("sync", help="synchronise with a CSV file; people are never deleted")
    sync.add_argument("file", type=Path)
    arguments = parser.parse_args()
    try:
        with Directory.open() as directory:
            done = directory.synchronise(arguments.file)
    except (InvalidDirectoryFile, HomeUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:
        if (known := explained(error)) is None:
            raise
        print(known, file=sys.stderr)
        return 1
    print(f"{done.added} added, {done.updated} updated, {done.unchanged} unchanged, {done.left} marked as left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
