"""An attacker who sees five yearly releases: what they can tell is within the total that the page says."""

from __future__ import annotations

from math import log

import numpy as np

from dashboard.releases import wording
from lake.attacks import membership, ours, structure
from lake.attacks.companies import random_company
from lake.attacks.ours import APPLICATIONS, Seen
from lake.releases import accounting

YEARS, TRIALS = 5, 5000
QUESTIONS = ours.questions(APPLICATIONS)
COST = accounting.rho_of()


def five_years(seed: int) -> tuple[list[Seen], list[Seen]]:
    """The releases of a company, by the real mechanism, and of its twin, in which one person does something else in
    every year. Others join, leave and move meanwhile."""
    rng = np.random.default_rng(seed)
    periods = random_company(rng, QUESTIONS, periods=YEARS, size=400).periods
    one = [ours.seen(period, COST, APPLICATIONS) for period in periods]
    other = [
        structure.with_facts(release, structure.with_one_replaced(rng, period, QUESTIONS), COST, APPLICATIONS)
        for release, period in zip(one, periods, strict=True)
    ]
    return one, other


def interval(found: membership.Bound) -> tuple[float, float]:
    """Where the epsilon of this attack is, with 95 % confidence, by Clopper and Pearson for both of its rates."""
    (least_right, most_right), (least_wrong, most_wrong) = (
        membership.clopper_pearson(hits, found.trials, (1 - membership.CONFIDENCE) / 4)
        for hits in (found.right, found.wrong)
    )
    return log((least_right - accounting.DELTA) / most_wrong), log(most_right / max(least_wrong, 1 / found.trials**2))


def test_five_years_tell_no_more_than_the_page_says() -> None:
    one, other = five_years(1)
    years = {}
    for count in (1, YEARS):
        scores = membership.scores(one[:count], other[:count], TRIALS)
        found = membership.bound(*scores, accounting.DELTA)
        low, high = interval(found)
        assert low <= found.epsilon + 1e-9
        assert low < high
        assert found.epsilon <= accounting.over_years(count)
        years[count] = found.epsilon
    assert accounting.over_years(YEARS) <= float(wording.total_words(accounting.EPSILON)) <= 7.5
    assert years[YEARS] > 1.3 * years[1] > 0.5, "the attack adds up what each year tells"
