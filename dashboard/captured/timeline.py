"""Chooses the bins of a timeline: minutes, hours, days, weeks or months, depending on its length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from dashboard.moments import UTC_ZONE, Zone
from lake.rules.scope import Scope
from queries import Own

MINUTES_UP_TO = timedelta(hours=6)
HOURS_UP_TO = timedelta(days=21)
DAYS_UP_TO = timedelta(days=400)
WEEKS_UP_TO = timedelta(days=1200)


@dataclass(frozen=True)
class Timeline:
    """`bins`: [start: datetime64, end: datetime64, signal, events] in the wall time of `zone`."""

    bins: pd.DataFrame
    zone: Zone


def timeline_of(own: Own, days: pd.DataFrame, scope: Scope, zone: Zone) -> Timeline:
    """The timeline of a scope. `days`: the result of `own.captures_per_day`.

    A long timeline without a time restriction is drawn from `days`, in UTC days, without reading captures."""
    held = _within(days, scope)
    if scope.from_at is None and len(held) and held["day"].max() - held["day"].min() > HOURS_UP_TO:
        return Timeline(_long_bins(held.rename(columns={"day": "start"})), UTC_ZONE)
    hours = own.captures_per_hour(scope)
    span = hours["hour"].max() - hours["hour"].min() + timedelta(hours=1) if len(hours) else timedelta(0)
    short = span <= MINUTES_UP_TO
    parts = own.captures_per_minute(scope) if short else hours
    parts = parts.rename(columns={"minute": "start", "hour": "start"})
    parts["start"] = zone.local_series(parts["start"])
    if span > HOURS_UP_TO:
        return Timeline(_long_bins(parts), zone)
    return Timeline(_bins(parts, timedelta(minutes=1) if short else timedelta(hours=1)), zone)


def _within(days: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The rows of `days` with the scope's signals and applications."""
    kept = pd.Series(True, index=days.index)
    if scope.signals is not None:
        kept &= days["signal"].isin(scope.signals)
    if scope.applications is not None:
        kept &= days["application"].isin(scope.applications)
    return days[kept]


def _long_bins(parts: pd.DataFrame) -> pd.DataFrame:
    """Bins of days, weeks or months, so that each is wide enough to see."""
    days = parts.assign(start=parts["start"].dt.normalize())
    span = days["start"].max() - days["start"].min()
    if span <= DAYS_UP_TO:
        return _bins(days, timedelta(days=1))
    if span <= WEEKS_UP_TO:
        monday = days["start"] - pd.to_timedelta(days["start"].dt.day_of_week, unit="D")
        return _bins(days.assign(start=monday), timedelta(days=7))
    first = days["start"] - pd.to_timedelta(days["start"].dt.day - 1, unit="D")
    return _bins(days.assign(start=first), pd.DateOffset(months=1))


def _bins(parts: pd.DataFrame, size: timedelta | pd.DateOffset) -> pd.DataFrame:
    bins = parts.groupby(["start", "signal"])["events"].sum().reset_index()
    return bins.assign(end=bins["start"] + size)[["start", "end", "signal", "events"]]
