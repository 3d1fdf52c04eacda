"""The privacy cost of a release, and the budget of a year.

The cost of a table is its rho: sensitivity squared over twice the variance of its noise, by OpenDP. Rho adds up over
tables and releases, and a year may cost as much as is epsilon 3 at delta 0.000001.

How much rho that is depends on the accounting. Zero-concentrated differential privacy, which only knows the sum, allows
0.185. The distribution of the noise itself allows 0.209: that of continuous noise is a formula (`epsilon`), from which
`MARGIN` is taken off. The noise is discrete, so before any is drawn `exact` computes the loss of all tables of the year
from its distribution; it must not exceed the epsilon that is stated (`publishing`). A release whose noise isn't known,
because only the ledger remembers it, has the first bound, and so has every year that it is in.

`SHARES` divides a release's rho among its tables. The rule: volume and retention first. At one release a year they get
what an area of 50 people needs for numbers within ten points, which is five points at 100 people. What is left goes to
the others: half to the detail of records, as the only one about everybody, the rest to applications and answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import erfc, exp, sqrt
from typing import Any

from errors import OpenBookError
from lake.releases.counted_facts import Table
from lake.releases.exact import Noise
from lake.releases.hierarchy import Precision
from lake.releases.periods import YEAR

EPSILON = 3.0
DELTA = 1e-6
MARGIN = 0.003
"""Of rho: discrete noise of a few people reveals a little more than the formula says."""

SHARES = {"volume": 0.53, "retention": 0.305, "detail": 0.085, "applications": 0.04, "answers": 0.04}


@dataclass(frozen=True)
class Spent:
    """What one release cost."""

    published_at: datetime
    rho: float
    noises: tuple[Noise, ...] | None
    """None: not known."""


class BudgetExceeded(OpenBookError):
    """The release would cost more than is left of the year's budget. Nothing was published or spent."""


@cache
def _opendp() -> Any:
    """The library, which takes a second to load: companies without numbers don't need it."""
    import opendp.prelude

    opendp.prelude.enable_features("contrib")
    return opendp.prelude


def measurement(deviation: float) -> Any:
    """OpenDP's measurement of discrete Gaussian noise on a list of whole numbers."""
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T=float)
    return dp.m.make_gaussian(*space, scale=deviation)


def rho(sensitivity: float, deviation: float) -> float:
    """The cost of counts with that sensitivity and noise."""
    return float(measurement(deviation).map(sensitivity))


def deviation(sensitivity: float, cost: float) -> float:
    """The noise with which counts of that sensitivity cost no more than `cost`."""
    return sensitivity / sqrt(2 * cost) * (1 + 1e-9)


def epsilon(cost: float, delta: float = DELTA) -> float:
    """The epsilon of a rho, by the formula for continuous noise, with the margin."""
    return _smallest(lambda tried: _delta(tried, cost * (1 + MARGIN)) <= delta, 4 * cost + 20 * sqrt(cost))


def concentrated_epsilon(cost: float, delta: float = DELTA) -> float:
    """The epsilon of a rho of which nothing else is known, by OpenDP."""
    if not cost:
        return 0.0
    cast = _opendp().c.make_zCDP_to_approxDP(measurement(1 / sqrt(2 * cost)))
    return float(cast.map(1.0).epsilon(delta))


@cache
def rho_of(target: float = EPSILON, *, concentrated: bool = False) -> float:
    """The largest rho with an epsilon of at most `target` at `DELTA`; `concentrated`: by the bound that only knows
    rho."""
    found = concentrated_epsilon if concentrated else epsilon
    low, high = 0.0, target
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if found(middle) <= target else (low, middle)
    return low


def over_years(years: int, yearly: float = EPSILON) -> float:
    """The epsilon of several years together, each of which costs `yearly`: less than their sum."""
    return epsilon(years * rho_of(yearly))


def _delta(tried: float, cost: float) -> float:
    """The delta of an epsilon for Gaussian noise of that rho (Balle and Wang 2018, theorem 8)."""
    apart = sqrt(2 * cost)
    return _above(tried / apart - apart / 2) - exp(tried) * _above(tried / apart + apart / 2)


def _above(deviations: float) -> float:
    return erfc(deviations / sqrt(2)) / 2


def _smallest(enough: Callable[[float], bool], high: float) -> float:
    """The smallest number up to `high` that is enough."""
    low = 0.0
    for _ in range(60 if high else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def precisions(tables: Iterable[Table], cost: float) -> dict[str, tuple[float, Precision]]:
    """By table: the noise of a count as drawn, and what remains of it after using known sums. The tables share the
    whole cost."""
    listed = list(tables)
    whole = sum(SHARES[table.name] for table in listed)
    drawn = {table: deviation(table.sensitivity, SHARES[table.name] / whole * cost) for table in listed}
    return {table.name: (one, Precision(one * table.shrinkage, table.step)) for table, one in drawn.items()}


def of_year(spent: Sequence[Spent], now: datetime) -> list[Spent]:
    """The releases in the year that ends now."""
    return [one for one in spent if one.published_at > now - YEAR]


def year_epsilon(spent: Sequence[Spent], now: datetime) -> float:
    """The total epsilon of the releases in the year that ends now."""
    year = of_year(spent, now)
    return (epsilon if _known(year) else concentrated_epsilon)(sum(one.rho for one in year))


def noises_of_year(spent: Sequence[Spent], now: datetime) -> tuple[Noise, ...] | None:
    """All noise of the year that ends now; None if that of a release isn't known."""
    year = of_year(spent, now)
    return tuple(noise for one in year for noise in one.noises or ()) if _known(year) else None


def left(spent: Sequence[Spent], now: datetime, yearly: float = EPSILON) -> float:
    """The remaining budget, in rho, of the year that ends now."""
    year = of_year(spent, now)
    return rho_of(yearly, concentrated=not _known(year)) - sum(one.rho for one in year)


def _known(year: Sequence[Spent]) -> bool:
    return all(one.noises is not None for one in year)


def require(cost: float, spent: Sequence[Spent], now: datetime, yearly: float = EPSILON) -> None:
    """Raises BudgetExceeded if the year's budget can't pay for it."""
    remaining = left(spent, now, yearly)
    if cost > remaining * (1 + 1e-9):
        raise BudgetExceeded(
            f"The release would cost rho {cost:.4f}, and {max(remaining, 0):.4f} is left of the year's budget (epsilon"
            f" {yearly:g}). Nothing was published. It is retried once the oldest release is more than a year old."
        )
