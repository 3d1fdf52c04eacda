"""`python -m tests.trials flood --seconds 20`; `python -m tests.trials soak --minutes 30 --folder /some/folder`."""

from __future__ import annotations

import argparse
import sys

from tests.trials import flood


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trials", description=__doc__)
    commands = parser.add_subparsers(dest="trial", required=True)
    floods = commands.add_parser("flood", help="somebody calls without a pause while a colleague works")
    floods.add_argument("--seconds", type=float, default=20.0, help="how long each of them floods")
    arguments = parser.parse_args()
    result = flood.flood(arguments.seconds)
    print(flood.told(result))
    return 1 if any(found.wrong for found in result.floods.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
