"""What is counted: a few banded facts per person, and for each table the number of people in each band.

In a table with `one` band a person is in exactly one (how much was captured, how detailed); in the others in any number
of them (which applications). Replacing one person changes the counts of a table of k bands by at most the square root
of two, or of k, in L2: that is its sensitivity. A person without facts, because nothing is held, everything was erased,
or they asked not to have it used, is counted like `NOBODY`: nothing captured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from uuid import UUID

VOLUME = {"none": 0, "under_10k": 10_000, "under_50k": 50_000, "more": None}
"""The number of captures held of a person: band -> the first number above it."""

KINDS = {
    "pointer": ("mouse_move", "mouse_click", "scroll"),
    "typing": ("keystroke", "clipboard", "form_edit", "dropdown"),
    "windows": ("navigation", "window_focus", "afk"),
    "screenshots": ("screenshot",),
    "messages": ("message", "ticket"),
}
DETAIL = {"none": (), "activity": ("pointer", "windows"), "text": ("typing", "messages"), "screens": ("screenshots",)}
"""Band -> the kinds it stands for. A person is in the last one of which anything is held. One band a person costs a
fraction of a count for each kind, and says what matters: is it what they did, what they wrote, or what they saw?"""

KIND_OF = {signal: kind for kind, signals in KINDS.items() for signal in signals}

ANSWERED = ("none", "within_week", "within_deadline", "late")
"""The slowest answer that a person got to a request since the previous release."""


@dataclass(frozen=True)
class Facts:
    """The facts counted for one person."""

    captures: int = 0
    kinds: frozenset[str] = frozenset()
    applications: frozenset[str] = frozenset()
    within_retention: bool = True
    """Nothing is held past its last day."""
    answered: str = "none"

    @property
    def volume(self) -> str:
        if not self.captures:
            return "none"
        return next(band for band, end in VOLUME.items() if end is None or self.captures < end)

    @property
    def detail(self) -> str:
        return next((band for band in reversed(DETAIL) if self.kinds.intersection(DETAIL[band])), "none")


NOBODY = Facts()


@dataclass(frozen=True)
class Table:
    """One question of a release, its bands in display order."""

    name: str
    bands: tuple[str, ...]
    one: bool
    """Each person is in exactly one band, so the counts of an atom add up to its people."""
    company_only: bool = False

    @property
    def moves(self) -> int:
        """The number of counts that change by one, at most, if one person is replaced."""
        return min(2, len(self.bands)) if self.one else len(self.bands)

    @property
    def sensitivity(self) -> float:
        """How far replacing one person changes the counts, in L2."""
        return sqrt(self.moves)

    @property
    def step(self) -> float:
        """The step between possible counts, in people: subtracting a surplus in equal parts makes them fractions."""
        return 1 / len(self.bands) if self.one else 1.0

    @property
    def shrinkage(self) -> float:
        """The factor by which a known sum reduces the noise of a count (`noise`)."""
        return sqrt(1 - 1 / len(self.bands)) if self.one else 1.0


FOUND: Mapping[str, Callable[[Facts], Iterable[str]]] = {
    "volume": lambda facts: (facts.volume,),
    "retention": lambda facts: ("within",) if facts.within_retention else (),
    "detail": lambda facts: (facts.detail,),
    "applications": lambda facts: facts.applications,
    "answers": lambda facts: (facts.answered,),
}
"""The facts that each table counts."""


def tables(applications: Sequence[str], *, answers: bool = True) -> tuple[Table, ...]:
    """The tables of a release. `applications` are those that policies name, never those that were captured. `answers`:
    it is known how requests were answered."""
    found = [
        Table("volume", tuple(VOLUME), one=True),
        Table("retention", ("within",), one=False),
        Table("detail", tuple(DETAIL), one=True),
    ]
    if applications:
        found.append(Table("applications", tuple(sorted(set(applications))), one=False))
    if answers:
        found.append(Table("answers", ANSWERED, one=True, company_only=True))
    return tuple(found)


def counts(table: Table, members: Iterable[UUID], facts: Mapping[UUID, Facts]) -> list[int]:
    """The number of members in each band, in the order of the table's bands."""
    found = Counter(band for member in members for band in FOUND[table.name](facts.get(member, NOBODY)))
    return [found[band] for band in table.bands]
