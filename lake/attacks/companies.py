"""Made-up companies to attack: 10 to 5,000 people, skewed, with small teams, over a few periods.

The head's people are drawn manager by manager, with spans from 1 to 40, most of them small. From one period to the next
some people join, some leave (a manager's people then go to the manager's manager), some change teams, and some have
everything erased. What people do depends on their job and mostly stays the same. In some teams everyone does the
same: exact counts reveal the people of such a group.

A person is a number that stays the same in all periods. Facts are whole numbers, one column per question; 0 means that
nothing was captured. Nothing here comes from real captures.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from lake.releases import hierarchy

Ints = NDArray[np.int64]

JOBS, SITES = 6, 4
SMALLEST, LARGEST = 10, 5000
WIDEST_SPAN = 40
SAME_EVERYWHERE = 0.1
"""The share of teams in which everyone does the same."""


@dataclass(frozen=True)
class Period:
    """Everyone who was there at the end of a period. All arrays are in the order of `people`, which is ascending."""

    people: Ints
    managers: Ints  # -1: none
    jobs: Ints
    sites: Ints
    joined: Ints  # the period they joined in; -1: before the first
    facts: Ints  # people x questions

    def forest(self) -> dict[UUID, UUID | None]:
        """Each person's manager, as the directory has it."""
        return {
            key_of(person): None if manager < 0 else key_of(manager)
            for person, manager in zip(self.people.tolist(), self.managers.tolist(), strict=True)
        }

    def place(self, people: Ints) -> Ints:
        """The positions of those people in the arrays. All must be there."""
        return np.searchsorted(self.people, people)


@dataclass(frozen=True)
class Company:
    """`erased[n]`: people whose captures were all erased between the ends of periods `n` and `n + 1`."""

    periods: tuple[Period, ...]
    erased: tuple[Ints, ...]


def key_of(person: int) -> UUID:
    """The subject of a made-up person."""
    return UUID(int=person + 1)


def random_company(
    rng: np.random.Generator, bands: Sequence[int], periods: int = 2, size: int | None = None
) -> Company:
    """A company of `size` people (by default drawn evenly in the logarithm).

    `bands`: the number of answers to each question.
    """
    size = size or round(float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST)))))
    managers = dict(enumerate(_managers(rng, size)))
    return _life(rng, managers, tuple(bands), periods)


def company_of_shape(
    rng: np.random.Generator, forest: Mapping[UUID, UUID | None], bands: Sequence[int], periods: int = 2
) -> Company:
    """A company that begins with the teams of a real one. Only who reports to whom is used.

    An empty one becomes a single person, and there is nothing to attack.
    """
    above = hierarchy.managers(forest)
    number = {person: n for n, person in enumerate(sorted(above))}
    teams = {number[person]: number[manager] if manager else -1 for person, manager in above.items()}
    return _life(rng, teams or {0: -1}, tuple(bands), periods)


def _managers(rng: np.random.Generator, size: int) -> list[int]:
    """The manager of each of 0..size-1; 0 is the head."""
    managers, leading, last = [-1], deque([0]), 0
    while len(managers) < size:
        leader = leading.popleft() if leading else last
        span = min(int(np.clip(rng.lognormal(1.6, 0.8), 1, WIDEST_SPAN)), size - len(managers))
        team = range(len(managers), len(managers) + span)
        managers += [leader] * span
        leads = [person for person in team if rng.random() < 0.3]
        leading.extend(leads)
        last = team[-1]
    return managers


def _life(rng: np.random.Generator, managers: dict[int, int], bands: tuple[int, ...], periods: int) -> Company:
    count = max(managers) + 1
    jobs = dict(enumerate(_jobs(rng, count).tolist()))
    sites = dict(enumerate(rng.choice(SITES, count, p=[0.6, 0.25, 0.1, 0.05]).tolist()))
    joined = dict.fromkeys(managers, -1)
    habits = _Habits(rng, bands)
    seen: list[Period] = []
    erased: list[Ints] = []
    for number in range(periods):
        if number:
            _churn(rng, managers, jobs, sites, joined, number)
        people = np.array(sorted(managers), dtype=np.int64)
        leaders, work = _of(managers, people), _of(jobs, people)
        facts = habits.of(leaders, work)
        if seen:
            _carry_on(rng, seen[-1], people, facts)
            facts[np.isin(people, erased[-1])] = 0
        seen.append(Period(people, leaders, work, _of(sites, people), _of(joined, people), facts))
        erased.append(np.sort(rng.choice(people, max(1, len(people) // 50), replace=False)))
    return Company(tuple(seen), tuple(erased))


def _of(column: Mapping[int, int], people: Ints) -> Ints:
    return np.array([column[person] for person in people.tolist()], dtype=np.int64)


def _carry_on(rng: np.random.Generator, before: Period, people: Ints, facts: Ints) -> None:
    """Most people continue what they did."""
    still = np.isin(people, before.people) & (rng.random(len(people)) < 0.8)
    facts[still] = before.facts[before.place(people[still])]


def _jobs(rng: np.random.Generator, count: int) -> Ints:
    return np.minimum(rng.geometric(0.4, count) - 1, JOBS - 1).astype(np.int64)


def _churn(
    rng: np.random.Generator,
    managers: dict[int, int],
    jobs: dict[int, int],
    sites: dict[int, int],
    joined: dict[int, int],
    period: int,
) -> None:
    """A period's leavers, transfers and joiners, at least one of each if there are enough people."""
    head = min(managers, key=lambda person: (managers[person] >= 0, person))
    others = [person for person in sorted(managers) if person != head]
    for leaver in rng.choice(others, max(1, len(others) // 30), replace=False).tolist() if len(others) > 8 else []:
        above = managers.pop(leaver)
        for person, manager in managers.items():
            if manager == leaver:
                managers[person] = above
    teams = sorted({manager for manager in managers.values() if manager >= 0})
    led = set(teams)
    staff = [person for person in sorted(managers) if person not in led and person != head]
    for person in rng.choice(staff, max(1, len(staff) // 40), replace=False).tolist() if staff and teams else []:
        managers[person] = int(rng.choice(teams))
    for person in range(len(jobs), len(jobs) + max(1, len(managers) // 25)):
        managers[person] = int(rng.choice(teams)) if teams else head
        jobs[person], sites[person], joined[person] = int(_jobs(rng, 1)[0]), int(rng.integers(SITES)), period


class _Habits:
    """What people do: probabilities by job and question, and one answer for everyone in some teams."""

    def __init__(self, rng: np.random.Generator, bands: tuple[int, ...]) -> None:
        self.rng, self.bands = rng, bands
        self.likely = [np.cumsum(rng.dirichlet(np.full(count, 0.7), JOBS), axis=1) for count in bands]

    def of(self, managers: Ints, jobs: Ints) -> Ints:
        rng, count = self.rng, len(jobs)
        drawn = np.empty((count, len(self.bands)), dtype=np.int64)
        for question, (bands, likely) in enumerate(zip(self.bands, self.likely, strict=True)):
            drawn[:, question] = np.minimum((rng.random((count, 1)) > likely[jobs]).sum(axis=1), bands - 1)
        teams = np.unique(managers)
        for manager in teams[rng.random(len(teams)) < SAME_EVERYWHERE].tolist():
            team = managers == manager
            drawn[team] = drawn[team][0]
        return drawn


def otherwise(rng: np.random.Generator, facts: Ints, questions: Sequence[int]) -> Ints:
    """Facts that differ from those in every answer. `questions`: the number of answers to each."""
    return (facts + rng.integers(1, questions, facts.shape)) % questions
