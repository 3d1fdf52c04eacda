"""The filters of Captured: applications, kinds and a period, as one scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pandas as pd
import streamlit as st

from dashboard.moments import Zone
from dashboard.scopes.choices import applications_of, signals_of
from dashboard.scopes.selection import chosen_period
from dashboard.wording import signal_words
from lake.rules.scope import Scope
from queries import Summary

_PERIOD_KEY = "captured_period_input"


def choose_filters(days: pd.DataFrame, summary: Summary, zone: Zone) -> Scope:
    """Draws the filters. `days`: the result of `Own.captures_per_day`, at least one row; `summary`: the same captures.

    A period that includes everything doesn't restrict the scope, so no captures have to be read."""
    assert summary.first_at is not None
    assert summary.last_at is not None
    everything = (zone.local(summary.first_at).date(), zone.local(summary.last_at).date())
    picked = chosen_period() or st.session_state.get(_PERIOD_KEY, everything)
    within = tuple(min(max(day, everything[0]), everything[1]) for day in picked)
    if within != st.session_state.get(_PERIOD_KEY):  # setting it anew would interrupt a choice
        st.session_state[_PERIOD_KEY] = within
    period_column, applications_column, signals_column = st.columns([3, 4, 4])
    with period_column:
        period = st.date_input(
            f"Period ({zone.label})",
            min_value=everything[0],
            max_value=everything[1],
            format="YYYY-MM-DD",
            key=_PERIOD_KEY,
        )
    with applications_column:
        applications = st.multiselect(
            "Applications", applications_of(days), placeholder="All applications", key="captured_applications"
        )
    with signals_column:
        signals = st.multiselect(
            "What", signals_of(days), format_func=signal_words, placeholder="All kinds", key="captured_signals"
        )
    chosen = Scope(tuple(signals) or None, tuple(applications) or None)
    from_day, until_day = _ends(period)
    if from_day <= everything[0] and everything[1] <= until_day:
        return chosen
    return replace(
        chosen,
        from_at=zone.utc(datetime.combine(from_day, time())),
        until_at=zone.utc(datetime.combine(until_day + timedelta(days=1), time())),
    )


def _ends(period: date | tuple[date, ...]) -> tuple[date, date]:
    """The first and last day; the same day while only the first has been clicked."""
    if isinstance(period, date):
        return period, period
    return period[0], period[-1]
