"""The one clock, so that a test can turn it: call `clock.now()`, never import `now` by name."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """The time now, aware, UTC."""
    return datetime.now(UTC)


def now_utc() -> datetime:
    """The time now as the lake and the databases store it: naive, UTC."""
    return now().replace(tzinfo=None)


def today() -> date:
    """The current UTC day."""
    return now().date()
