"""Counts that reconcile: for each category of records, catalogued = exported + redacted + withheld.

catalogued   how many records exist according to the catalogue: the lake's daily totals and a count of
             each table, independent of what was written
exported     written in full, exactly as stored
redacted     written with text left out: it is someone else's, or no key can open it
withheld     not written: the person asked to have them erased, and a legal hold still keeps them or they are
             about to be deleted

Every record is in exactly one of the last three; the rows of a file are exported + redacted. What was masked before
storage is stored nowhere, so a capture with masked text is `exported`: it is complete as stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

WORDS = {
    "catalogued": "Existing records, counted in the catalogue and not from what was written.",
    "exported": "Written in full, exactly as stored.",
    "redacted": "Written with text left out, because it is someone else's or no key can open it.",
    "withheld": "Not written: you asked to have them erased. A legal hold keeps them, or they are about to be deleted.",
}


class ExportDoesNotAddUp(Exception):
    """What was written doesn't match the catalogue; no export was made. The message contains counts only."""


@dataclass(frozen=True)
class Count:
    """One category, counted independently on both sides."""

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
    """The counts by category, if all of them add up. Raises ExportDoesNotAddUp."""
    by_category = {}
    for count in counts:
        count.check()
        by_category[count.category] = count
    return by_category
