from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest

from lake.attacks import ours
from lake.attacks.companies import company_of_shape, key_of, random_company
from lake.attacks.informed import movers
from lake.attacks.running import as_expected, run, run_companies
from lake.releases import accounting
from lake.releases.counted_facts import VOLUME
from lake.releases.hierarchy import areas
from lake.releases.results import AttackResult

COMPANIES = 30


@pytest.fixture(scope="module")
def results() -> dict[tuple[str, str], AttackResult]:
    found = run_companies(COMPANIES, seed=5, trials=2000)
    print()
    for one in found:
        print(f"{one.attack:12} {one.design:6} {one.people:7,} people in {one.broken} of {one.companies} companies")
    return {(one.attack, one.design): one for one in found}


def test_no_attack_identifies_anyone_in_our_releases(results: dict[tuple[str, str], AttackResult]) -> None:
    mine = {attack: one for (attack, design), one in results.items() if design == "ours"}
    assert {attack: (one.broken, one.people) for attack, one in mine.items()} == dict.fromkeys(mine, (0, 0))
    assert len(mine) == 14
    assert all(as_expected(one) for one in mine.values())


def test_the_naive_design_is_broken_in_every_company(results: dict[tuple[str, str], AttackResult]) -> None:
    for attack in ("row_space", "colluders_1", "colluders_2"):
        assert results[attack, "naive"].broken == COMPANIES
    assert results["row_space", "naive"].people > 1000
    assert all(as_expected(one) for one in results.values())


@pytest.mark.parametrize("attack", ["bounds", "homogeneous", "joins", "leavers", "transfers", "erasures", "replay"])
def test_the_naive_design_is_broken_by_each_attack(results: dict[tuple[str, str], AttackResult], attack: str) -> None:
    assert results[attack, "naive"].broken > 0.8 * results[attack, "naive"].companies


def test_claimed_and_found_epsilon_are_both_reported(results: dict[tuple[str, str], AttackResult]) -> None:
    mine, theirs = (results["membership", design] for design in ("ours", "naive"))
    assert mine.epsilon_claimed == pytest.approx(3.0, abs=1e-6)
    assert 0 < (mine.epsilon_found or 0) < 3.0 < (theirs.epsilon_found or 0)


def test_companies_have_all_sizes_small_teams_and_churn() -> None:
    rng = np.random.default_rng(1)
    companies = [random_company(rng, (2,)) for _ in range(60)]
    sizes = [len(company.periods[0].people) for company in companies]
    assert min(sizes) >= 10
    assert max(sizes) > 2000
    assert max(sizes) <= 5000
    teams = np.concatenate([np.unique(company.periods[0].managers, return_counts=True)[1] for company in companies])
    assert (teams < 5).mean() > 0.2
    assert teams.max() > 20
    assert all(len(people) for company in companies for how, people in movers(company).items() if how == "joins")
    assert sum(len(movers(company)["transfers"]) > 0 for company in companies) > 40


def test_the_same_seed_gives_the_same_company() -> None:
    one, two = (random_company(np.random.default_rng(4), (2, 3)) for _ in range(2))
    assert all(
        (a.facts == b.facts).all() and (a.managers == b.managers).all()
        for a, b in zip(one.periods, two.periods, strict=True)
    )


def test_only_the_teams_of_a_real_company_are_used() -> None:
    head, *team = (uuid4() for _ in range(40))
    forest = {head: None, **dict.fromkeys(team, head)}
    company = company_of_shape(np.random.default_rng(1), forest, (2,))
    shape = company.periods[0].forest()
    assert sorted(map(len, areas(shape).values())) == sorted(map(len, areas(forest).values()))
    assert not set(shape) & set(forest)
    assert set(shape) == {key_of(person) for person in range(40)}


def test_a_directory_with_a_manager_cycle_can_be_attacked() -> None:
    people = [uuid4() for _ in range(30)]
    forest = {person: people[place // 5] for place, person in enumerate(people)}
    forest[people[0]], forest[people[1]] = people[1], people[0]
    found = run(forest, ["mail"], accounting.rho_of())
    assert all(as_expected(one) for one in found if one.design == "ours")


@pytest.mark.parametrize("people", [0, 1, 2, 60])
def test_a_directory_without_managers_can_be_attacked(people: int) -> None:
    found = run({uuid4(): None for _ in range(people)}, [], accounting.rho_of())
    assert all(as_expected(one) for one in found if one.design == "ours")


def test_made_up_and_captured_facts_have_the_same_form() -> None:
    facts = ours.facts_of([2, 1, 2, 0, 1, 3], ["crm", "mail"])
    assert (facts.volume, facts.within_retention, facts.answered) == (list(VOLUME)[2], False, "late")
    assert facts.detail == "text"
    assert facts.applications == {"mail"}
    nothing = ours.facts_of([0] * 6, ["crm", "mail"])
    assert (nothing.volume, nothing.detail) == ("none", "none")
