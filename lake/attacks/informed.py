"""The attacker who knows everything but one person: whom they join, leave, move between and are erased from included.

They know every other person's facts in every period, who was where, how much noise was drawn and from what, and that
the one person did either what they did or something else in every respect, and what. They add up how much likelier
every number of every release of a year is under the one than under the other (the likelihood ratio, which no other
test beats) and take the likelier. What is left of the released numbers is the noise alone, so subtraction with any
colluders, comparing releases around a joiner, a leaver, a transfer or an erasure, and averaging over areas, tables
and releases are all weaker than this.

Nobody is `found` unless the odds, even at first, come to be above `SURE` for the right answer. How often the likelier
is the right one is measured, too: without any release half of the time.
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
    """For each person: the logarithm of the odds that the attacker ends with, above 0 where they lean to the truth."""

    people: Ints
    evidence: Floats

    @property
    def right(self) -> float:
        """How many are guessed right: half of those of whom nothing is known."""
        return float((self.evidence > 0).sum() + (self.evidence == 0).sum() / 2)

    @property
    def found(self) -> int:
        return int((self.evidence > np.log(SURE)).sum())

    def of(self, people: Ints) -> Guesses:
        """The same of some people only."""
        among = np.isin(self.people, people)
        return Guesses(self.people[among], self.evidence[among])


def guesses(
    rng: np.random.Generator,
    company: Company,
    releases: Sequence[Seen],
    applications: Sequence[str],
    questions: Sequence[int],
) -> Guesses:
    """Attack everybody, each in turn as the one who is not known: did they do what they did, or something else?"""
    people = np.unique(np.concatenate([period.people for period in company.periods]))
    evidence = np.zeros(len(people))
    for period, release in zip(company.periods, releases, strict=True):
        place = np.searchsorted(people, period.people)
        instead = otherwise(rng, period.facts, questions)
        for table in release.tables:
            did = answers_of(period.facts, table.table, applications).astype(float)
            evidence[place] += _evidence(table, did, answers_of(instead, table.table, applications).astype(float))
    return Guesses(people, evidence)


def _evidence(table: SeenTable, did: Floats, instead: Floats) -> Floats:
    moved = did - instead
    noise = (table.drawn - table.true)[table.atom]
    evidence: Floats = ((moved**2).sum(axis=1) + 2 * (moved * noise).sum(axis=1)) / (2 * table.deviation**2)
    return evidence


def averaged(rng: np.random.Generator, release: Seen, views: int) -> Seen:
    """The same as it would be known after so many views, if noise were drawn anew for each."""
    tables = []
    for table in release.tables:
        deviation = table.deviation / np.sqrt(views)
        drawn = table.true + rng.normal(0, deviation, table.true.shape)
        tables.append(replace(table, drawn=drawn, deviation=deviation))
    return replace(release, tables=tuple(tables))


def movers(company: Company) -> dict[str, Ints]:
    """Who joined, left, changed teams or was erased between two periods."""
    found: dict[str, list[Ints]] = {"joins": [], "leavers": [], "transfers": [], "erasures": list(company.erased[:-1])}
    for before, after in zip(company.periods, company.periods[1:], strict=False):
        found["joins"].append(np.setdiff1d(after.people, before.people))
        found["leavers"].append(np.setdiff1d(before.people, after.people))
        stayed = np.intersect1d(before.people, after.people)
        moved = before.managers[before.place(stayed)] != after.managers[after.place(stayed)]
        found["transfers"].append(stayed[moved])
    return {how: np.unique(np.concatenate(people)) for how, people in found.items()}


def everybody_alike(rng: np.random.Generator, period: Period, questions: Sequence[int]) -> Company:
    """The company of a period in which everybody does the same, whatever that is."""
    facts = np.tile(rng.integers(0, questions), (len(period.people), 1))
    return Company((replace(period, facts=facts),), (np.array([], dtype=np.int64),))
