from __future__ import annotations

import numpy as np
import pytest

from lake.attacks.bounds import pinned
from lake.attacks.published import Published
from lake.attacks.row_space import determined
from tests.attacks.rationals import determined_columns


def exact(groups: list[list[int]], facts: list[int], deviation: float = 0.0) -> Published:
    """Counts of those facts over those groups of people."""
    matrix = np.array(groups, dtype=bool)
    values = matrix.astype(float) @ np.array(facts, dtype=float)[:, None]
    return Published(np.arange(len(facts)), matrix, values, np.full_like(values, deviation))


def test_a_person_in_one_of_two_groups_is_found() -> None:
    found = determined(exact([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0]], [0, 1, 0, 0, 1, 1]))
    assert [(group.people, round(group.sums[0])) for group in found] == [((5,), 1), ((0, 1, 2, 3, 4), 2)]


def test_a_person_is_reconstructed_from_five_sums_of_others() -> None:
    """x1 + x2, x2 + x3, … around a ring of five: the alternating sum leaves twice the first."""
    ring = [[1 if place in (person, (person + 1) % 5) else 0 for place in range(5)] for person in range(5)]
    found = determined(exact(ring, [1, 0, 0, 1, 1]))
    assert {group.people[0]: round(group.sums[0]) for group in found} == {0: 1, 1: 0, 2: 0, 3: 1, 4: 1}


def test_sums_around_a_ring_of_four_determine_no_one() -> None:
    ring = [[1 if place in (person, (person + 1) % 4) else 0 for place in range(4)] for person in range(4)]
    assert determined(exact(ring, [1, 0, 1, 0])) == []


@pytest.mark.parametrize("seed", range(12))
def test_the_same_people_are_found_without_rounding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people, groups = int(rng.integers(3, 12)), int(rng.integers(2, 14))
    matrix = (rng.random((groups, people)) < rng.uniform(0.2, 0.8)).astype(int)
    facts = rng.integers(0, 2, people).tolist()
    found = {
        group.people[0]: round(group.sums[0])
        for group in determined(exact(matrix.tolist(), facts))
        if len(group.people) == 1
    }
    assert set(found) == determined_columns(matrix.tolist())
    assert all(facts[person] == fact for person, fact in found.items())


def test_nothing_published_is_nothing_found() -> None:
    nothing = Published(np.arange(3), np.zeros((0, 3), dtype=bool), np.zeros((0, 1)), np.zeros((0, 1)))
    assert determined(nothing) == []
    assert pinned(nothing, 0) == {}


@pytest.mark.parametrize("seed", range(8))
def test_bounds_match_exhaustive_search_on_laminar_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    facts = (rng.random(9) < 0.3).astype(int)
    groups = np.array([[1] * 9, [1] * 5 + [0] * 4, [1, 1] + [0] * 7, [0] * 5 + [1] * 2 + [0] * 2])
    possible = [
        guess
        for number in range(2**9)
        if (groups @ (guess := np.array([number >> place & 1 for place in range(9)])) == groups @ facts).all()
    ]
    always = {person: bool(facts[person]) for person in range(9) if len({guess[person] for guess in possible}) == 1}
    assert pinned(exact(groups.tolist(), facts.tolist()), 0) == always


def test_bounds_determine_no_one_with_noise() -> None:
    assert pinned(exact([[1] * 12], [0] * 12), 0) == dict.fromkeys(range(12), False)
    assert pinned(exact([[1] * 12], [0] * 12, deviation=5.0), 0) == {}
