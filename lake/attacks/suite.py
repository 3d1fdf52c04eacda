"""All attacks on both designs, company by company, added up.

Both designs get the same companies. A person counts as identified if something about them is certain: with exact
counts because it follows; with ours if a group smaller than an atom can be computed from published areas, if bounds
leave one answer, if something other than noise depends on facts, or if the informed attacker's odds are above 99 to 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lake.attacks import bounds, informed, naive, ours, row_space, structure
from lake.attacks.companies import Company
from lake.attacks.informed import Guesses
from lake.attacks.one_thread import one_thread
from lake.attacks.published import Published
from lake.releases.hierarchy import LEAST_PEOPLE_PER_ATOM
from lake.releases.noise import Draw, discrete_gaussian

OURS, NAIVE = "ours", "naive"
COLLUDERS = (0, 1, 2)
VIEWS = 1000
LARGEST_MADE_AGAIN = 500
"""In larger companies the release is not remade from other facts: the code is the same, and slower."""


@dataclass
class Tally:
    """One attack on one design."""

    companies: int = 0
    broken: int = 0
    people: int = 0
    attacked: int = 0
    right: float = 0
    """The number of attacked people who would be guessed right."""

    def add(self, people: int, attacked: int, right: float = 0) -> None:
        """Add the result of one company, if anyone in it could be attacked."""
        if attacked:
            self.companies += 1
            self.broken += people > 0
            self.people += people
            self.attacked += attacked
            self.right += right


class Suite:
    """Attacks companies one after another. `cost`: of one of our releases, in rho; `a_year`: how many there are in a
    year."""

    def __init__(
        self,
        rng: np.random.Generator,
        cost: float,
        applications: Sequence[str],
        draw: Draw = discrete_gaussian,
        a_year: int = 1,
    ) -> None:
        self.a_year = a_year
        self.rng, self.cost, self.applications, self.draw = rng, cost, sorted(applications), draw
        self.questions = ours.questions(self.applications)
        self.tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
        self.smallest_atom: int | None = None
        self.dearest = 0.0
        """The most that replacing one person changed a release, in rho."""

    def attack(self, company: Company) -> None:
        """Both designs."""
        with one_thread():
            self._attack_naive(company)
            self._attack_ours(company)

    def _attack_naive(self, company: Company) -> None:
        first = company.periods[0]
        alone: set[int] = set()
        late: set[int] = set()
        bounded: set[int] = set()
        identified: dict[int, set[int]] = {colluders: set() for colluders in COLLUDERS}
        for period, view in naive.views(company):
            groups = row_space.determined(view)
            for colluders in COLLUDERS:
                identified[colluders].update(
                    p for group in groups if len(group.people) <= colluders + 1 for p in group.people
                )
            found = {group.people[0] for group in groups if len(group.people) == 1}
            alone |= found
            if period is not first:
                late |= found
                continue
            bounded |= set(bounds.pinned(view, 0)) - found
        everybody = len(np.union1d(first.people, company.periods[1].people))
        self.tallies["row_space", NAIVE].add(len(alone), everybody)
        self.tallies["bounds", NAIVE].add(len(bounded), len(first.people))
        for colluders in COLLUDERS:
            self.tallies[f"colluders_{colluders}", NAIVE].add(len(identified[colluders]), everybody)
        for how, people in informed.movers(company).items():
            self.tallies[how, NAIVE].add(len((late if how == "joins" else alone) & set(people.tolist())), len(people))

    def _attack_ours(self, company: Company) -> None:
        releases = ours.year(company, self.cost, self.applications, self.draw)
        guesses = self._guesses(company, releases)
        everybody = len(guesses.people)
        small: dict[int, set[int]] = {colluders: set() for colluders in COLLUDERS}
        pinned: set[int] = set()
        for release in releases:
            if not release.tables:
                continue
            areas = Published(
                release.period.people, release.groups, np.zeros((len(release.groups), 1)), np.ones((1, 1))
            )
            groups = row_space.determined(areas)
            self.smallest_atom = min(self.smallest_atom or everybody, *(len(group.people) for group in groups))
            for colluders in COLLUDERS:
                few = LEAST_PEOPLE_PER_ATOM - COLLUDERS[-1] + colluders  # the manager and all colluders are known
                small[colluders].update(p for group in groups if len(group.people) < few for p in group.people)
            pinned |= set(bounds.pinned(release.published, 0))
        self.tallies["row_space", OURS].add(len(small[2]), everybody)
        self.tallies["bounds", OURS].add(len(pinned), everybody)
        for colluders in COLLUDERS:
            self.tallies[f"colluders_{colluders}", OURS].add(len(small[colluders]), everybody)
        self._add("informed", guesses)
        self._replay(company, releases, guesses)
        for how, people in informed.movers(company).items():
            self._add(how, guesses.of(people))
        if everybody <= LARGEST_MADE_AGAIN:
            self._make_again(releases)
            self._attack_everybody_alike(company)

    def _guesses(self, company: Company, releases: Sequence[ours.Seen]) -> Guesses:
        return informed.guesses(self.rng, company, releases, self.applications, self.questions, self.a_year)

    def _add(self, attack: str, guesses: Guesses) -> None:
        self.tallies[attack, OURS].add(guesses.found, len(guesses.people), guesses.right)

    def _replay(self, company: Company, releases: Sequence[ours.Seen], once: Guesses) -> None:
        """1,000 views: of what is stored, and of a design with new noise for each, where noise averages out."""
        averaged = self._guesses(company, [informed.averaged(self.rng, release, VIEWS) for release in releases])
        looked_at = len(once.people) if any(release.tables for release in releases) else 0
        self.tallies["replay", NAIVE].add(averaged.found, looked_at, averaged.right)
        drawn_again = sum(release.draws - len(release.tables) for release in releases)
        self.tallies["replay", OURS].add(once.found + drawn_again, looked_at, once.right)

    def _attack_everybody_alike(self, company: Company) -> None:
        """A company in which everyone does the same: a number that is none or all reveals what each person did."""
        alike = informed.everybody_alike(self.rng, company.periods[0], self.questions)
        self._add("homogeneous", self._guesses(alike, ours.year(alike, self.cost, self.applications, self.draw)))
        given_away: set[int] = set()
        for period, view in naive.views(Company(alike.periods * 2, alike.erased)):
            given_away.update(_in_groups_of_one_answer(view) if period is alike.periods[0] else ())
        self.tallies["homogeneous", NAIVE].add(len(given_away), len(alike.periods[0].people))

    def _make_again(self, releases: Sequence[ours.Seen]) -> None:
        for release in releases:
            differing = 0
            for others in (structure.with_one_replaced, structure.with_all_replaced):
                facts = others(self.rng, release.period, self.questions)
                same, moved = structure.made_again(release, facts, self.cost, self.applications)
                differing += not same
                if others is structure.with_one_replaced:
                    self.dearest = max(self.dearest, moved)
                    differing += moved > release.release.rho * (1 + 1e-9)
            self.tallies["structure", OURS].add(differing, len(release.period.people))


def _in_groups_of_one_answer(view: Published) -> set[int]:
    """Everyone in a published group whose members all gave the same answer."""
    sizes = view.groups.sum(axis=1)[:, None]
    same = ((view.values == sizes) & (sizes > 0)).any(axis=1)
    return set(view.people[view.groups[same].any(axis=0)].tolist())
