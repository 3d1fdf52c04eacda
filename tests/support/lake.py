"""What tests put into a real lake, the way the product does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import clock
from directory import Employee
from lake import holds
from lake.connection import transaction, writer
from lake.holds import LegalException
from lake.scope import Scope


def hold(
    employee: Employee,
    applications: Sequence[str] | None = None,
    *,
    signals: Sequence[str] | None = None,
    exception: LegalException = LegalException.GDPR_17_3_B,
) -> UUID:
    """Place a legal hold for the case TAX-7, to be reviewed on 31 January 2027."""
    scope = Scope(tuple(signals) if signals else None, tuple(applications) if applications else None)
    with writer() as connection, transaction(connection):
        return holds.place_hold(
            connection,
            employee.subject,
            scope,
            case="TAX-7",
            exception=exception,
            placed_at=clock.now_utc(),
            review_on=date(2027, 1, 31),
        )
