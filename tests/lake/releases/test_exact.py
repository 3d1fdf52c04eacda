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
