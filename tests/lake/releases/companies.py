"""Made-up companies for the tests of releases."""

from __future__ import annotations

import random
from uuid import UUID

from hypothesis import strategies as st

from lake.releases.counted_facts import KINDS, Facts

APPLICATIONS = ["Chrome", "Excel", "Outlook", "Salesforce", "Slack", "Zendesk"]
Forest = dict[UUID, UUID | None]


def key(number: int) -> UUID:
    return UUID(int=number + 1)


def company(size: int, seed: int = 0, span: int = 9) -> Forest:
    """Everyone reports to one of those before them; about one in `span` manages others."""
    rng = random.Random(seed)
    return {key(place): key(rng.randrange(max(1, place // span))) if place else None for place in range(size)}


def everybody_in(size: int, areas: list[int]) -> Forest:
    """A company of that many people: one head without a manager, areas of those sizes, the rest without a manager."""
    people: Forest = {key(number): None for number in range(size)}
    free = iter(range(len(areas), size))
    for manager, below in enumerate(areas):
        for _ in range(below):
            people[key(next(free))] = key(manager)
    return people


def any_facts(rng: random.Random) -> Facts:
    return Facts(
        captures=rng.choice([0, 3, 20_000, 70_000]),
        kinds=frozenset(kind for kind in KINDS if rng.random() < 0.5),
        applications=frozenset(name for name in APPLICATIONS if rng.random() < 0.3),
        within_retention=rng.random() < 0.9,
    )


def facts_of(people: Forest, seed: int = 0) -> dict[UUID, Facts]:
    rng = random.Random(seed)
    return {person: any_facts(rng) for person in people}


@st.composite
def forests(draw: st.DrawFn) -> Forest:
    """An arbitrary directory: several heads, chains, cycles, missing managers, skewed sizes."""
    size = draw(st.integers(0, 400))
    rng = draw(st.randoms(use_true_random=False))
    reach = draw(st.sampled_from([2, 8, 30, 200]))
    people: Forest = {}
    for place in range(size):
        kind = rng.random()
        if kind < 0.03:
            people[key(place)] = None
        elif kind < 0.05:
            people[key(place)] = key(10**6 + place)  # nobody
        elif kind < 0.07:
            people[key(place)] = key(rng.randrange(size))  # possibly a cycle
        else:
            people[key(place)] = key(rng.randrange(max(1, min(place, place // reach + 1))))
    return people
