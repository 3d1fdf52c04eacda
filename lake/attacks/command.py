"""`python -m lake attack` and `python -m lake accuracy`: attacks that anyone can repeat, and their terminal output.

    python -m lake attack --companies 200 --seed 1
    python -m lake accuracy --picture docs/accuracy.svg

Exit status of `attack`: 0 if ours identified no one and the naive design broke where it must, 1 otherwise.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from command_line import Answer, Table

if TYPE_CHECKING:
    from rich.progress import Progress

    from lake.attacks.accuracy import Accuracy, Share
    from lake.releases.results import AttackResult

COMPANIES = 200


def add_to(commands: argparse._SubParsersAction[Any]) -> None:
    """The two commands, with their arguments."""
    attack = commands.add_parser(
        "attack", help="attack releases of made-up companies, and a naive design for comparison"
    )
    attack.add_argument("--companies", type=_at_least_one, default=COMPANIES, help="companies (default: %(default)s)")
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
    attack.set_defaults(answer=_attack)

    accuracy = commands.add_parser("accuracy", help="how far published shares are from the truth, by size of the area")
    accuracy.add_argument("--times", type=_at_least_one, default=60, help="areas of each size (default: %(default)s)")
    accuracy.add_argument(
        "--companies",
        type=_at_least_one,
        default=COMPANIES,
        help="companies whose areas are counted (default: %(default)s)",
    )
    accuracy.add_argument("--seed", type=int, default=1, help="seed of the areas (default: %(default)s)")
    accuracy.add_argument(
        "--releases", type=int, choices=(1, 2, 4), default=1, help="releases per year (default: %(default)s)"
    )
    accuracy.add_argument("--picture", type=Path, help="file for the curve (SVG)")
    accuracy.set_defaults(answer=_accuracy)


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _attack(arguments: argparse.Namespace) -> Answer:
    from lake.attacks.running import as_expected, run_companies

    with _progress() as bar:
        task = bar.add_task("Attacking", total=arguments.companies)
        found = run_companies(
            arguments.companies,
            arguments.seed,
            arguments.releases,
            arguments.trials,
            done=lambda: bar.advance(task),
        )
    failed = [one for one in found if not as_expected(one)]
    words = [f"Unexpected result: {one.attack} on {one.design}. {one.words}" for one in failed]
    result = {"attacks": [{**asdict(one), "as_expected": one not in failed} for one in found]}
    return Answer(result, [results_table(found), *words], 1 if failed else 0)


def results_table(found: list[AttackResult]) -> Table:
    """One row per attack and design."""
    rows = [
        (one.attack, one.design, f"{one.companies:,}", f"{one.broken:,}", f"{one.people:,}", one.words) for one in found
    ]
    return Table(("attack", "design", "companies", "broken", "people found", "result"), rows)


def _accuracy(arguments: argparse.Namespace) -> Answer:
    import numpy as np

    from lake.attacks.accuracy import SIZES, measure, published_areas
    from lake.attacks.ours import APPLICATIONS
    from lake.attacks.picture import curve
    from lake.releases import accounting

    rng = np.random.default_rng(arguments.seed)
    cost = accounting.rho_of() / arguments.releases
    points = []
    with _progress() as bar:
        for size in bar.track(SIZES, description="Measuring"):
            points += measure(rng, size, arguments.times, cost, APPLICATIONS)
    shares = published_areas(rng, arguments.companies, cost, APPLICATIONS)
    words = []
    if arguments.picture:
        arguments.picture.write_text(curve(points), encoding="utf-8")
        words.append(f"The curve is in {arguments.picture}.")
    result = {
        "accuracy": [asdict(one) for one in points],
        "areas": [asdict(one) for one in shares],
        "picture": arguments.picture,
    }
    title = f"{arguments.companies:,} random companies"
    return Answer(result, [accuracy_table(points), title, areas_table(shares), *words])


def _progress() -> Progress:
    """On standard error, if that is a terminal."""
    from rich.console import Console  # these take a moment to load, which other commands would spend for nothing
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


def areas_table(shares: list[Share]) -> Table:
    """One row per size step and table."""
    rows = []
    for one in shares:
        figures = f"{one.areas:,}", f"{one.numbers / one.areas:.0%}", f"{one.ranges / one.areas:.0%}"
        rows.append((f"{one.people:,}", one.table, *figures))
    return Table(("people, from", "table", "areas", "with numbers", "with ranges"), rows)


def accuracy_table(points: list[Accuracy]) -> Table:
    """One row per area size and table."""
    rows = []
    for one in points:
        areas = f"{one.published:,} of {one.areas:,}"
        if one.published:
            published = "numbers" if one.numbers else "ranges"
            figures = f"{one.error:.1%}", f"{one.half_width:.1%}", f"{one.inside:.1%}"
        else:
            published, figures = "nothing", ("", "", "")
        rows.append((f"{one.people:,}", one.table, published, *figures, areas))
    columns = (
        "people", "table", "published", "95 % of errors within", "stated error: at most ±", "truth inside", "areas",
    )  # fmt: skip
    return Table(columns, rows)
