"""Time zones for the lake, whose times are UTC: how far each zone is from it, and since when.

DuckDB has zones of its own. These are Python's, so that questions and screens never disagree about an hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any

import pandas as pd

import clock

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
STEP = timedelta(days=7)
"""No zone in use changes and changes back within a week."""
EARLIEST = datetime.min  # noqa: DTZ901 (the lake's times are naive UTC)


@cache
def offsets(zone: tzinfo) -> dict[str, Any]:
    """The zone as bound parameters: from when (naive UTC) it is how many seconds ahead of UTC, from 1970 to 2100."""
    from_at, seconds = [EARLIEST], [_seconds(zone, FIRST)]
    moment = FIRST
    while moment < LAST:
        following = moment + STEP
        if (ahead := _seconds(zone, following)) != seconds[-1]:
            from_at.append(clock.naive(_change(zone, moment, following)))
            seconds.append(ahead)
        moment = following
    return {"zone_from": from_at, "zone_seconds": seconds}


def local_times(moments: pd.Series[pd.Timestamp], zone: tzinfo) -> pd.Series[pd.Timestamp]:
    """Naive UTC times as naive local times."""
    return moments.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The first second of the offset of `after`, which `before` doesn't have."""
    ahead = _seconds(zone, after)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _seconds(zone, middle) == ahead:
            after = middle
        else:
            before = middle
    return after


def _seconds(zone: tzinfo, moment: datetime) -> int:
    return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds())
