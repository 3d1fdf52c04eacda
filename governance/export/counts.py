"""Counts that reconcile: for each category of records, catalogued = exported + redacted + withheld.

catalogued   how many records there are, as the catalogue counts them: the daily totals of the lake and a count of
             each table, never what was written
exported     written whole, exactly as they are held
redacted     written, with text left out: it is somebody else's, or no key opens it any more
withheld     not written: the person asked to have them erased, and a legal hold still keeps them or they are
             about to go

Every record is in one of the last three and in no other; the rows of a file are exported + redacted. What was
masked before it was stored is held nowhere, so a capture with masked text is `exported`: it is whole as it is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

WORDS = {
    "catalogued": "Records that there are, counted in the catalogue and not from what was written.",
    "exported": "Written whole, exactly as they are held.",
    "redacted": "Written with text left out, because it is somebody else's or no key opens it any more.",
    "withheld": "Not written: you asked to have them erased; a legal hold still keeps them, or they are about to go.",
}


class ExportDoesNotAddUp(Exception):
    """What was written is not what the catalogue lists; no export was made. The message holds counts only."""


@dataclass(frozen=True)
class Count:
    """One category, counted apart on both sides."""

    category: str
    what: str
    """What one record is, in words."""
    catalogued: int
    exported: int
    redacted: int = 0
    withheld: int = 0
    parts: dict[str, Any] = field(default_factory=dict)
    """Further counts: why something was redacted or withheld."""

    def check(self) -> None:
        """Raises ExportDoesNotAddUp."""
        written = self.exported + self.redacted
        if self.catalogued != written + self.withheld:
            raise ExportDoesNotAddUp(
                f"{self.category}: the catalogue lists {self.catalogued}, but {written} were written and "
                f"{self.withheld} withheld. No export was made; the catalogue and the records must be compared."
            )

    def as_json(self) -> dict[str, Any]:
        numbers = {name: getattr(self, name) for name in WORDS}
        return {"record": self.what, **numbers, **self.parts}


def reconciled(counts: Iterable[Count]) -> dict[str, Count]:
    """The counts by category, once all of them add up. Raises ExportDoesNotAddUp."""
    by_category = {}
    for count in counts:
        count.check()
        by_category[count.category] = count
    return by_category
