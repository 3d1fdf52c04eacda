"""`python -m tests.trials flood --seconds 20`; `python -m tests.trials soak --minutes 30 --folder /some/folder`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.trials import flood, soak


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trials", description=__doc__)
    commands = parser.add_subparsers(dest="trial", required=True)
    floods = commands.add_parser("flood", help="someone calls without a pause while a colleague works")
    floods.add_argument("--seconds", type=float, default=20.0, help="duration of each flood")
    soaks = commands.add_parser("soak", help="all kinds of work at once, and resource use")
    soaks.add_argument("--minutes", type=float, default=30.0)
    soaks.add_argument("--browsers", type=int, default=15, help="sessions at the dashboard; 0: no dashboard")
    soaks.add_argument("--folder", type=Path, required=True, help="an empty folder for the home, logs and samples.csv")
    arguments = parser.parse_args(given)
    if arguments.trial == "flood":
        result = flood.flood(arguments.seconds)
        print(flood.told(result))
        return 1 if any(found.wrong for found in result.floods.values()) else 0
    arguments.folder.mkdir(parents=True, exist_ok=True)
    trial = soak.soak(arguments.minutes * 60, browsers=arguments.browsers, folder=arguments.folder.absolute())
    print(trial.told())
    return 1 if trial.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
