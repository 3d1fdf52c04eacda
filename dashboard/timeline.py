"""How finely a timeline is drawn: minutes for a short time, hours for days, days for weeks and more."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from dashboard.moments import Zone
from lake.scope import Scope
from queries import Own

MINUTES_UP_TO = timedelta(hours=6)
HOURS_UP_TO = timedelta(days=21)


def timeline_bins(own: Own, scope: Scope, zone: Zone) -> pd.DataFrame:
    """[start, end, signal, events] in local time; the size of a bin follows the time that the captures span."""
    hours = own.captures_per_hour(scope)
    if hours.empty:
        return pd.DataFrame({"start": [], "end": [], "signal": [], "events": []})
    span = hours["hour"].max() - hours["hour"].min() + timedelta(hours=1)
    if span <= MINUTES_UP_TO:
        bins, size = own.captures_per_minute(scope).rename(columns={"minute": "start"}), timedelta(minutes=1)
    else:
        bins, size = hours.rename(columns={"hour": "start"}), timedelta(hours=1)
    bins["start"] = zone.local_series(bins["start"])
    if span > HOURS_UP_TO:
        bins["start"], size = bins["start"].dt.normalize(), timedelta(days=1)
    bins = bins.groupby(["start", "signal"])["events"].sum().reset_index()
    bins["end"] = bins["start"] + size
    return bins[["start", "end", "signal", "events"]]
