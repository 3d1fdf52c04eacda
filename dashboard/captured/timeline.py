"""Chooses the bins of a timeline: quarters of an hour, hours, days, weeks or months, depending on its length.

All are those of the visitor's time zone, and are counted from the rollup.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from dashboard.moments import Zone
from lake.rules.scope import Scope
from queries import Own, Size

QUARTER_HOURS_UP_TO = timedelta(days=2)
HOURS_UP_TO = timedelta(days=21)
DAYS_UP_TO = timedelta(days=400)
WEEKS_UP_TO = timedelta(days=1200)
ONE_DAY = timedelta(days=1)


def timeline_of(own: Own, days: pd.DataFrame, scope: Scope, zone: Zone) -> pd.DataFrame:
    """[start: datetime64, end: datetime64, signal, events] in the wall time of `zone`: the timeline of a scope.

    `days`: the result of `own.captures_per_day` in that zone."""
    held = _within(days, scope, zone)
    span = held["day"].max() - held["day"].min() + ONE_DAY if len(held) else timedelta(0)
    if span > HOURS_UP_TO:
        timed = scope.from_at is not None or scope.until_at is not None
        parts = own.captures_per(scope, Size.DAY, zone.info) if timed else held.rename(columns={"day": "start"})
        return _long_bins(parts)
    # Of days that are next to each other, a part at each end may be out of the scope.
    size = Size.QUARTER_HOUR if span <= QUARTER_HOURS_UP_TO + ONE_DAY else Size.HOUR
    parts = own.captures_per(scope, size, zone.info)
    if parts["start"].max() - parts["start"].min() < QUARTER_HOURS_UP_TO:
        return _bins(parts, timedelta(minutes=size))
    return _bins(parts.assign(start=parts["start"].dt.floor("h")), timedelta(hours=1))


def _within(days: pd.DataFrame, scope: Scope, zone: Zone) -> pd.DataFrame:
    """The rows of `days` with the scope's signals and applications, and of all days that it touches."""
    kept = pd.Series(True, index=days.index)
    if scope.signals is not None:
        kept &= days["signal"].isin(scope.signals)
    if scope.applications is not None:
        kept &= days["application"].isin(scope.applications)
    if scope.from_at is not None:
        kept &= days["day"] > pd.Timestamp(zone.local(scope.from_at)) - ONE_DAY
    if scope.until_at is not None:
        kept &= days["day"] < pd.Timestamp(zone.local(scope.until_at))
    return days[kept]


def _long_bins(days: pd.DataFrame) -> pd.DataFrame:
    """Bins of days, weeks or months, so that each is wide enough to see."""
    span = days["start"].max() - days["start"].min()
    if span <= DAYS_UP_TO:
        return _bins(days, ONE_DAY)
    if span <= WEEKS_UP_TO:
        monday = days["start"] - pd.to_timedelta(days["start"].dt.day_of_week, unit="D")
        return _bins(days.assign(start=monday), timedelta(days=7))
    first = days["start"] - pd.to_timedelta(days["start"].dt.day - 1, unit="D")
    return _bins(days.assign(start=first), pd.DateOffset(months=1))


def _bins(parts: pd.DataFrame, size: timedelta | pd.DateOffset) -> pd.DataFrame:
    bins = parts.groupby(["start", "signal"])["events"].sum().reset_index()
    return bins.assign(end=bins["start"] + size)[["start", "end", "signal", "events"]]
