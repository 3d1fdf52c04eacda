"""Dates that people give us."""

from __future__ import annotations

from datetime import date

import clock
from errors import NotValid


class DateNotInFuture(NotValid):
    """The date is today or has passed. Nothing was changed."""


def require_future(day: date, field: str, why: str, kept: str) -> None:
    """Raises DateNotInFuture. `why` ends the sentence about the field; `kept` says that nothing was done."""
    if day <= clock.today():
        raise DateNotInFuture(kept, field, f"must be a future date: {why}")
