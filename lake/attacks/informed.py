"""The attacker who knows everything except one person's facts, including whom they join, leave and move between.

The attacker knows every other person's facts in every period, who was where, and the distribution and scale of the
noise. They also know that the one person did one of two things, which differ in every respect. They add up how much
more likely every number of every release of a year is under one than under the other (the likelihood ratio, which no
other test beats) and pick the likelier, in the year that tells them most: the promise is about a year. What remains of
the released numbers is only noise, so subtraction with any colluders, comparing releases around a joiner, a leaver, a
transfer or an erasure, and averaging over areas, tables and releases of a year are all weaker than this.

A person only counts as `found` if the odds for the right answer exceed `SURE` at some point. How often the likelier
answer is right is measured, too: without any release it is half of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lake.attacks.companies import Company, Ints, Period, otherwise
from lake.attacks.ours import Seen, SeenTable, answers_of
from lake.attacks.published import Floats

SURE = 99.0
"""Odds: 99 to 1."""


@dataclass(frozen=True)
class Guesses:
    """For each person: the logarithm of the attacker's final odds, above 0 where they favour the truth."""

    people: Ints
    evidence: Floats

    @property
    def right(self) -> float:
        """The number guessed right, including half of those about whom nothing is known."""
        return float((self.evidence > 0).sum() + (self.evidence == 0).sum() / 2)

    @property
    def found(self) -> int:
        return int((self.evidence > np.log(SURE)).sum())

    def of(self, people: Ints) -> Guesses:
        """The same for some people only."""
        among = np.isin(self.people, people)
        return Guesses(self.people[among], self.evidence[among])


def guesses(
    rng: np.random.Generator,
    company: Company,
    releases: Sequence[Seen],
    applications: Sequence[str],
    questions: Sequence[int],
    a_year: int,
) -> Guesses:
    """Attack everyone, each in turn as the unknown person: did they do what they did, or something else? `a_year`: the
    number of releases in one."""
    people = np.unique(np.concatenate([period.people for period in company.periods]))
    of_release = np.zeros((len(releases), len(people)))
    for row, period, release in zip(of_release, company.periods, releases, strict=True):
        place = np.searchsorted(people, period.people)
        instead = otherwise(rng, period.facts, questions)
        for table in release.tables:
            did = answers_of(period.facts, table.table, applications).astype(float)
            row[place] += _evidence(table, did, answers_of(instead, table.table, applications).astype(float))
    count = max(1, len(releases) - a_year + 1)
    years = np.stack([of_release[start : start + a_year].sum(axis=0) for start in range(count)])
    return Guesses(people, years[abs(years).argmax(axis=0), np.arange(len(people))])


def _evidence(table: SeenTable, did: Floats, instead: Floats) -> Floats:
    moved = did - instead
    noise = (table.drawn - table.true)[table.atom]
    evidence: Floats = ((moved**2).sum(axis=1) + 2 * (moved * noise).sum(axis=1)) / (2 * table.deviation**2)
    return evidence


def averaged(rng: np.random.Generator, release: Seen, views: int) -> Seen:
    """The release as known after that many views, if each view drew new noise."""
    tables = []
    for table in release.tables:
        deviation = table.deviation / np.sqrt(views)
        drawn = table.true + rng.normal(0, deviation, table.true.shape)
        tables.append(replace(table, drawn=drawn, deviation=deviation))
    return replace(release, tables=tuple(tables))


def movers(company: Company) -> dict[str, Ints]:
    """The people who joined, left, changed teams or were erased between two periods."""
    found: dict[str, list[Ints]] = {"joins": [], "leavers": [], "transfers": [], "erasures": list(company.erased[:-1])}
    for before, after in zip(company.periods, company.periods[1:], strict=False):
        found["joins"].append(np.setdiff1d(after.people, before.people))
        found["leavers"].append(np.setdiff1d(before.people, after.people))
        stayed = np.intersect1d(before.people, after.people)
        moved = before.managers[before.place(stayed)] != after.managers[after.place(stayed)]
        found["transfers"].append(stayed[moved])
    return {how: np.unique(np.concatenate(people)) for how, people in found.items()}


def everybody_alike(rng: np.random.Generator, period: Period, questions: Sequence[int]) -> Company:
    """The company of a period in which everyone does the same, whatever that is."""
    facts = np.tile(rng.integers(0, questions), (len(period.people), 1))
    return Company((replace(period, facts=facts),), (np.array([], dtype=np.int64),))
