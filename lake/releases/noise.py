"""From facts to a release: counts of atoms, noise once, sums.

The counts of all atoms of a table are one list, on which OpenDP draws discrete Gaussian noise once. If each person
is in exactly one band, the counts of an atom must add up to its people, which are known: the surplus is subtracted in
equal parts, which is the least-squares solution and makes the noise smaller. A larger area is the sum of its atoms, so
totals agree exactly.

A cell has an estimate and the interval that contains the truth in 95 % of cases. The truth is a whole number from none
to all people of the area, so the interval is of whole numbers: the shortest that holds 95 % of the weight that the
noise gives them. If it can be wider than `NUMBER` to either side, the estimate is not published: only the interval,
rounded outward to five points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp, floor, sqrt
from uuid import UUID

from lake.releases.accounting import measurement, precisions, rho
from lake.releases.counted_facts import Facts, Table, counts, tables
from lake.releases.exact import Noise
from lake.releases.hierarchy import COARSE, NUMBER, Partition, company_only, plan

STEPS = 20
"""Ranges end at multiples of a twentieth."""
SURE = 0.95
FAR = 8
"""Deviations from an estimate beyond which a count has no weight."""

Draw = Callable[[Sequence[int], float], Sequence[int]]


@dataclass(frozen=True)
class Cell:
    """One published number. Shares are of the area's people, from 0 to 1."""

    node: UUID
    table: str
    band: str
    place: int
    """The position of the band in its table."""
    people: float | None
    """The number of people, with noise; may be below 0 or above the total. None: only the range is published."""
    share: float | None
    low: float
    high: float


@dataclass(frozen=True)
class TableRelease:
    """One table as published; without areas if the company is too small for it."""

    table: Table
    partition: Partition
    deviation: float
    """Standard deviation of the noise drawn for each count."""
    rho: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Release:
    """All tables, and their total cost."""

    tables: tuple[TableRelease, ...]

    @property
    def rho(self) -> float:
        return sum(one.rho for one in self.tables)

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for one in self.tables for cell in one.cells)


def discrete_gaussian(values: Sequence[int], deviation: float) -> list[int]:
    """OpenDP's discrete Gaussian noise, from the operating system's randomness."""
    return list(measurement(deviation)(list(values))) if values else []


def publish(
    people: Mapping[UUID, UUID | None],
    facts: Mapping[UUID, Facts],
    applications: Sequence[str],
    cost: float,
    draw: Draw = discrete_gaussian,
    *,
    answers: bool = True,
) -> Release:
    """The release of a company at a cost of at most `cost` (rho). `people` maps each to their manager; `answers`: the
    facts say how requests were answered.

    Only what `draw` adds differs between two calls with the same people; which areas have numbers, and of what
    accuracy, does not depend on the facts.
    """
    asked = tables(applications, answers=answers)
    worthwhile = affordable(asked, cost, len(people))
    noise = precisions(asked, cost) | precisions(worthwhile, cost)
    partitions = plan(people, {one.name: noise[one.name][1] for one in worthwhile if not one.company_only})
    for one in asked:
        if one.company_only or one not in worthwhile:
            partitions[one.name] = company_only(people if one in worthwhile else (), noise[one.name][1])
    return Release(tuple(_table(one, partitions[one.name], noise[one.name][0], facts, draw) for one in asked))


def noises(applications: Sequence[str], cost: float, people: int, *, answers: bool) -> tuple[Noise, ...]:
    """The noise that `publish` would draw at that cost."""
    kept = affordable(tables(applications, answers=answers), cost, people)
    found = precisions(kept, cost)
    return tuple(Noise(table.moves, found[table.name][0]) for table in kept)


def affordable(asked: Sequence[Table], cost: float, people: int) -> tuple[Table, ...]:
    """The tables that are meaningful for a company of that size, so that the others cost nothing: the noisiest one is
    dropped as long as it could not even have ranges for the whole company."""
    kept = list(asked)
    while kept and people:
        noise = precisions(kept, cost)
        worst = max(kept, key=lambda table: noise[table.name][1].deviation)
        if noise[worst.name][1].half_width(people) <= COARSE:
            break
        kept.remove(worst)
    return tuple(kept)


def _table(
    table: Table, partition: Partition, deviation: float, facts: Mapping[UUID, Facts], draw: Draw
) -> TableRelease:
    if not partition.atoms:
        return TableRelease(table, partition, deviation, 0.0, ())
    keys = sorted(partition.atoms)
    width = len(table.bands)
    true = [count for key in keys for count in counts(table, partition.atoms[key], facts)]
    drawn = draw(true, deviation)
    atoms = {
        key: _with_known_sum(table, drawn[place * width : (place + 1) * width], len(partition.atoms[key]))
        for place, key in enumerate(keys)
    }
    cells = [cell for key in sorted(partition.nodes) for cell in _cells(table, partition, key, atoms)]
    return TableRelease(table, partition, deviation, rho(table.sensitivity, deviation), tuple(cells))


def _with_known_sum(table: Table, values: Sequence[int], people: int) -> list[float]:
    surplus = (sum(values) - people) / len(values) if table.one else 0.0
    return [value - surplus for value in values]


def _cells(table: Table, partition: Partition, key: UUID, atoms: Mapping[UUID, Sequence[float]]) -> list[Cell]:
    node = partition.nodes[key]
    half = partition.precision.half_width(node.people, len(node.atoms))
    cells = []
    for place, band in enumerate(table.bands):
        people = sum(atoms[atom][place] for atom in node.atoms)
        least, most = credible(people, partition.precision.deviation * sqrt(len(node.atoms)), node.people)
        low, high = least / node.people, most / node.people
        if half <= NUMBER:
            share = _within(people / node.people)  # never farther from the truth, which is also within
            cells.append(Cell(key, table.name, band, place, people, share, low, high))
        else:
            cells.append(
                Cell(key, table.name, band, place, None, None, floor(low * STEPS) / STEPS, ceil(high * STEPS) / STEPS)
            )
    return cells


def credible(estimate: float, deviation: float, people: int) -> tuple[int, int]:
    """The fewest neighbouring counts from 0 to `people` that hold 95 % of the weight, all counts being equally likely
    before the estimate was known: (first, last)."""
    middle = min(max(round(estimate), 0), people)
    reach = ceil(FAR * deviation)
    weight = {
        count: exp(((middle - estimate) ** 2 - (count - estimate) ** 2) / (2 * deviation**2))
        for count in range(max(0, middle - reach), min(people, middle + reach) + 1)
    }
    needed = SURE * sum(weight.values())
    low = high = middle
    found = weight[middle]
    while found < needed:
        if weight.get(low - 1, -1.0) >= weight.get(high + 1, -1.0):
            low -= 1
            found += weight[low]
        else:
            high += 1
            found += weight[high]
    return low, high


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)
