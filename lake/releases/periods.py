"""Periods, and from when the next release is possible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from settings import settings

YEAR = timedelta(days=365)


def period_of(day: date) -> str:
    """The period of a day, named by its first month: `2026-07`."""
    months = settings().release_months
    return f"{day.year}-{(day.month - 1) // months * months + 1:02d}"


def next_from(period: str, charged: Sequence[datetime]) -> date:
    """The first day on which a release after that of `period` is possible. `charged`: when releases were published
    that have spent a whole year's budget."""
    first = date.fromisoformat(f"{period}-01")
    months = first.year * 12 + first.month - 1 + settings().release_months
    beginning = date(months // 12, months % 12 + 1, 1)
    return max([beginning, *((at + YEAR).date() + timedelta(days=1) for at in charged)])
