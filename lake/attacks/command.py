"""`python -m lake attack` and `python -m lake accuracy`: attacks that anyone can repeat, and their terminal output.

    python -m lake attack --companies 200 --seed 1
    python -m lake accuracy --picture docs/accuracy.svg

Exit status of `attack`: 0 if ours identified no one and the naive design broke where it must, 1 otherwise.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

if TYPE_CHECKING:
    from lake.attacks.accuracy import Accuracy, Share
    from lake.releases.results import AttackResult

COMPANIES = 200


def add_to(commands: argparse._SubParsersAction[Any]) -> None:
    """The two commands, with their arguments."""
    attack = commands.add_parser(
        "attack", help="attack releases of made-up companies, and a naive design for comparison"
    )
    attack.add_argument("--companies", type=_at_least_one, default=200, help="companies (default: %(default)s)")
    attack.add_argument("--seed", type=int, default=1, help="seed of the companies (default: %(default)s)")
    attack.add_argument(
        "--releases", type=int, choices=(1, 2, 4), default=1, help="releases per year (default: %(default)s)"
    )
    attack.add_argument(
        "--trials",
        type=_at_least_one,
        default=20_000,
        help="trials of the membership attack (default: %(default)s)",
    )
    attack.set_defaults(run=_attack)

    accuracy = commands.add_parser("accuracy", help="how far published shares are from the truth, by size of the area")
    accuracy.add_argument("--times", type=_at_least_one, default=60, help="areas of each size (default: %(default)s)")
    accuracy.add_argument("--seed", type=int, default=1, help="seed of the areas (default: %(default)s)")
    accuracy.add_argument(
        "--releases", type=int, choices=(1, 2, 4), default=1, help="releases per year (default: %(default)s)"
    )
    accuracy.add_argument("--picture", type=Path, help="file for the curve (SVG)")
    accuracy.set_defaults(run=_accuracy)


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _attack(arguments: argparse.Namespace, console: Console) -> int:
    from lake.attacks.running import as_expected, run_companies

    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Attacking", total=arguments.companies)
        found = run_companies(
            arguments.companies,
            arguments.seed,
            arguments.releases,
            arguments.trials,
            done=lambda: bar.advance(task),
        )
    console.print(results_table(found))
    failed = [one for one in found if not as_expected(one)]
    for one in failed:
        console.print(f"Unexpected result: {one.attack} on {one.design}. {one.words}")
    return 1 if failed else 0


def results_table(found: list[AttackResult]) -> Table:
    """One row per attack and design."""
    table = Table("attack", "design", "companies", "broken", "people found", "result")
    for one in found:
        table.add_row(one.attack, one.design, f"{one.companies:,}", f"{one.broken:,}", f"{one.people:,}", one.words)
    return table


def _accuracy(arguments: argparse.Namespace, console: Console) -> int:
    import numpy as np

    from lake.attacks.accuracy import SIZES, measure, published_areas
    from lake.attacks.ours import APPLICATIONS
    from lake.attacks.picture import curve
    from lake.releases import accounting

    rng = np.random.default_rng(arguments.seed)
    cost = accounting.rho_of() / arguments.releases
    points = []
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        for size in bar.track(SIZES, description="Measuring"):
            points += measure(rng, size, arguments.times, cost, APPLICATIONS)
    console.print(accuracy_table(points))
    console.print(areas_table(published_areas(rng, COMPANIES, cost, APPLICATIONS)))
    if arguments.picture:
        arguments.picture.write_text(curve(points), encoding="utf-8")
        console.print(f"The curve is in {arguments.picture}.")
    return 0


def areas_table(shares: list[Share]) -> Table:
    """One row per size step and table."""
    table = Table(
        "people, from", "table", "areas", "with numbers", "with ranges", title=f"{COMPANIES} random companies"
    )
    for one in shares:
        figures = f"{one.areas:,}", f"{one.numbers / one.areas:.0%}", f"{one.ranges / one.areas:.0%}"
        table.add_row(f"{one.people:,}", one.table, *figures)
    return table


def accuracy_table(points: list[Accuracy]) -> Table:
    """One row per area size and table."""
    table = Table(
        "people", "table", "published", "95 % of errors within", "stated error: at most ±", "truth inside", "areas"
    )
    for one in points:
        areas = f"{one.published:,} of {one.areas:,}"
        if one.published:
            published = "numbers" if one.numbers else "ranges"
            figures = f"{one.error:.1%}", f"{one.half_width:.1%}", f"{one.inside:.1%}"
        else:
            published, figures = "nothing", ("", "", "")
        table.add_row(f"{one.people:,}", one.table, published, *figures, areas)
    return table
