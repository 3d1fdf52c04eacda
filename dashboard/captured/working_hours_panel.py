"""The hours outside which nothing is recorded: on Overview, above the pause."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import streamlit as st

from api_client.models.recording import WorkingHours
from dashboard.captured.set_hours_panel import DAYS
from dashboard.language import listed, t

WEEK = list(DAYS)


def draw_working_hours(hours: Sequence[WorkingHours]) -> None:
    """A sentence; nothing if there is no such restriction."""
    if hours:
        words = t(
            "Recording is allowed only {hours}. Your employer set these hours. "
            "Records dated outside them are refused when they arrive.",
            hours="; ".join(map(_words, hours)),
        )
        st.caption(words)


def _words(hours: WorkingHours) -> str:
    said = {"days": _days(hours.days), "begins": hours.begins, "ends": hours.ends, "zone": hours.zone}
    if hours.begins < hours.ends:
        return t("{days}, {begins} to {ends} ({zone})", **said)
    return t("{days}, {begins} to {ends} on the next day ({zone})", **said)


def _days(days: Sequence[str]) -> str:
    """`Monday to Friday`, if they follow one another."""
    if len(days) == len(WEEK):
        return t("every day")
    names = [t(DAYS[day]) for day in days]
    numbers = [WEEK.index(day) for day in days]
    if len(days) > 2 and all((later - day) % len(WEEK) == 1 for day, later in pairwise(numbers)):
        return t("{first} to {last}", first=names[0], last=names[-1])
    return listed(names, len(WEEK))
