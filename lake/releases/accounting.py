"""The privacy cost of a release, and the budget of a year.

The privacy loss of each table is zero-concentrated (rho); rho adds up over tables and releases. OpenDP computes epsilon
at a delta from the sum. A year may cost epsilon 3 at delta 0.000001, which is rho 0.185; each release gets a share of
that: half of it if there are two a year.

A release's rho is divided among its tables (`SHARES`) so that at two releases a year shares of the volume and
retention tables are within five points in areas from 200 people. The others would need more than the budget: signals
get that from about 340 people, applications, which are many, from about 1,000; smaller areas have ranges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import sqrt
from typing import Any

from errors import OpenBookError
from lake.releases.counted_facts import Table
from lake.releases.hierarchy import Precision

EPSILON = 3.0
DELTA = 1e-6
YEAR = timedelta(days=365)

SHARES = {"volume": 0.32, "retention": 0.215, "signals": 0.335, "applications": 0.075, "answers": 0.055}


@dataclass(frozen=True)
class Spent:
    """What one release cost."""

    published_at: datetime
    rho: float


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


@cache
def epsilon(cost: float, delta: float = DELTA) -> float:
    """The epsilon of a rho."""
    if not cost:
        return 0.0
    cast = _opendp().c.make_zCDP_to_approxDP(measurement(1 / sqrt(2 * cost)))
    return float(cast.map(1.0).epsilon(delta))


@cache
def rho_of(target: float = EPSILON, delta: float = DELTA) -> float:
    """The largest rho with an epsilon of at most `target`."""
    low, high = 0.0, target
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon(middle, delta) <= target else (low, middle)
    return low


def precisions(tables: Iterable[Table], cost: float) -> dict[str, tuple[float, Precision]]:
    """By table: the noise of a count as drawn, and what remains of it after using known sums. The tables share the
    whole cost."""
    listed = list(tables)
    whole = sum(SHARES[table.name] for table in listed)
    drawn = {table: deviation(table.sensitivity, SHARES[table.name] / whole * cost) for table in listed}
    return {table.name: (one, Precision(one * table.shrinkage)) for table, one in drawn.items()}


def within_year(spent: Sequence[Spent], now: datetime) -> float:
    """The total cost of the releases in the year that ends now, in rho."""
    return sum(one.rho for one in spent if one.published_at > now - YEAR)


def left(spent: Sequence[Spent], now: datetime, yearly: float = EPSILON) -> float:
    """The remaining budget, in rho, of the year that ends now."""
    return rho_of(yearly) - within_year(spent, now)


def require(cost: float, spent: Sequence[Spent], now: datetime, yearly: float = EPSILON) -> None:
    """Raises BudgetExceeded if the year's budget can't pay for it."""
    remaining = left(spent, now, yearly)
    if cost > remaining * (1 + 1e-9):
        raise BudgetExceeded(
            f"The release would cost rho {cost:.4f}, and {max(remaining, 0):.4f} is left of the year's"
            f" {rho_of(yearly):.4f} (epsilon {yearly:g}). Nothing was published. It is retried once the oldest"
            " release is more than a year old."
        )
