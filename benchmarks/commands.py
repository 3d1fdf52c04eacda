"""The processor time of short commands, against Python importing the libraries that nearly all of them need."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.company import fill_directory
from benchmarks.timing import Result, medians
from governance.operations import first_start

TIMES = 5
AGAINST = "Python importing DuckDB, pydantic-settings and rich (processor time)"
NEEDED = "import duckdb, pydantic_settings, rich.console"
PEOPLE = 10


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="open-book-benchmark-") as folder:
        before = os.environ["OPENBOOK_HOME"]
        os.environ["OPENBOOK_HOME"] = str(Path(folder) / "home")
        try:
            first_start.init()
            people = Path(folder) / "people.csv"
            fill_directory(PEOPLE, people)
            commands = {
                "lake --help": ["-m", "lake", "--help"],
                "lake policy list": ["-m", "lake", "policy", "list"],
                f"directory sync, {PEOPLE} people": ["-m", "directory", "sync", str(people)],
                "governance --help": ["-m", "governance", "--help"],
            }
            return [_compared(name, arguments) for name, arguments in commands.items()]
        finally:
            os.environ["OPENBOOK_HOME"] = before


def _compared(name: str, arguments: Sequence[str]) -> Result:
    ours, theirs = medians(lambda _: _used(arguments), lambda _: _used(["-c", NEEDED]), times=TIMES)
    return Result(f"command: {name}", round(ours / theirs, 2), AGAINST, round(ours, 1), round(theirs, 1), 0)


def _used(arguments: Sequence[str]) -> float:
    """Milliseconds of processor time, of the program and the system for it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (our own)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000
