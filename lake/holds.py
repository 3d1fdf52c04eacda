"""Legal holds: captures that must not be removed for now, whoever asks and whatever the policy says.

A hold names its reason and the exact legal exception, because the person it is about gets to read both,
and a day on which somebody has to look again.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from duckdb import DuckDBPyConnection

from lake.scope import Scope
from lake.statements import statement


def place_hold(
    connection: DuckDBPyConnection,
    subject: UUID,
    scope: Scope,
    *,
    reason: str,
    exception: str,
    placed_at: datetime,
    review_on: date,
) -> UUID:
    """Place a hold on what the scope covers (times naive UTC) and return its key. Write in a transaction."""
    hold = uuid4()
    terms = {"reason": reason, "exception": exception, "placed_at": placed_at, "review_on": review_on}
    connection.execute(statement("place_hold"), {"hold": hold, "subject": subject, **scope.parameters(), **terms})
    return hold
