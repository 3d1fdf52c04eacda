"""Accuracy after noise: releases of made-up areas of a given size, compared with the true counts.

The area is in a company that has others beside it, and has managers of its own below, so it is the sum of several
atoms if its size allows. Errors are those of the published values: of the share where a number is published, of the
middle of the range where only a range is. All noise is OpenDP's, at the cost of one release.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lake.attacks.companies import Period, key_of, random_company
from lake.attacks.ours import answers_of, questions, seen
from lake.releases.accounting import precisions
from lake.releases.counted_facts import tables
from lake.releases.hierarchy import COMPANY, NUMBER, area_key, areas, plan
from lake.releases.noise import Cell, Draw, discrete_gaussian

SIZES = (30, 50, 70, 100, 140, 200, 300, 500, 700, 1000, 1500, 2500, 5000)
BESIDE = 400
"""People of the company outside the area."""
OFFICE = 12
"""People who report to its head and manage no one."""
BETWEEN = (50, 100, 200, 400, 800, 1600)
TABLES = ("volume", "retention", "detail", "applications")


@dataclass(frozen=True)
class Accuracy:
    """One table in areas of one size. Shares are from 0 to 1, of the areas for which the table is published."""

    people: int
    table: str
    numbers: bool
    """Each share has a number; otherwise a range."""
    areas: int
    published: int
    """The number of areas with anything published; the others are counted with the surrounding area."""
    error: float
    """95 % of cells are no further from the truth."""
    half_width: float
    """The largest half-width of an interval or range published with them."""
    inside: float
    """The share of cells that contain the truth."""


@dataclass(frozen=True)
class Share:
    """For areas from `people` people up to the next step of `BETWEEN`: how many have numbers or ranges of a table."""

    people: int
    table: str
    areas: int
    numbers: int
    ranges: int


def measure(
    rng: np.random.Generator,
    people: int,
    times: int,
    cost: float,
    applications: Sequence[str],
    draw: Draw = discrete_gaussian,
) -> list[Accuracy]:
    """All tables in `times` areas of `people` people."""
    found: dict[str, list[tuple[Cell, float]]] = {name: [] for name in TABLES}
    for _ in range(times):
        period, leader = _area(rng, people, applications)
        release = seen(period, cost, applications, draw).release
        for one in release.tables:
            if one.table.name not in found:
                continue
            true = answers_of(period.facts[1 : people + 1], one.table, applications).mean(axis=0)
            node = area_key(key_of(leader))
            found[one.table.name] += [(cell, float(true[cell.place])) for cell in one.cells if cell.node == node]
    return [_accuracy(people, name, times, cells) for name, cells in found.items()]


def _area(rng: np.random.Generator, people: int, applications: Sequence[str]) -> tuple[Period, int]:
    """A company, and the manager of the area of that size: 0, whose people are the next ones."""
    asked = questions(applications)
    (inside,) = random_company(rng, asked, 1, people + 1).periods
    (outside,) = random_company(rng, asked, 1, BESIDE).periods
    head = people + 1
    size = head + BESIDE + OFFICE
    nothing = np.full(size, -1, dtype=np.int64)
    managers = np.concatenate(
        [[head], inside.managers[1:], [-1], outside.managers[1:] + head, np.full(OFFICE, head, dtype=np.int64)]
    )
    office = rng.integers(0, asked, (OFFICE, len(asked)))
    facts = np.concatenate([inside.facts, outside.facts, office])
    return Period(np.arange(size), managers, nothing, nothing, nothing, facts), 0


def published_areas(rng: np.random.Generator, companies: int, cost: float, applications: Sequence[str]) -> list[Share]:
    """What is published for the areas of random companies, by size: how many have numbers, ranges, nothing."""
    found: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    precision = {name: after for name, (_, after) in precisions(tables(applications), cost).items() if name in TABLES}
    for _ in range(companies):
        forest = random_company(rng, (2,), 1).periods[0].forest()
        everywhere = areas(forest)
        for name, partition in plan(forest, precision).items():
            for key, members in everywhere.items():
                if key == COMPANY or len(members) < BETWEEN[0]:
                    continue
                node = partition.nodes.get(key)
                published = "nothing"
                if node:
                    number = partition.precision.half_width(node.people, len(node.atoms)) <= NUMBER
                    published = "numbers" if number else "ranges"
                found[max(size for size in BETWEEN if size <= len(members)), name][published] += 1
    return [
        Share(size, name, published.total(), published["numbers"], published["ranges"])
        for (size, name), published in sorted(found.items())
    ]


def _accuracy(people: int, table: str, areas: int, cells: Sequence[tuple[Cell, float]]) -> Accuracy:
    if not cells:
        return Accuracy(people, table, numbers=False, areas=areas, published=0, error=0.0, half_width=0.0, inside=0.0)
    low = np.array([cell.low for cell, _ in cells])
    high = np.array([cell.high for cell, _ in cells])
    true = np.array([truth for _, truth in cells])
    middles = np.array([(cell.low + cell.high) / 2 if cell.share is None else cell.share for cell, _ in cells])
    return Accuracy(
        people,
        table,
        numbers=cells[0][0].share is not None,
        areas=areas,
        published=sum(1 for cell, _ in cells if cell.place == 0),
        error=float(np.quantile(np.abs(middles - true), 0.95)),
        half_width=float((high - low).max() / 2),
        inside=float(((low <= true) & (true <= high)).mean()),
    )
