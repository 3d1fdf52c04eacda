"""How much discrete Gaussian noise reveals, computed from its distribution instead of bounded by a formula.

1. Replacing one person changes some counts of each table by one (`Noise.moves`). The logarithm of how much likelier the
   released numbers are with the one than with the other is the privacy loss. For m counts with noise z of deviation s
   it is (m - 2 (z1 + ... + zm)) / 2 s^2.
2. Losses of different tables and releases are independent and add up: their distributions are convolved, on a grid to
   which each loss is rounded up. So the result is never too small. It is too large by at most one step a table.
3. The delta of an epsilon is the mean of 1 - exp(epsilon - loss) where the loss is above epsilon. The result is the
   smallest epsilon whose delta is small enough.

A person who changes fewer counts is protected more: their case follows from this one by drawing the other counts
again, which needs nothing about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, exp, sqrt

import numpy as np
from numpy.typing import NDArray

STEPS = 2**18
REACH = 14
"""Standard deviations of the noise, and of the loss, that are computed: beyond it is less than 1e-40 of either."""
SLACK = 1e-9
"""Set aside of delta, for what is beyond and for rounding errors, which are about 1e-12."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Noise:
    """The noise of one table: `moves` counts change by one if one person is replaced; `deviation` in people."""

    moves: int
    deviation: float

    @property
    def rho(self) -> float:
        return self.moves / (2 * self.deviation**2)


@cache
def epsilon(noises: tuple[Noise, ...], delta: float) -> float:
    """The epsilon at `delta` of all of it together."""
    if not noises:
        return 0.0
    rho = sum(noise.rho for noise in noises)
    step = 2 * (rho + REACH * sqrt(2 * rho)) / STEPS
    spectrum = np.ones(STEPS // 2 + 1, dtype=np.complex128)
    for noise in noises:
        spectrum *= np.fft.rfft(_losses(noise, step))
    chances = np.clip(np.fft.irfft(spectrum, STEPS)[: STEPS // 2], 0, None)  # of the losses from 0 on
    losses = step * np.arange(STEPS // 2)
    above = np.cumsum(chances[::-1])[::-1]
    weighted = np.cumsum((chances * np.exp(-losses))[::-1])[::-1]
    low, high = 0.0, float(losses[-1])
    for _ in range(50):
        middle = (low + high) / 2
        first = min(int(middle / step) + 1, len(losses) - 1)
        enough = above[first] - exp(middle) * weighted[first] <= delta - SLACK
        low, high = (low, middle) if enough else (middle, high)
    return high


def _losses(noise: Noise, step: float) -> Floats:
    """The distribution of a table's loss on the grid; negative losses are at its end, as the transform has them."""
    far = ceil(REACH * noise.deviation)
    one = np.exp(-(np.arange(-far, far + 1) ** 2) / (2 * noise.deviation**2))
    one /= one.sum()
    total = one
    for _ in range(noise.moves - 1):
        total = np.convolve(total, one)
    sums = np.arange(len(total)) - len(total) // 2
    places = np.ceil((noise.moves - 2 * sums) / (2 * noise.deviation**2) / step).astype(np.int64)
    inside = abs(places) < STEPS // 2
    found: Floats = np.zeros(STEPS)
    np.add.at(found, places[inside] % STEPS, total[inside])
    return found
