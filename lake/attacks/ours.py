"""Our releases of made-up companies, including more than is published.

`lake.releases` itself makes the release. The attacker gets every noisy count of every atom, as drawn, before small
areas are turned into ranges and before sums. Everything published is computed from these counts and from who works
where, which `structure` checks. So any attack that fails with these counts fails with what is published.
`applications` are in alphabetical order throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lake.attacks.companies import Company, Ints, Period, key_of
from lake.attacks.published import Bools, Floats, Published
from lake.releases.counted_facts import ANSWERED, DETAIL, VOLUME, Facts, Table
from lake.releases.noise import Draw, Release, discrete_gaussian, publish

APPLICATIONS = ("browser", "calendar", "crm", "mail", "spreadsheet", "tickets")


def questions(applications: Sequence[str]) -> tuple[int, ...]:
    """The number of answers in each column of a company's facts, for `facts_of`."""
    return (len(VOLUME), 2, len(DETAIL), *[2] * len(applications), len(ANSWERED))


def facts_of(row: Sequence[int], applications: Sequence[str]) -> Facts:
    """The facts of a person whose answers are `row`; all zero means nothing captured."""
    volume, overdue, detail, *named, answered = row
    ends = [end or 1_000_000 for end in VOLUME.values()]
    return Facts(
        captures=ends[volume] - 1 if volume else 0,
        kinds=frozenset([*DETAIL.values()][detail]),
        applications=frozenset(name for name, yes in zip(applications, named, strict=True) if yes),
        within_retention=not overdue,
        answered=ANSWERED[answered],
    )


def answers_of(rows: Ints, table: Table, applications: Sequence[str]) -> Bools:
    """people x bands: the bands of the table that people with those answers are in."""
    named = 3 + len(applications)
    columns = {
        "volume": np.eye(len(VOLUME), dtype=bool)[rows[:, 0]],
        "retention": rows[:, 1:2] == 0,
        "detail": np.eye(len(DETAIL), dtype=bool)[rows[:, 2]],
        "applications": rows[:, 3:named] == 1,
        "answers": np.eye(len(ANSWERED), dtype=bool)[rows[:, named]],
    }
    found: Bools = columns[table.name]
    return found


@dataclass(frozen=True)
class SeenTable:
    """One table of a release. `atom`: for each person of the period, the row of `true` and `drawn` that counts them."""

    table: Table
    deviation: float
    rho: float
    groups: Bools  # published areas x people
    atom: Ints
    true: Floats  # atoms x bands
    drawn: Floats


@dataclass(frozen=True)
class Seen:
    """A release with the noise drawn for it."""

    period: Period
    release: Release
    tables: tuple[SeenTable, ...]
    draws: int
    """The number of times noise was drawn."""

    @property
    def published(self) -> Published:
        """All areas of all tables over people; answers and noise are those of the first table."""
        first = self.tables[0]
        counted = np.zeros((len(first.groups), len(first.drawn)))
        for row, group in enumerate(first.groups):
            counted[row, np.unique(first.atom[group])] = 1
        deviations = first.deviation * np.sqrt(counted.sum(axis=1))
        return Published(
            self.period.people,
            first.groups,
            counted @ first.drawn,
            np.repeat(deviations[:, None], first.drawn.shape[1], axis=1),
        )

    @property
    def groups(self) -> Bools:
        """Every area for which anything is published."""
        return np.concatenate([table.groups for table in self.tables])


def seen(period: Period, cost: float, applications: Sequence[str], draw: Draw = discrete_gaussian) -> Seen:
    """The release of a period at that cost in rho; without tables if the company is too small for any."""
    facts = {
        key_of(person): facts_of(row, applications)
        for person, row in zip(period.people.tolist(), period.facts.tolist(), strict=True)
    }
    kept: list[tuple[Sequence[int], Sequence[int]]] = []

    def keeping(values: Sequence[int], deviation: float) -> Sequence[int]:
        drawn = draw(values, deviation)
        kept.append((values, drawn))
        return drawn

    release = publish(period.forest(), facts, applications, cost, keeping)
    with_numbers = [one for one in release.tables if one.partition.atoms]
    place = {key_of(person): number for number, person in enumerate(period.people.tolist())}
    found = []
    for one, lists in zip(with_numbers, kept, strict=True):
        atom = np.empty(len(place), dtype=np.int64)
        rows = {key: row for row, key in enumerate(sorted(one.partition.atoms))}
        for key, members in one.partition.atoms.items():
            atom[[place[member] for member in members]] = rows[key]
        groups = np.array([np.isin(atom, [rows[key] for key in node.atoms]) for node in one.partition.nodes.values()])
        shape = (len(rows), len(one.table.bands))
        counted, drawn = (np.array(counts, dtype=np.float64).reshape(shape) for counts in lists)
        found.append(SeenTable(one.table, one.deviation, one.rho, groups, atom, counted, drawn))
    return Seen(period, release, tuple(found), len(kept))


def year(company: Company, cost: float, applications: Sequence[str], draw: Draw = discrete_gaussian) -> list[Seen]:
    """The releases of all periods of a company, each at that cost."""
    return [seen(period, cost, applications, draw) for period in company.periods]
