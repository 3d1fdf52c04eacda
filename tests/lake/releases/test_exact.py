"""The exact loss of discrete noise: against a sum over all outcomes, against formulas, and for every budget we set."""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pytest

from lake.releases import accounting, exact
from lake.releases.accounting import DELTA, rho_of
from lake.releases.exact import Noise
from lake.releases.noise import noises
from tests.lake.releases.companies import APPLICATIONS

YEAR = (
    Noise(2, 3.0035567634649922),
    Noise(1, 2.7996830068276313),
    Noise(2, 7.50005271559422),
    Noise(6, 18.93670485977993),
    Noise(2, 10.93311164835844),
)
"""What a year of a large company draws, in the order of the tables."""
BY_DP_ACCOUNTING = {
    (Noise(1, 2.0),): 2.275793151438104,
    (Noise(2, 3.0),): 2.1062620329735244,
    (Noise(1, 1.5), Noise(1, 4.0)): 3.334037729243945,
    (Noise(2, 2.8809104416569067), Noise(1, 2.685361603885379), Noise(2, 7.193797847990784)): 2.995270228148754,
    YEAR: 2.9956946537344886,
}
"""Epsilons at `DELTA` by another library, Google's `dp-accounting` 0.6.0, which wants an older attrs than ours and so
is not installed with the tests: `from_discrete_gaussian_mechanism(sigma=deviation, sensitivity=1,
value_discretization_interval=1e-4)`, composed once for each count that moves."""


def delta_by_outcomes(tables: list[Noise], epsilon: float) -> float:
    """Every outcome of every count: how likely it is with the one person, and with the other. No grid, no loss."""
    one, other = np.ones(1), np.ones(1)
    for noise in tables:
        values = np.arange(-60, 61)
        at = np.exp(-(values**2) / (2 * noise.deviation**2))
        away = np.exp(-((values - 1) ** 2) / (2 * noise.deviation**2))
        for _ in range(noise.moves):
            one = np.outer(one, at / at.sum()).ravel()
            other = np.outer(other, away / away.sum()).ravel()
    return float(np.clip(one - np.exp(epsilon) * other, 0, None).sum())


@pytest.mark.parametrize(
    "tables",
    [[Noise(1, 2.0)], [Noise(2, 3.0)], [Noise(1, 1.5), Noise(1, 4.0)], [Noise(2, 3.02), Noise(1, 2.81)]],
    ids=["one count", "two counts", "two tables", "volume and retention"],
)
def test_the_exact_loss_is_that_of_all_outcomes(tables: list[Noise]) -> None:
    found = exact.epsilon(tuple(tables), DELTA)
    assert delta_by_outcomes(tables, found) <= DELTA
    assert delta_by_outcomes(tables, found - 0.003) > DELTA


@pytest.mark.parametrize(("tables", "theirs"), BY_DP_ACCOUNTING.items())
def test_another_library_finds_the_same_epsilon(tables: tuple[Noise, ...], theirs: float) -> None:
    """Both round losses up, on grids of their own."""
    assert exact.epsilon(tables, DELTA) == pytest.approx(theirs, abs=5e-4)


def test_the_year_that_was_compared_is_the_one_that_is_published() -> None:
    drawn = noises(APPLICATIONS, rho_of(), 5000, answers=True)
    assert [noise.moves for noise in drawn] == [noise.moves for noise in YEAR]
    assert [noise.deviation for noise in drawn] == pytest.approx([noise.deviation for noise in YEAR])


def test_much_noise_loses_what_the_formula_says() -> None:
    many = tuple(Noise(1, 30.0) for _ in range(100))
    rho = sum(noise.rho for noise in many)
    assert exact.epsilon(many, DELTA) == pytest.approx(accounting.epsilon(rho), rel=0.01)
    assert exact.epsilon(many, DELTA) < accounting.concentrated_epsilon(rho)


@pytest.mark.parametrize("months", [3, 6, 12])
@pytest.mark.parametrize("yearly", [0.5, 3.0])
@pytest.mark.parametrize("people", [50, 60, 150, 5000])
def test_no_year_reveals_more_than_is_stated(months: int, yearly: float, people: int) -> None:
    for applications, answers in product((APPLICATIONS[:0], APPLICATIONS[:1], APPLICATIONS), (False, True)):
        one = noises(applications, rho_of(yearly) * months / 12, people, answers=answers)
        if one:
            year = one * (12 // months)
            stated = accounting.epsilon(sum(noise.rho for noise in year))
            assert exact.epsilon(year, DELTA) <= stated <= yearly + 1e-9
            assert stated == pytest.approx(yearly, abs=1e-6)


def test_five_years_reveal_less_than_five_times_one_year() -> None:
    five = noises(APPLICATIONS, rho_of(), 5000, answers=True) * 5
    assert exact.epsilon(five, DELTA) <= accounting.over_years(5) == pytest.approx(7.49, abs=0.01)


def test_the_loss_of_nothing_is_nothing() -> None:
    assert exact.epsilon((), DELTA) == accounting.epsilon(0.0) == accounting.concentrated_epsilon(0.0) == 0.0
    assert Noise(2, sqrt(8)).rho == pytest.approx(accounting.rho(sqrt(2), sqrt(8)))
