"""What was refused at ingestion: of which application and kind, on which day, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.condensing import ERASED_DAY
from lake.rules.refusing import Reason
from queries.loader import ask
from queries.records import Opener


@dataclass(frozen=True)
class Refused:
    """Records of one day, application, kind and reason. `day` is of UTC; None: not known, or erased."""

    day: date | None
    application: str | None
    """None: not known, or no key opens it any more."""
    what: str | None
    """What a connector always leaves out, such as private browsing; else None."""
    signal: str | None
    reason: Reason
    records: int


@dataclass(frozen=True)
class SealedRefused:
    """The same as the lake has it: no name can be read."""

    rows: list[tuple[Any, ...]]

    def opened(self, subject: Subject) -> list[Refused]:
        """With the names, decrypted with the person's key; the newest day first."""
        if not self.rows:
            return []
        opener = Opener(subject)
        found = []
        for day, signal, reason, name, sealed, records in self.rows:
            content, _ = opener.open(name, sealed) if name else (None, False)
            said = content or {}
            known = None if day == ERASED_DAY else day
            kind = signal if known and signal else None
            found.append(Refused(known, said.get("application"), said.get("what"), kind, Reason(reason), records))
        return found


def sealed(cursor: DuckDBPyConnection, subject: Subject) -> SealedRefused:
    return SealedRefused(ask(cursor, subject, "refused").fetchall())


def summed(refused: list[Refused]) -> list[Refused]:
    """Over days and kinds, the most records first."""
    totals: dict[tuple[str | None, str | None, Reason], int] = {}
    for each in refused:
        key = each.application, each.what, each.reason
        totals[key] = totals.get(key, 0) + each.records
    listed = [Refused(None, name, what, None, reason, records) for (name, what, reason), records in totals.items()]
    return sorted(listed, key=lambda each: -each.records)
