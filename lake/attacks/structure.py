"""Checks that only the noisy counts depend on what was captured, and that one person changes them no more than is
paid for.

The same release is remade from other facts, with the noisy counts of the first in place of newly drawn ones. If the
choice of tables, areas, cells or ranges, their order or any value depended on the facts in some other way, the two
would differ. The counts before noise are compared, too: how far they changed is how far replacing one person changes
them, and its cost at the noise of each table must not exceed the cost that the release states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lake.attacks.companies import Ints, Period, otherwise
from lake.attacks.ours import Seen, seen


def made_again(first: Seen, facts: Ints, cost: float, applications: Sequence[str]) -> tuple[bool, float]:
    """From other facts of the same people: (is exactly the same published?, the change of the counts, as rho)."""
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
    """The facts, with every answer of one person changed."""
    facts = period.facts.copy()
    person = rng.integers(len(facts))
    facts[person] = otherwise(rng, facts[person], questions)
    return facts


def with_all_replaced(rng: np.random.Generator, period: Period, questions: Sequence[int]) -> Ints:
    """Other facts for everyone: all the same, or drawn again."""
    if rng.random() < 0.5:
        return np.tile(rng.integers(0, questions), (len(period.people), 1))
    return rng.integers(0, questions, (len(period.people), len(questions)))
