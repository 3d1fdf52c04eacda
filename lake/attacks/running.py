"""Runs the attacks: on one made-up company of the real shape before each publication, on hundreds by the command.

Each result is one attack on one design. The words say what was tried and the result; they are published with the
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
from languages import mark

LIVES = 2
"""The number of made-up companies of the real shape for each publication."""
FEWEST = 2
"""Releases of a company: fewer have no before and after."""
TRIALS = 4000
NEIGHBOURS = 60

APART = mark("Exact numbers always tell them apart.")
TRIED = {
    "row_space": mark("We searched all combinations of published numbers for one about a single person."),
    "bounds": mark("For every person, we computed all answers that agree with the published numbers."),
    "homogeneous": mark("We attacked groups in which everyone gives the same answer."),
    "colluders_0": mark("A manager subtracted their own answers from the numbers they see."),
    "colluders_1": mark("A manager and one other subtracted their own answers from the numbers they see."),
    "colluders_2": mark("A manager and two others subtracted their own answers from the numbers they see."),
    "joins": mark("We compared the numbers before and after people joined."),
    "leavers": mark("We compared the numbers before and after people left."),
    "transfers": mark("We compared the numbers before and after people changed teams."),
    "erasures": mark("We compared the numbers before and after people had everything erased."),
    "informed": mark("An attacker knew everyone else's answers in all periods, and guessed one person's."),
    "replay": f"We viewed every page {VIEWS:,} times and averaged.",
    "structure": mark("We remade releases from other facts with the same noisy counts: does anything else change?"),
    "membership": mark("We tried to tell two companies apart that differ in one person, from a year's releases."),
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
    suite = Suite(rng, cost, applications, draw, _a_year(cost, yearly))
    for _ in range(LIVES):
        suite.attack(company_of_shape(rng, forest, suite.questions, max(FEWEST, suite.a_year)))
    return results(suite, TRIALS)


def run_companies(
    count: int,
    seed: int,
    releases_a_year: int = 1,
    trials: int = 5 * TRIALS,
    done: Callable[[], None] = lambda: None,
    draw: Draw = discrete_gaussian,
) -> list[AttackResult]:
    """Attack random companies; the same seed gives the same companies, the noise is always new."""
    rng = np.random.default_rng(seed)
    suite = Suite(rng, accounting.rho_of() / releases_a_year, ours.APPLICATIONS, draw, releases_a_year)
    for _ in range(count):
        suite.attack(random_company(rng, suite.questions, max(FEWEST, releases_a_year)))
        done()
    return results(suite, trials)


def results(suite: Suite, trials: int) -> list[AttackResult]:
    """The results of all attacks, those on our design first."""
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
    found += _membership(suite, trials)
    order = list(TRIED)
    return sorted(found, key=lambda one: (one.design != OURS, order.index(one.attack)))


def as_expected(result: AttackResult) -> bool:
    """Ours must identify no one; the naive design must break in every company, or the attacks show nothing.

    A leaver, say, can't always be distinguished from other changes, so not every attack breaks every company.
    """
    if result.design == NAIVE:
        return result.broken == result.companies or result.attack not in BREAKS_EVERYWHERE
    return result.people == 0 and (result.epsilon_found or 0.0) <= (result.epsilon_claimed or 0.0)


def _outcome(suite: Suite, attack: str, design: str, tally: Tally) -> str:
    words = f"Of {tally.attacked:,} people, {tally.people:,} were identified."
    if design == OURS and attack in ("row_space", "colluders_2") and suite.smallest_atom:
        words += f" The smallest group that can be computed has {suite.smallest_atom} people."
    if attack == "structure":
        words = f"Of {tally.companies:,} releases, {tally.broken:,} changed in anything else."
        words += f" One person changed a release by rho {suite.dearest:.5f} at most; {suite.cost:.5f} is paid for."
    if tally.right:
        share = round(100 * tally.right / tally.attacked)
        words += f" A guess was right in {share} % of cases; without any release, in half of them."
    return words


def _membership(suite: Suite, trials: int) -> list[AttackResult]:
    """Both designs."""
    rng, cost = suite.rng, suite.cost
    period = random_company(rng, suite.questions, size=NEIGHBOURS).periods[0]
    one = ours.seen(period, cost, suite.applications, suite.draw)
    other = structure.with_facts(
        one, structure.with_one_replaced(rng, period, suite.questions), cost, suite.applications
    )
    year = suite.a_year
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
            f"{tried} In {bound.trials:,} trials of each, the guess was the one {bound.right:,} times when it was,"
            f" and {bound.wrong:,} times when it was the other. So epsilon is at least {bound.epsilon:.2f} with 95 %"
            f" confidence; we claim {claimed:.2f}.",
            claimed,
            bound.epsilon,
        ),
        AttackResult("membership", NAIVE, 1, 1, 1, f"{tried} {APART}", None, exact),
    ]


def _a_year(cost: float, yearly: float) -> int:
    """The number of releases at that cost that a year's budget allows."""
    return max(1, int(accounting.rho_of(yearly) / cost + 1e-6))
