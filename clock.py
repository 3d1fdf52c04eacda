"""The one clock, so that tests can set it: call `clock.now()`, never import `now` by name.

`timekeeping` decides whether it can be trusted for irreversible actions.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import overload


def now() -> datetime:
    """The time now, aware, UTC."""
    return datetime.now(UTC)


def now_utc() -> datetime:
    """The time now as the lake and the databases store it: naive, UTC."""
    return naive(now())


@overload
def naive(moment: datetime) -> datetime: ...
@overload
def naive(moment: datetime | None) -> datetime | None: ...
def naive(moment: datetime | None) -> datetime | None:
    """The same moment as the lake and the databases store it: naive, UTC. A naive one is in UTC already."""
    if moment is None or moment.tzinfo is None:
        return moment
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).replace(tzinfo=None)


def today() -> date:
    """The current UTC day."""
    return now().date()


def uptime() -> float:
    """Seconds since the machine started, including sleep; not affected by changes to the clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
