"""Each attack detects its fault: releases that are wrong in one way are broken by the attack for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lake.attacks import informed, membership, ours, row_space, structure
from lake.attacks.companies import Company, random_company
from lake.attacks.ours import APPLICATIONS, Seen
from lake.attacks.published import Published
from lake.releases import accounting, hierarchy, noise
from lake.releases.noise import Cell, Release, discrete_gaussian

QUESTIONS = ours.questions(APPLICATIONS)
COST = accounting.rho_of()


@pytest.fixture(scope="module")
def company() -> Company:
    return random_company(np.random.default_rng(11), QUESTIONS, size=400)


def released(company: Company, draw: noise.Draw = discrete_gaussian) -> Seen:
    return ours.seen(company.periods[0], COST, APPLICATIONS, draw)


def too_little(values: Sequence[int], deviation: float) -> Sequence[int]:
    """A tenth of the noise that is paid for."""
    return discrete_gaussian(values, deviation / 10)


def groups_of(seen: Seen) -> Published:
    return Published(seen.period.people, seen.groups, np.zeros((len(seen.groups), 1)), np.ones((1, 1)))


def test_atom_counts_match_what_people_did(company: Company) -> None:
    for table in released(company).tables:
        counted = np.zeros_like(table.true)
        np.add.at(counted, table.atom, ours.answers_of(company.periods[0].facts, table.table, APPLICATIONS))
        assert (counted == table.true).all()


def test_no_group_of_fewer_than_ten_can_be_computed(company: Company) -> None:
    found = row_space.determined(groups_of(released(company)))
    assert len(found) > 1
    assert min(len(group.people) for group in found) >= 10


def test_areas_with_small_remainders_are_detected(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hierarchy, "LEAST_PEOPLE_PER_ATOM", 1)
    monkeypatch.setattr(hierarchy, "LEAST_PEOPLE_PER_AREA", 5)
    monkeypatch.setattr(hierarchy, "COARSE", 100.0)
    monkeypatch.setattr(hierarchy, "FINE", 50.0)
    found = row_space.determined(groups_of(released(company)))
    assert min(len(group.people) for group in found) < 5


def test_the_same_noisy_counts_give_the_same_release(company: Company) -> None:
    rng = np.random.default_rng(1)
    first = released(company)
    for change in (structure.with_one_replaced, structure.with_all_replaced):
        same, _ = structure.made_again(first, change(rng, first.period, QUESTIONS), COST, APPLICATIONS)
        assert same


def test_one_person_changes_a_release_by_its_exact_cost(company: Company) -> None:
    first = released(company)
    facts = structure.with_one_replaced(np.random.default_rng(1), first.period, QUESTIONS)
    _, moved = structure.made_again(first, facts, COST, APPLICATIONS)
    assert moved == pytest.approx(first.release.rho, rel=1e-6)
    assert first.release.rho <= COST * (1 + 1e-9)


def test_cells_suppressed_because_of_captures_are_detected(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a design that hides small counts: hiding a count reveals that it is small."""
    as_it_is = noise.publish

    def hiding(people: Any, facts: Any, *rest: Any) -> Release:
        made = as_it_is(people, facts, *rest)
        heavy = sum(one.volume == "more" for one in facts.values())
        hidden = tuple(replace(one, cells=one.cells[:-1]) if heavy < 200 else one for one in made.tables)
        return replace(made, tables=hidden)

    monkeypatch.setattr(ours, "publish", hiding)
    first = released(company)
    nobody, everybody = np.zeros_like(first.period.facts), np.full_like(first.period.facts, 0)
    everybody[:, 0] = 3
    answers = {structure.made_again(first, facts, COST, APPLICATIONS)[0] for facts in (nobody, everybody)}
    assert False in answers


def test_true_counts_in_a_release_are_noticed(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "_within", lambda share: share)
    first = released(company, lambda values, _deviation: values)
    facts = structure.with_all_replaced(np.random.default_rng(1), first.period, QUESTIONS)
    again = ours.seen(replace(first.period, facts=facts), COST, APPLICATIONS, lambda values, _deviation: values)
    assert again.release != first.release


def test_the_order_of_bands_and_areas_never_depends_on_captures(company: Company) -> None:
    def order(cells: Sequence[Cell]) -> list[tuple[object, ...]]:
        return [(cell.node, cell.table, cell.band, cell.place, cell.people is None) for cell in cells]

    first = released(company)
    other = replace(first.period, facts=np.zeros_like(first.period.facts))
    assert order(first.release.cells) == order(ours.seen(other, COST, APPLICATIONS).release.cells)


def test_too_little_noise_lets_the_informed_attacker_succeed(company: Company) -> None:
    rng = np.random.default_rng(2)
    company = Company(company.periods[:1], company.erased[:1])
    enough = informed.guesses(rng, company, [released(company)], APPLICATIONS, QUESTIONS, a_year=1)
    little = released(company, too_little)
    known = [replace(table, deviation=table.deviation / 10) for table in little.tables]
    found = informed.guesses(rng, company, [replace(little, tables=tuple(known))], APPLICATIONS, QUESTIONS, 1)
    assert enough.found == 0
    assert found.found > len(found.people) / 3


@pytest.mark.parametrize(
    ("draw", "refuted"), [(discrete_gaussian, False), (too_little, True)], ids=["ours", "too little"]
)
def test_too_little_noise_refutes_the_claimed_epsilon(company: Company, draw: noise.Draw, refuted: bool) -> None:
    rng = np.random.default_rng(3)
    one = released(company)
    other = structure.with_facts(one, structure.with_one_replaced(rng, one.period, QUESTIONS), COST, APPLICATIONS)
    bound = membership.bound(*membership.scores([one], [other], 1500, draw), accounting.DELTA)
    assert (bound.epsilon > accounting.epsilon(COST)) == refuted


def test_clopper_and_pearson() -> None:
    """Ends of a two-sided 95 % interval for 81 of 263 as in Newcombe (1998), and for none of 148."""
    assert membership.clopper_pearson(81, 263, 0.025) == pytest.approx((0.2527, 0.3676), abs=1e-4)
    assert membership.clopper_pearson(0, 148, 0.025) == pytest.approx((0.0, 0.0246), abs=1e-4)
