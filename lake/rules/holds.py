"""Legal holds: captures that must not be removed for now, whoever asks and whatever the policy says.

A hold has a case reference, the exact legal exception, and a review day. The person concerned can read all three, and
what the exception means in words. There is no free text, because holds are kept in the catalog in clear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from duckdb import DuckDBPyConnection

from lake.rules.scope import Scope
from lake.statements import statement
from law.exceptions import LegalException

CASE = r"^[A-Z0-9][A-Z0-9./-]{1,39}$"
"""Format of a case reference: `HR-2026/17`."""


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
    """Place a hold on what the scope covers (times naive UTC) and return its key; with a given key, a second call
    changes nothing. Call it in a transaction. Raises ValueError for an invalid case reference."""
    if not re.fullmatch(CASE, case):
        raise ValueError("A case reference must have 2 to 40 capital letters, digits, and . / -")
    hold = hold or uuid4()
    terms = {"case": case, "exception": exception.value, "placed_at": placed_at, "review_on": review_on}
    connection.execute(statement("place_hold"), {"hold": hold, "subject": subject, **scope.parameters(), **terms})
    return hold


def lift_hold(connection: DuckDBPyConnection, hold: UUID, lifted_at: datetime) -> None:
    """What it held may be deleted again; lifting twice changes nothing. Call it in a transaction."""
    connection.execute(statement("lift_hold"), {"hold": hold, "lifted_at": lifted_at})


def all_holds(connection: DuckDBPyConnection) -> list[Hold]:
    """All holds on all people, newest first, including lifted ones, and nothing about what they keep: a hold of a
    minute would tell whoever places it how busy somebody was. Works on a reader.
    """
    found = []
    for row in connection.execute(statement("all_holds")).fetchall():
        hold, subject, case, exception, signals, applications, from_at, until_at, *times = row
        scope = Scope(
            None if signals is None else tuple(signals),
            None if applications is None else tuple(applications),
            from_at,
            until_at,
        )
        found.append(Hold(hold, subject, case, LegalException(exception), scope, *times))
    return found
