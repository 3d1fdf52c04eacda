"""Refuses a synchronisation that changes more people than one file normally does, until someone confirms the count."""

from __future__ import annotations

from dataclasses import dataclass

from directory.synchronising import Extent
from errors import OpenBookError

MOST = 10
"""Per cent of the people who work here."""


class TooManyChanges(OpenBookError, ValueError):
    """The file changes more people than is usual, or than was confirmed. Nothing was changed."""


@dataclass(frozen=True)
class Confirmed:
    """The counts that the caller has checked; None: not checked, so that only usual counts pass."""

    left: int | None = None
    other_subs: int | None = None

    def check(self, extent: Extent) -> None:
        """Raises TooManyChanges, which names every count that is not as confirmed."""
        if refused := self.refused(extent):
            raise TooManyChanges("\n".join(["Nothing was changed.", *refused]))

    def refused(self, extent: Extent) -> list[str]:
        """Every count that is not as confirmed, in words."""
        return [
            *_refused("--confirm", self.left, extent.left, extent.people, LEAVING),
            *_refused("--confirm-subs", self.other_subs, extent.other_subs, extent.people, OTHER_SUBS),
        ]


LEAVING = (
    "would be marked as left",
    "A file that was cut off looks like this. Check that it is complete; if all of them have left",
)
OTHER_SUBS = (
    "have another sub in the file than the one they sign in with",
    "A column that was sorted alone, or another identity provider, looks like this. Check the column; if it is right",
)


def _refused(option: str, confirmed: int | None, count: int, people: int, words: tuple[str, str]) -> list[str]:
    what, advice = words
    counted = f"{count:,} of {people:,} people {what}"
    if confirmed is not None:
        if confirmed == count:
            return []
        return [f"{counted}, and {option} says {confirmed:,}. Check the file again with --dry-run."]
    if count * 100 <= people * MOST:
        return []
    return [f"{counted}, which is more than {MOST} %. {advice}, run the same command with {option} {count}."]
