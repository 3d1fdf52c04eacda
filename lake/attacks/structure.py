"""Whether anything but the noisy counts depends on what was captured, and whether one person moves them more than is
paid for.

The same release is made again of other facts, with the noisy counts of the first put in place of drawn ones. If which
tables, areas, cells or ranges there are, their order or any value were taken from the facts in some other way, the
two would differ. On the way the counts are seen to which noise would have been added: how far they have moved is how
far one replaced person moves them, and its cost by the noise of each table must not be above what the release says it
cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lake.attacks.companies import Ints, Period, otherwise
from lake.attacks.ours import Seen, seen


def made_again(first: Seen, facts: Ints, cost: float, applications: Sequence[str]) -> tuple[bool, float]:
    """Of other facts of the same people: (is exactly the same published?, what the counts moved, as rho)."""
    again = with_facts(first, facts, cost, applications)
    moved = sum(
        float(((one.true - other.true) ** 2).sum()) / (2 * one.deviation**2)
        for one, other in zip(first.tables, again.tables, strict=True)
    )
    return again.release == first.release, moved


def with_facts(first: Seen, facts: Ints, cost: float, applications: Sequence[str]) -> Seen:
    """The release of other facts of the same people, with the noisy counts of the first."""
    drawn: Iterator[Sequence[int]] = iter([table.drawn.astype(np.int64).reshape(-1).tolist() for table in first.tables])
    return seen(replace(first.period, facts=facts), cost, applications, lambda _values, _deviation: next(drawn))


def with_one_replaced(rng: np.random.Generator, period: Period, questions: Sequence[int]) -> Ints:
    """The facts, but one person's: every answer of theirs is another one."""
    facts = period.facts.copy()
    person = rng.integers(len(facts))
    facts[person] = otherwise(rng, facts[person], questions)
    return facts


def with_all_replaced(rng: np.random.Generator, period: Period, questions: Sequence[int]) -> Ints:
    """Other facts of everybody: all alike, or drawn anew."""
    if rng.random() < 0.5:
        return np.tile(rng.integers(0, questions), (len(period.people), 1))
    return rng.integers(0, questions, (len(period.people), len(questions)))
