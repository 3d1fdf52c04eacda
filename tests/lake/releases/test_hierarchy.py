"""Which areas have numbers: never about few people in any combination, never because of what was captured."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings

from lake.releases import accounting
from lake.releases.counted_facts import tables
from lake.releases.hierarchy import (
    COARSE,
    COMPANY,
    FINE,
    LEAST_PEOPLE_PER_AREA,
    LEAST_PEOPLE_PER_ATOM,
    Partition,
    Precision,
    Publish,
    area_key,
    areas,
    plan,
)
from tests.lake.releases.companies import APPLICATIONS, Forest, company, everybody_in, forests, key

COST = accounting.rho_of() / 2
PRECISIONS = {
    name: precision
    for name, (_, precision) in accounting.precisions(tables(APPLICATIONS), COST).items()
    if name != "answers"
}


def planned(people: Forest) -> dict[str, Partition]:
    return plan(people, PRECISIONS)


@settings(max_examples=150)
@given(forests())
def test_atoms_have_ten_people_and_cover_everyone(people: Forest) -> None:
    for partition in planned(people).values():
        if not partition.nodes:
            continue
        assert all(len(atom) >= LEAST_PEOPLE_PER_ATOM for atom in partition.atoms.values())
        assert sum(map(len, partition.atoms.values())) == len(people)
        assert frozenset().union(*partition.atoms.values()) == set(people)


@settings(max_examples=80)
@given(forests())
def test_no_combination_of_areas_covers_fewer_than_ten(people: Forest) -> None:
    """All numbers of all tables together give sums over these groups, and over no smaller ones."""
    everywhere = areas(people)
    published = {node for partition in planned(people).values() for node in partition.nodes}
    groups: dict[frozenset[object], int] = {}
    for person in people if published else ():
        inside = frozenset(node for node in published if person in everywhere[node])
        groups[inside] = groups.get(inside, 0) + 1
    assert all(size >= LEAST_PEOPLE_PER_ATOM for size in groups.values())


@settings(max_examples=80)
@given(forests())
def test_areas_are_sums_of_atoms_nested_or_separate(people: Forest) -> None:
    everywhere = areas(people)
    for one, other in combinations(everywhere.values(), 2):
        assert one <= other or other <= one or not one & other
    for partition in planned(people).values():
        for node in partition.nodes.values():
            assert frozenset().union(*(partition.atoms[atom] for atom in node.atoms)) == everywhere[node.key]


@settings(max_examples=80)
@given(forests())
def test_published_areas_are_as_accurate_as_their_size_allows(people: Forest) -> None:
    for partition in planned(people).values():
        for node in partition.nodes.values():
            half = partition.precision.half_width(node.people, len(node.atoms))
            assert node.people >= LEAST_PEOPLE_PER_AREA
            assert half <= COARSE
            if partition.precision.half_width(node.people) <= FINE:
                assert half <= FINE, "an area that could have numbers lost them to smaller ones"


@settings(max_examples=50)
@given(forests())
def test_every_area_is_published_or_suppressed_by_a_rule(people: Forest) -> None:
    for partition in planned(people).values():
        assert set(partition.verdicts) == set(areas(people))
        assert {area for area, verdict in partition.verdicts.items() if verdict == Publish()} == set(partition.nodes)


@pytest.mark.parametrize(
    ("size", "below", "published"),
    [
        (49, 20, set()),
        (61, 6, {COMPANY}),
        (200, 150, {COMPANY}),  # the company would lose its numbers
        (1000, 200, {COMPANY, area_key(key(0))}),
        (1000, 49, {COMPANY}),
        (1000, 992, {COMPANY}),  # eight would remain
    ],
)
def test_what_is_published_of_a_company_with_one_area(size: int, below: int, published: set[object]) -> None:
    assert set(planned(everybody_in(size, [below]))["volume"].nodes) == published


def test_people_without_a_valid_manager_are_below_the_company() -> None:
    people: Forest = {key(0): key(1), key(1): key(0), key(2): key(2), key(3): key(99), key(4): key(2)}
    assert areas(people) == {COMPANY: frozenset(people), area_key(key(2)): frozenset({key(4)})}


def test_a_manager_is_not_in_their_own_area() -> None:
    people = company(300)
    for manager in people:
        assert manager not in areas(people).get(area_key(manager), ())


def test_a_chain_of_fifteen_hundred_is_planned() -> None:
    people: Forest = {key(place): key(place - 1) if place else None for place in range(1500)}
    assert COMPANY in planned(people)["volume"].nodes


def test_only_the_noise_decides() -> None:
    people = everybody_in(1000, [300, 200])
    coarse = plan(people, {"a": Precision(60.0), "b": Precision(5.0)})
    assert set(coarse["a"].nodes) < set(coarse["b"].nodes)
