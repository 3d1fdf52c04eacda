"""Times on screen. The lake's times are UTC; a person sees their browser's time zone, or UTC if it is unknown.

Days and hours of captures are those of that zone, too (`queries.slices`). Days of rules are UTC days: when something is
deleted, and what a dataset has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

import clock
from queries.zones import local_times


@dataclass(frozen=True)
class Zone:
    """The time zone in which times are shown."""

    info: ZoneInfo

    @property
    def label(self) -> str:
        """The label for a time: "UTC" or "Europe/Berlin time"."""
        return "UTC" if self.info.key == "UTC" else f"{self.info.key} time"

    def local(self, moment: datetime) -> datetime:
        """A UTC time (naive or aware) as naive local time."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(self.info).replace(tzinfo=None)

    def utc(self, moment: datetime) -> datetime:
        """A naive local time as naive UTC."""
        return clock.naive(moment.replace(tzinfo=self.info))

    def local_series(self, moments: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
        """Naive UTC times as naive local times."""
        return local_times(moments, self.info)


UTC_ZONE = Zone(ZoneInfo("UTC"))


def here() -> Zone:
    """The visitor's browser time zone, or UTC if it is unknown."""
    return Zone(_zone_info(st.context.timezone or "UTC"))


def day_words(day: date) -> str:
    """`3 May 2026`."""
    return f"{day.day} {day:%B %Y}"


def moment_words(moment: datetime, zone: Zone) -> str:
    """`3 May 2026, 14:05` in that zone; the caller adds the label."""
    local = zone.local(moment)
    return f"{day_words(local.date())}, {local:%H:%M}"


def days_away(day: date, zone: str = "UTC") -> str:
    """`today`, `tomorrow`, `in 12 days`, `in about 5 months`, `3 days ago`; `zone`: whose days these are, if known."""
    days = (day - Zone(_zone_info(zone)).local(clock.now()).date()).days
    if days == 0:
        return "today"
    if abs(days) == 1:
        return "tomorrow" if days > 0 else "yesterday"
    size, unit = next((size, unit) for least, size, unit in _SPANS if abs(days) >= least)
    words = f"{'about ' if size > 1 else ''}{round(abs(days) / size)} {unit}"
    return f"in {words}" if days > 0 else f"{words} ago"


_SPANS = ((730, 365, "years"), (90, 30, "months"), (0, 1, "days"))
"""(least days, days per unit, unit)."""


def _zone_info(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return UTC_ZONE.info


def duration_words(duration: timedelta) -> str:
    """`45 seconds`, `2 minutes`, `3 hours`, `12 days`: the largest unit, rounded down."""
    seconds = int(duration.total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a second"
