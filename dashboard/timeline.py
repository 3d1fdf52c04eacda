"""How finely a timeline is drawn: minutes for a short time, hours for days, days for weeks and more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from dashboard.moments import UTC_ZONE, Zone
from lake.scope import Scope
from queries import Own

MINUTES_UP_TO = timedelta(hours=6)
HOURS_UP_TO = timedelta(days=21)


@dataclass(frozen=True)
class Timeline:
    """`bins`: [start: datetime64, end: datetime64, signal, events] in the wall time of `zone`."""

    bins: pd.DataFrame
    zone: Zone


def timeline_of(own: Own, days: pd.DataFrame, scope: Scope, zone: Zone) -> Timeline:
    """The timeline of a scope. `days`: as of `own.captures_per_day`.

    Weeks without a restriction in time are drawn from it, in UTC days, and no capture is read."""
    held = _within(days, scope)
    if scope.from_at is None and len(held) and held["day"].max() - held["day"].min() > HOURS_UP_TO:
        return Timeline(_bins(held.rename(columns={"day": "start"}), timedelta(days=1)), UTC_ZONE)
    hours = own.captures_per_hour(scope)
    span = hours["hour"].max() - hours["hour"].min() + timedelta(hours=1) if len(hours) else timedelta(0)
    if span <= MINUTES_UP_TO:
        parts, size = own.captures_per_minute(scope).rename(columns={"minute": "start"}), timedelta(minutes=1)
    else:
        parts, size = hours.rename(columns={"hour": "start"}), timedelta(hours=1)
    parts["start"] = zone.local_series(parts["start"])
    if span > HOURS_UP_TO:
        parts["start"], size = parts["start"].dt.normalize(), timedelta(days=1)
    return Timeline(_bins(parts, size), zone)


def _within(days: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The days' rows of the scope's signals and applications."""
    kept = pd.Series(True, index=days.index)
    if scope.signals is not None:
        kept &= days["signal"].isin(scope.signals)
    if scope.applications is not None:
        kept &= days["application"].isin(scope.applications)
    return days[kept]


def _bins(parts: pd.DataFrame, size: timedelta) -> pd.DataFrame:
    bins = parts.groupby(["start", "signal"])["events"].sum().reset_index()
    return bins.assign(end=bins["start"] + size)[["start", "end", "signal", "events"]]
