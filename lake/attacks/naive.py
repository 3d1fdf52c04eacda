"""The design that must break: live filters with a minimum group size, exact counts. It is the suite's positive
control.

A manager may ask at any time how many people of an area below them did something in a period: of all, of one job, of
one site, or of those who are not new. The answer is the exact number if the group has at least five people now. The
directory and the captures are those at the time of asking. So the first period is seen three times: when it ends, after
some people had their captures erased, and a period later, when some have left or changed teams.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lake.attacks.companies import JOBS, SITES, Company, Ints, Period
from lake.attacks.published import Bools, Published

MINIMUM = 5
WIDEST_AREA = 250
"""Managers of up to this many people attack, each their own area; the largest non-overlapping areas of that size."""


def views(company: Company, question: int = 0) -> Iterator[tuple[Period, Published]]:
    """What each attacking manager sees of the first two periods: the number of people with each answer."""
    first, later = company.periods[:2]
    chains = ancestors(first), ancestors(later)
    nobody, erased = np.array([], dtype=np.int64), company.erased[0]
    for leader in _attackers(first, chains[0]):
        moments = [(first, chains[0], nobody), (first, chains[0], erased), (later, chains[1], erased)]
        yield first, _seen_by(leader, first, moments, question)
        if (chains[1] == leader).any():
            yield later, _seen_by(leader, later, [(later, chains[1], nobody)], question)


def _seen_by(leader: int, about: Period, moments: list[tuple[Period, Ints, Ints]], question: int) -> Published:
    """`moments`: the directory when asked, and the people whose captures of the period were erased by then."""
    inside = [period.people[(chains == leader).any(axis=1)] for period, chains, _ in moments]
    people = np.intersect1d(np.unique(np.concatenate(inside)), about.people)
    answers = about.facts[about.place(people), question]
    truth = answers[:, None] == np.arange(about.facts[:, question].max() + 1)
    groups = []
    for period, chains, gone in moments:
        asked, sizes = _filters(leader, period, chains, people)
        groups.append(asked[sizes >= MINIMUM] & ~np.isin(people, gone))
    seen = np.concatenate(groups)
    values = seen.astype(np.float64) @ truth
    return Published(people, seen, values, np.zeros_like(values))


def _filters(leader: int, period: Period, chains: Ints, people: Ints) -> tuple[Bools, Ints]:
    """(groups x those people, the number of people in each group, whoever they are)."""
    below = (chains == leader).any(axis=1)
    if not below.any():
        return np.zeros((0, len(people)), dtype=bool), np.zeros(0, dtype=np.int64)
    managers = np.unique(chains[below])
    managers = managers[managers >= 0]
    managers = managers[(managers == leader) | below[period.place(managers)]]
    areas = (chains[None, below, :] == managers[:, None, None]).any(axis=2)
    of = [np.ones(int(below.sum()), dtype=bool), period.joined[below] < period.joined.max()]
    of += [period.jobs[below] == job for job in range(JOBS)]
    of += [period.sites[below] == site for site in range(SITES)]
    groups = (areas[:, None, :] & np.array(of)[None, :, :]).reshape(-1, int(below.sum()))
    there = period.people[below]
    known = np.isin(there, people)
    placed = np.zeros((len(groups), len(people)), dtype=bool)
    placed[:, np.searchsorted(people, there[known])] = groups[:, known]
    return placed, groups.sum(axis=1)


def ancestors(period: Period) -> Ints:
    """people x levels: each person's manager, that manager's, and so on; -1 if there is none left."""
    place = {person: n for n, person in enumerate(period.people.tolist())}
    above = np.array([place.get(manager, -1) for manager in period.managers.tolist()] + [-1])
    chain, now = [], above[:-1]
    while (now >= 0).any():
        chain.append(np.where(now >= 0, period.people[now], -1))
        now = above[now]
    return np.array(chain, dtype=np.int64).T if chain else np.empty((len(period.people), 0), dtype=np.int64)


def _attackers(period: Period, chains: Ints) -> list[int]:
    leaders, sizes = np.unique(chains[chains >= 0], return_counts=True)
    chosen = set(leaders[sizes <= WIDEST_AREA].tolist())
    taken = chosen & {
        leader for leader in chosen if not chosen & set(chains[period.place(np.array([leader]))][0].tolist())
    }
    return sorted(taken)
