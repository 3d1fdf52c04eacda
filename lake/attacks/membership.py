"""Membership inference: how well two companies that differ in one person can be told apart, as a lower bound on
epsilon.

The two differ in one person's facts in every period, as much as possible in every table. OpenDP draws noise, as for a
release, repeatedly on the counts that differ (the others are the same in both and reveal nothing). The attacker adds
up the likelihood ratio over all releases of the year and says "the one" above a threshold that is fixed beforehand. By
Clopper and Pearson, with 95 % confidence: saying so at a rate of at least `r` when it is the one, and of at most `w`
when it is the other, is impossible unless epsilon is at least ln((r - delta) / w).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, norm

from lake.attacks.ours import Seen
from lake.attacks.published import Floats
from lake.releases.noise import Draw, discrete_gaussian

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Bound:
    """The largest epsilon that is refuted, with its evidence."""

    epsilon: float
    right: int
    wrong: int
    trials: int


def clopper_pearson(hits: int, trials: int, error: float) -> tuple[float, float]:
    """(lower, upper) bound of a probability, each wrong with a probability of at most `error`."""
    low = 0.0 if hits == 0 else float(beta.ppf(error, hits, trials - hits + 1))
    high = 1.0 if hits == trials else float(beta.ppf(1 - error, hits + 1, trials - hits))
    return low, high


def refuted(right: int, wrong: int, trials: int, delta: float, error: float = 1 - CONFIDENCE) -> float:
    """The smallest epsilon that allows those rates, 0 if any does; wrong with a probability of at most `error`."""
    low, _ = clopper_pearson(right, trials, error / 2)
    _, high = clopper_pearson(wrong, trials, error / 2)
    return float(np.log((low - delta) / high)) if low - delta > high else 0.0


def bound(scores_of_one: Floats, scores_of_other: Floats, apart: float, delta: float) -> Bound:
    """The bound from the attacker's scores; a higher score means the one.

    `apart` is how many deviations the scores of the two should be apart. Two thresholds are tried, and the error is
    shared between them: the best one if that holds, and the middle, in case the noise is not as it should be.
    """
    trials = len(scores_of_one)
    error = (1 - CONFIDENCE) / 2
    thresholds = apart * np.linspace(-3, 3, 121) + apart**2 / 2
    expected = zip(
        trials * norm.sf(thresholds, apart**2 / 2, apart),
        trials * norm.sf(thresholds, -(apart**2) / 2, apart),
        strict=True,
    )
    best = int(np.argmax([refuted(round(right), round(wrong), trials, delta, error) for right, wrong in expected]))
    found = []
    for threshold in (float(thresholds[best]), 0.0):
        right, wrong = (int((scores >= threshold).sum()) for scores in (scores_of_one, scores_of_other))
        found.append(Bound(refuted(right, wrong, trials, delta, error), right, wrong, trials))
    return max(found, key=lambda one: one.epsilon)


def scores(
    one: Sequence[Seen], other: Sequence[Seen], trials: int, draw: Draw = discrete_gaussian
) -> tuple[Floats, Floats, float]:
    """The likelihood ratio over the releases of a year, for each trial of (the one company, the other), and `apart`."""
    found = np.zeros((2, trials))
    squared = 0.0
    for mine, theirs in zip(one, other, strict=True):
        for table, twin in zip(mine.tables, theirs.tables, strict=True):
            differs = table.true != twin.true
            counts = np.stack([table.true[differs], twin.true[differs]])
            apart = counts[0] - counts[1]
            squared += float(apart @ apart) / table.deviation**2
            for side in range(2):
                asked = np.tile(counts[side], trials).astype(np.int64).tolist()
                drawn = np.array(draw(asked, table.deviation), dtype=np.float64).reshape(trials, -1)
                found[side] += (drawn - counts.mean(axis=0)) @ apart / table.deviation**2
    return found[0], found[1], float(np.sqrt(squared))
