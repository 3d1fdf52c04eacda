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
from dashboard.language import current, t, tn
from languages import mark_n
from queries.zones import local_times


@dataclass(frozen=True)
class Zone:
    """The time zone in which times are shown."""

    info: ZoneInfo

    @property
    def label(self) -> str:
        """The label for a time: "UTC" or "Europe/Berlin time"."""
        return "UTC" if self.info.key == "UTC" else t("{zone} time", zone=self.info.key)

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
    return current().day(day)


def moment_words(moment: datetime, zone: Zone) -> str:
    """`3 May 2026, 14:05` in that zone; the caller adds the label."""
    return local_words(zone.local(moment))


def local_words(local: datetime) -> str:
    """The same for a time that is already local."""
    return t("{day}, {time}", day=local.date(), time=f"{local:%H:%M}")


def days_away(day: date, zone: str = "") -> str:
    """`today`, `tomorrow`, `in 12 days`, `in about 5 months`, `3 days ago`; `zone`: whose today is
    meant, the visitor's if empty."""
    today = Zone(_zone_info(zone)) if zone else here()
    days = (day - today.local(clock.now()).date()).days
    if days == 0:
        return t("today")
    if abs(days) == 1:
        return t("tomorrow") if days > 0 else t("yesterday")
    size, ahead, ago = next((size, ahead, ago) for least, size, ahead, ago in _SPANS if abs(days) >= least)
    return tn(*(ahead if days > 0 else ago), round(abs(days) / size))


_SPANS = (
    (730, 365, mark_n("in about {n} year", "in about {n} years"), mark_n("about {n} year ago", "about {n} years ago")),
    (
        90,
        30,
        mark_n("in about {n} month", "in about {n} months"),
        mark_n("about {n} month ago", "about {n} months ago"),
    ),
    (0, 1, mark_n("in {n} day", "in {n} days"), mark_n("{n} day ago", "{n} days ago")),
)
"""(least days, days per unit, words for what is ahead, words for what was)."""


def _zone_info(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return UTC_ZONE.info


def duration_words(duration: timedelta) -> str:
    """`45 seconds`, `2 minutes`, `3 hours`, `12 days`: the largest unit, rounded down."""
    seconds = int(duration.total_seconds())
    for size, words in _UNITS:
        if seconds >= size:
            return tn(*words, seconds // size)
    return t("less than a second")


_UNITS = (
    (86400, mark_n("{n} day", "{n} days")),
    (3600, mark_n("{n} hour", "{n} hours")),
    (60, mark_n("{n} minute", "{n} minutes")),
    (1, mark_n("{n} second", "{n} seconds")),
)
