"""`python -m benchmarks`: measure Open Book against the floor in one run, print a table, write results.json.

It works in its own folder and deletes it afterwards; `$OPENBOOK_HOME` is not touched.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import commands, crowd, erasures, export, hourly, ingestion, lineage, picture, together, views
from benchmarks.company import Company, build_company
from benchmarks.servers import calls, pages, storing
from benchmarks.timing import Result
from governance.operations import first_start

OF_THE_COMPANY: dict[str, Callable[[Company, Path], list[Result]]] = {
    "views": views.measure,
    "calls": calls.measure,
    "pages": pages.measure,
    "export": export.measure,
    "ingestion": ingestion.measure,
    "erasures": erasures.measure,
    "lineage": lineage.measure,
    "together": together.measure,
}
BESIDE: dict[str, Callable[[argparse.Namespace, Path], list[Result]]] = {
    "crowd": lambda arguments, folder: crowd.measure(arguments.crowd, folder),
    "hourly": lambda arguments, folder: hourly.measure(arguments.loads, folder),
    "storing": lambda _, folder: storing.measure(folder),
    "commands": lambda *_: commands.measure(),
}
"""Each makes what it needs."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000, help="captures in the lake (default: %(default)s)")
    parser.add_argument("--people", type=int, default=60, help="people in the lake, 10 or more (default: %(default)s)")
    parser.add_argument(
        "--crowd", type=int, default=200, help="people with few captures each, in a second lake (default: %(default)s)"
    )
    parser.add_argument(
        "--loads", type=int, default=hourly.LOADS, help="hourly loads of a third lake (default: %(default)s)"
    )
    parser.add_argument(
        "--only", action="append", choices=[*OF_THE_COMPANY, *BESIDE], help="measure this part, and no results file"
    )
    parser.add_argument("--results", type=Path, default=picture.RESULTS, help="results file (default: %(default)s)")
    arguments = parser.parse_args()
    wanted = arguments.only or [*OF_THE_COMPANY, *BESIDE]
    if arguments.people < 10 or arguments.events < arguments.people:
        parser.error("at least 10 people and one event for each are needed")
    console = Console()
    with tempfile.TemporaryDirectory(prefix="open-book-benchmark-") as folder:
        os.environ["OPENBOOK_HOME"] = str(Path(folder) / "home")
        first_start.init()
        results: list[Result] = []
        if of_the_company := [measure for part, measure in OF_THE_COMPANY.items() if part in wanted]:
            started = time.perf_counter()
            company = build_company(arguments.people, arguments.events, Path(folder))
            console.print(
                f"{company.events:,} captures of {arguments.people} people: {time.perf_counter() - started:.0f} s"
            )
            for measure in of_the_company:
                results += measure(company, Path(folder))
        for part, measure_beside in BESIDE.items():
            if part in wanted:
                results += measure_beside(arguments, Path(folder))
    console.print(table_of(results))
    if arguments.only:
        return 0
    arguments.results.write_text(json.dumps([dataclasses.asdict(result) for result in results], indent=2) + "\n")
    if arguments.results == picture.RESULTS:
        picture.main()
    return 0


def table_of(results: list[Result]) -> Table:
    table = Table("what", "ours, ms", "theirs, ms", "ratio", "events", "against")
    for one in results:
        table.add_row(
            one.name, f"{one.ours_ms:,.1f}", f"{one.theirs_ms:,.1f}", f"{one.ratio:.2f}", f"{one.events:,}", one.against
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
