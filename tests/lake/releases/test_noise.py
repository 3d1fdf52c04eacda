"""Noise: as much as paid for, consistent totals, intervals that contain the truth, and ranges if it is too large."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import exp
from uuid import UUID

import pytest

from lake.releases import accounting, noise
from lake.releases.accounting import BudgetExceeded, Spent
from lake.releases.counted_facts import FOUND, NOBODY, Facts, counts, tables
from lake.releases.hierarchy import COMPANY, FINE, NUMBER, area_key, areas
from lake.releases.noise import Release, credible, publish
from tests.lake.releases.companies import APPLICATIONS, any_facts, company, everybody_in, facts_of, key

COST = accounting.rho_of()
NOW = datetime(2026, 7, 1)  # noqa: DTZ001


def without_noise(values: Sequence[int], _: float) -> Sequence[int]:
    return values


def shares(release: Release, table: str) -> dict[tuple[object, str], noise.Cell]:
    return {(cell.node, cell.band): cell for cell in release.cells if cell.table == table}


def test_a_year_of_releases_costs_at_most_epsilon_three() -> None:
    people = company(3000)
    made = publish(people, facts_of(people), APPLICATIONS, COST)
    assert made.rho == pytest.approx(COST, rel=1e-6)
    assert accounting.epsilon(made.rho) <= 3.0
    assert accounting.epsilon(made.rho) == pytest.approx(3.0, abs=1e-5)


def test_table_costs_match_opendps_accounting() -> None:
    drawn: list[tuple[int, float]] = []

    def noting(values: Sequence[int], deviation: float) -> list[int]:
        drawn.append((len(values), deviation))
        return noise.discrete_gaussian(values, deviation)

    people = company(3000)
    made = publish(people, facts_of(people), APPLICATIONS, COST, noting)
    assert len(drawn) == len(made.tables), "noise is drawn once a table"
    for table, (_, deviation) in zip(made.tables, drawn, strict=True):
        assert table.rho == accounting.rho(table.table.sensitivity, deviation)


def test_replacing_one_person_stays_within_the_sensitivity() -> None:
    rng = random.Random(7)
    people = company(400)
    partition_of = {one.table: one.partition for one in publish(people, {}, APPLICATIONS, COST).tables}
    for _ in range(200):
        facts = {person: any_facts(rng) for person in people}
        other = facts | {key(rng.randrange(400)): rng.choice([NOBODY, any_facts(rng)])}
        for table, partition in partition_of.items():
            moved = [
                a - b
                for atom in partition.atoms.values()
                for a, b in zip(counts(table, atom, facts), counts(table, atom, other), strict=True)
            ]
            assert sum(step * step for step in moved) <= table.sensitivity**2 + 1e-9


def test_the_totals_of_areas_agree() -> None:
    people = everybody_in(3000, [900, 800])
    for one in publish(people, facts_of(people), APPLICATIONS, COST).tables:
        cells = {(cell.node, cell.band): cell.people for cell in one.cells}
        for node in one.partition.nodes.values():
            if one.table.one:
                total = sum(cells[node.key, band] or 0 for band in one.table.bands)
                assert total == pytest.approx(node.people)


def test_intervals_contain_the_truth_and_large_areas_are_accurate() -> None:
    within = of_all = close = large = fine = at_least_200 = 0
    for seed in range(25):
        people = everybody_in(1200, [260, 210, 60])
        facts = facts_of(people, seed)
        truth = areas(people)
        made = publish(people, facts, APPLICATIONS, COST)
        for one in made.tables:
            for cell in one.cells:
                members = truth[cell.node]
                true = counts(one.table, members, facts)[cell.place] / len(members)
                of_all += 1
                within += cell.low - 1e-9 <= true <= cell.high + 1e-9
                if cell.share is not None:
                    large += 1
                    close += abs(cell.share - true) <= NUMBER
                    fine += len(members) >= 200 and abs(cell.share - true) <= FINE
                    at_least_200 += len(members) >= 200
    assert within / of_all >= 0.94
    assert close / large >= 0.95
    assert fine / at_least_200 >= 0.94
    assert large > 500


@pytest.mark.parametrize(("size", "points"), [(50, 10), (100, 5)])
def test_small_areas_have_volume_and_retention_numbers(size: int, points: int) -> None:
    """Beside 850 others, so that all tables share the budget."""
    people = everybody_in(900, [size])
    made = publish(people, facts_of(people), APPLICATIONS, COST)
    assert {one.table.name for one in made.tables if one.rho} == set(accounting.SHARES)
    mine = [cell for cell in made.cells if cell.node == area_key(key(0))]
    numbers = [cell for cell in mine if cell.share is not None]
    assert {cell.table for cell in numbers} == {"volume", "retention"}
    for cell in numbers:
        assert cell.high - cell.low <= 2 * points / 100 + 1e-9
        assert (cell.low * size) % 1 == pytest.approx(0, abs=1e-6) or (cell.low * size) % 1 == pytest.approx(1)
    assert {cell.table for cell in mine if cell.share is None} == ({"detail"} if size == 100 else set())


def test_ranges_end_at_five_point_steps_without_numbers() -> None:
    people = everybody_in(60, [])
    made = publish(people, facts_of(people), APPLICATIONS, COST)
    assert {cell.table for cell in made.cells} == {"volume", "retention", "detail"}
    for cell in [cell for cell in made.cells if cell.table == "detail"]:
        assert (cell.share, cell.people) == (None, None)
        assert {round(cell.low * 20, 9) % 1, round(cell.high * 20, 9) % 1} == {0.0}
        assert cell.low < cell.high


def test_unaffordable_tables_leave_their_budget_to_others() -> None:
    people = everybody_in(60, [])
    made = publish(people, facts_of(people), APPLICATIONS, COST)
    assert {one.table.name for one in made.tables if one.rho} == {"volume", "retention", "detail"}
    assert made.rho == pytest.approx(COST, rel=1e-6)
    large = publish(company(3000), {}, APPLICATIONS, COST)
    assert made.tables[0].deviation < large.tables[0].deviation


def test_below_fifty_people_nothing_is_published_or_spent() -> None:
    people = everybody_in(49, [20])
    made = publish(people, facts_of(people), APPLICATIONS, COST)
    assert (made.cells, made.rho) == ((), 0.0)


def test_the_choice_of_cells_never_depends_on_captures() -> None:
    people = company(700)

    def shape(facts: Mapping[UUID, Facts]) -> list[tuple[object, ...]]:
        made = publish(people, facts, APPLICATIONS, COST, lambda values, _: [0] * len(values))
        return [(cell.node, cell.table, cell.band, cell.share is None) for cell in made.cells]

    assert shape({}) == shape(facts_of(people))


def test_people_with_everything_erased_count_as_uncaptured() -> None:
    people = everybody_in(1000, [])
    volume = shares(publish(people, {}, APPLICATIONS, COST, without_noise), "volume")
    assert volume[COMPANY, "none"].share == 1.0


def test_a_known_sum_reduces_the_noise() -> None:
    people = everybody_in(1000, [])
    made = publish(people, {}, APPLICATIONS, COST, lambda values, _: [value + 8 for value in values])
    assert shares(made, "volume")[COMPANY, "none"].people == 1000
    assert shares(made, "retention")[COMPANY, "within"].people == 1008


def test_spent_budget_is_freed_after_a_year() -> None:
    half = COST / 2
    spent = [Spent(NOW - timedelta(days=366), half, ()), Spent(NOW - timedelta(days=180), half, ())]
    accounting.require(half, spent, NOW)
    with pytest.raises(BudgetExceeded, match="Nothing was published"):
        accounting.require(half, [*spent, Spent(NOW, half, ())], NOW)


def test_a_year_with_unknown_noise_has_the_budget_of_the_safe_bound() -> None:
    known, unknown = Spent(NOW, COST / 2, ()), Spent(NOW, COST / 2, None)
    accounting.require(COST / 2, [known], NOW)
    with pytest.raises(BudgetExceeded):
        accounting.require(COST / 2, [unknown], NOW)
    assert accounting.rho_of(concentrated=True) == pytest.approx(0.18507, abs=1e-5)
    assert accounting.year_epsilon([unknown], NOW) > accounting.year_epsilon([known], NOW)


@pytest.mark.parametrize(("deviation", "people"), [(2.8, 50), (2.8, 100), (7.5, 100), (15.0, 60)])
def test_whole_counts_contain_the_truth_as_often_as_stated(deviation: float, people: int) -> None:
    """Exactly, over all noise: at every true count nearly, and over all of them at least."""
    noise_of = {step: exp(-(step**2) / (2 * deviation**2)) for step in range(-150, 151)}
    whole = sum(noise_of.values())
    seen = {estimate: credible(estimate, deviation, people) for estimate in range(-150, people + 151)}
    inside = [
        sum(chance for step, chance in noise_of.items() if seen[true + step][0] <= true <= seen[true + step][1]) / whole
        for true in range(people + 1)
    ]
    assert min(inside) > 0.925
    assert sum(inside) / len(inside) >= 0.95
    assert all(0 <= low <= high <= people for low, high in seen.values())


def test_an_impossible_estimate_still_has_an_interval() -> None:
    low, high = credible(-9.0, 2.8, 50)
    assert (low, high) == (0, 2)
    assert credible(59.25, 2.8, 50)[1] == 50


def test_bands_are_whole_numbers_and_cover_everyone() -> None:
    volume = tables([])[0]
    for captures in (0, 1, 9_999, 10_000, 49_999, 50_000, 10**9):
        assert len(set(FOUND[volume.name](Facts(captures=captures))) & set(volume.bands)) == 1
    assert Facts(captures=9_999).volume == "under_10k"
    assert Facts(captures=10_000).volume == "under_50k"
