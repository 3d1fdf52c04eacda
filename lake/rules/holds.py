"""Legal holds: captures that must not be removed for now, whoever asks and whatever the policy says.

A hold names a case by its reference, the exact legal exception, and a day on which somebody has to look again. The
person it is about reads all three, and what the exception means in words; there is no free text, because a hold is
kept in the catalog in clear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from duckdb import DuckDBPyConnection

from lake.rules.scope import Scope
from lake.statements import statement

CASE = r"^[A-Z0-9][A-Z0-9./-]{1,39}$"
"""What a reference to a case looks like: `HR-2026/17`."""


class LegalException(StrEnum):
    """What the law allows to be kept although its owner wants it gone. Its `words` follow "because"."""

    GDPR_17_3_B = "gdpr_17_3_b"
    GDPR_17_3_D = "gdpr_17_3_d"
    GDPR_17_3_E = "gdpr_17_3_e"
    CCPA_1798_105_D_2 = "ccpa_1798_105_d_2"
    CCPA_1798_105_D_8 = "ccpa_1798_105_d_8"
    CCPA_1798_145_A = "ccpa_1798_145_a"

    @property
    def article(self) -> str:
        return _ARTICLES[self][0]

    @property
    def words(self) -> str:
        return _ARTICLES[self][1]


_ARTICLES = {
    LegalException.GDPR_17_3_B: ("GDPR 17(3)(b)", "a law obliges your employer to keep this"),
    LegalException.GDPR_17_3_D: (
        "GDPR 17(3)(d)",
        "this is kept for archiving in the public interest, research or statistics that would suffer without it",
    ),
    LegalException.GDPR_17_3_E: (
        "GDPR 17(3)(e)",
        "this is needed to establish, exercise or defend legal claims",
    ),
    LegalException.CCPA_1798_105_D_2: (
        "CCPA 1798.105(d)(2)",
        "this is needed to look into a security incident or unlawful acts",
    ),
    LegalException.CCPA_1798_105_D_8: ("CCPA 1798.105(d)(8)", "a law obliges your employer to keep this"),
    LegalException.CCPA_1798_145_A: ("CCPA 1798.145(a)", "this is needed to exercise or defend legal claims"),
}


@dataclass(frozen=True)
class Hold:
    """One hold, in force or lifted. Times are naive UTC."""

    hold: UUID
    subject: UUID
    case: str
    exception: LegalException
    scope: Scope
    placed_at: datetime
    review_on: date
    lifted_at: datetime | None
    events: int
    """Captures that it keeps now."""


def place_hold(
    connection: DuckDBPyConnection,
    subject: UUID,
    scope: Scope,
    *,
    case: str,
    exception: LegalException,
    placed_at: datetime,
    review_on: date,
    hold: UUID | None = None,
) -> UUID:
    """Place a hold on what the scope covers (times naive UTC) and return its key; with a key of yours, a second call
    changes nothing. Write in a transaction. Raises ValueError for a case that isn't a reference."""
    if not re.fullmatch(CASE, case):
        raise ValueError("A case is named by its reference: 2 to 40 capital letters, digits, and . / -")
    hold = hold or uuid4()
    terms = {"case": case, "exception": exception.value, "placed_at": placed_at, "review_on": review_on}
    connection.execute(statement("place_hold"), {"hold": hold, "subject": subject, **scope.parameters(), **terms})
    return hold


def lift_hold(connection: DuckDBPyConnection, hold: UUID, lifted_at: datetime) -> None:
    """What it held may go again; lifting twice changes nothing. Write in a transaction."""
    connection.execute(statement("lift_hold"), {"hold": hold, "lifted_at": lifted_at})


def all_holds(connection: DuckDBPyConnection) -> list[Hold]:
    """Every hold on anybody, the newest first, lifted ones included. Works on a reader."""
    found = []
    for row in connection.execute(statement("all_holds")).fetchall():
        hold, subject, case, exception, signals, applications, from_at, until_at = row[:8]
        placed_at, review_on, lifted_at, events, cut = row[8:]
        scope = Scope(
            None if signals is None else tuple(signals),
            None if applications is None else tuple(applications),
            from_at,
            until_at,
        )
        if cut:
            parameters = {"subject": subject, **scope.parameters()}
            [(events,)] = connection.execute(statement("count_held"), parameters).fetchall()
        law = LegalException(exception)
        found.append(Hold(hold, subject, case, law, scope, placed_at, review_on, lifted_at, events))
    return found
