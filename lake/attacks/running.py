"""The attacks as they are run: on one made-up company of a real one's shape at each publication, on hundreds by the
command.

Each result is one attack on one design. The words say what was tried and what came of it; they are published with the
release, and are about made-up people only.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import numpy as np

from lake.attacks import membership, ours, structure
from lake.attacks.companies import company_of_shape, random_company
from lake.attacks.suite import NAIVE, OURS, VIEWS, Suite, Tally
from lake.releases import accounting
from lake.releases.noise import Draw, discrete_gaussian
from lake.releases.results import AttackResult

LIVES = 2
"""Made-up companies of the real shape at each publication."""
TRIALS = 4000
NEIGHBOURS = 60

TRIED = {
    "row_space": "Every combination of published numbers was searched for one that is about one person.",
    "bounds": "For every person, all answers that agree with what is published were sought.",
    "homogeneous": "Groups in which everybody gives the same answer were attacked.",
    "colluders_0": "A manager took their own answers off what they see.",
    "colluders_1": "A manager and one other took their own answers off what they see.",
    "colluders_2": "A manager and two others took their own answers off what they see.",
    "joins": "What was told before and after people joined was compared.",
    "leavers": "What was told before and after people left was compared.",
    "transfers": "What was told before and after people changed teams was compared.",
    "erasures": "What was told before and after people had everything erased was compared.",
    "informed": "An attacker knew the answers of everybody else in all periods, and guessed one person's.",
    "replay": f"Every page was looked at {VIEWS:,} times and averaged.",
    "structure": "Releases were made again of other facts with the same noisy counts: does anything else change?",
    "membership": "Two companies that differ in one person were told apart, from a year's releases.",
}  # fmt: skip

BREAKS_EVERYWHERE = {"row_space", "colluders_0", "colluders_1", "colluders_2", "homogeneous", "replay", "membership"}


def run(
    forest: Mapping[UUID, UUID | None],
    applications: Sequence[str],
    cost: float,
    yearly: float = accounting.EPSILON,
    draw: Draw = discrete_gaussian,
) -> list[AttackResult]:
    """Attack made-up companies that begin with the teams of a real one. `forest`: each person's manager.

    `cost` of one release in rho, `yearly` the epsilon of all releases of a year. Takes seconds, at 5,000 people too.
    """
    rng = np.random.default_rng(secrets.randbits(128))
    suite = Suite(rng, cost, applications, draw)
    for _ in range(LIVES):
        suite.attack(company_of_shape(rng, forest, suite.questions, max(2, _a_year(cost, yearly))))
    return results(suite, yearly, TRIALS)


def run_companies(
    count: int,
    seed: int,
    releases_a_year: int = 2,
    trials: int = 5 * TRIALS,
    done: Callable[[], None] = lambda: None,
    draw: Draw = discrete_gaussian,
) -> list[AttackResult]:
    """Attack random companies; the same seed gives the same companies, the noise is always new."""
    rng = np.random.default_rng(seed)
    suite = Suite(rng, accounting.rho_of() / releases_a_year, ours.APPLICATIONS, draw)
    for _ in range(count):
        suite.attack(random_company(rng, suite.questions, releases_a_year))
        done()
    return results(suite, accounting.EPSILON, trials)


def results(suite: Suite, yearly: float, trials: int) -> list[AttackResult]:
    """What all attacks came to, those on our design first."""
    found = [
        AttackResult(
            attack,
            design,
            tally.companies,
            tally.broken,
            tally.people,
            f"{TRIED[attack]} {_outcome(suite, attack, design, tally)}",
        )
        for (attack, design), tally in suite.tallies.items()
        if tally.companies
    ]
    found += _membership(suite, yearly, trials)
    order = list(TRIED)
    return sorted(found, key=lambda one: (one.design != OURS, order.index(one.attack)))


def as_expected(result: AttackResult) -> bool:
    """Ours gives nobody away; the naive design does in every company, or the attacks show nothing.

    Whether a leaver, say, can be told from who else came and went differs, so not every attack breaks every company.
    """
    if result.design == NAIVE:
        return result.broken == result.companies or result.attack not in BREAKS_EVERYWHERE
    return result.people == 0 and (result.epsilon_found or 0.0) <= (result.epsilon_claimed or 0.0)


def _outcome(suite: Suite, attack: str, design: str, tally: Tally) -> str:
    told = f"Of {tally.attacked:,} people {tally.people:,} were found out."
    if design == OURS and attack in ("row_space", "colluders_2") and suite.smallest_atom:
        told += f" The smallest group that can be computed has {suite.smallest_atom} people."
    if attack == "structure":
        told = f"Of {tally.companies:,} releases {tally.broken:,} changed in anything else."
        told += f" One person moved a release by rho {suite.dearest:.5f} at most; {suite.cost:.5f} is paid for."
    if tally.right:
        told += (
            f" A guess was right in {tally.right / tally.attacked:.1%} of cases; without any release in half of them."
        )
    return told


def _membership(suite: Suite, yearly: float, trials: int) -> list[AttackResult]:
    """Both designs. The year has as many releases as it can pay for."""
    rng, cost = suite.rng, suite.cost
    period = random_company(rng, suite.questions, size=NEIGHBOURS).periods[0]
    one = ours.seen(period, cost, suite.applications, suite.draw)
    other = structure.with_facts(
        one, structure.with_one_replaced(rng, period, suite.questions), cost, suite.applications
    )
    year = _a_year(cost, yearly)
    scores = membership.scores([one] * year, [other] * year, trials, suite.draw)
    bound = membership.bound(*scores, accounting.DELTA)
    exact = membership.refuted(trials, 0, trials, accounting.DELTA)
    claimed = accounting.epsilon(year * cost)
    tried = TRIED["membership"]
    return [
        AttackResult(
            "membership",
            OURS,
            1,
            int(bound.epsilon > claimed),
            int(bound.epsilon > claimed),
            f"{tried} In {bound.trials:,} trials of each they said it was the one {bound.right:,} times when it was,"
            f" {bound.wrong:,} times when it was the other. So epsilon is at least {bound.epsilon:.2f} with 95 %"
            f" confidence; {claimed:.2f} is claimed.",
            claimed,
            bound.epsilon,
        ),
        AttackResult("membership", NAIVE, 1, 1, 1, f"{tried} Exact numbers always tell them apart.", None, exact),
    ]


def _a_year(cost: float, yearly: float) -> int:
    """How many releases at that cost a year pays for."""
    return max(1, int(accounting.rho_of(yearly) / cost + 1e-6))
