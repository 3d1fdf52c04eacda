"""The filters of Captured: applications, kinds, and a time to the minute, as one scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard.language import t
from dashboard.moments import Zone
from dashboard.scopes.choices import applications_of, signals_of
from dashboard.scopes.selection import chosen_times
from dashboard.scopes.times import DAY, Times, begin_of_day, draw_times
from dashboard.wording import signal_words
from lake.rules.scope import Scope
from languages import mark

FROM, UNTIL = "captured_from", "captured_until"
CHOICES: Mapping[str, Callable[[datetime], Times]] = {
    mark("This hour"): lambda now: (now.replace(minute=0), None),
    mark("Today"): lambda now: (begin_of_day(now), None),
    mark("Yesterday"): lambda now: (begin_of_day(now - DAY), begin_of_day(now)),
    mark("Last 7 days"): lambda now: (begin_of_day(now - timedelta(days=6)), None),
    mark("Any time"): lambda _: (None, None),
}


def choose_filters(days: pd.DataFrame, zone: Zone) -> Scope | None:
    """Draws the filters; None, with the reason on screen, if the times exclude each other. `days`: the result of
    `Own.captures_per_day`, at least one row."""
    if (picked := chosen_times()) is not None:
        st.session_state[FROM], st.session_state[UNTIL] = picked
    times = draw_times(CHOICES, (FROM, UNTIL), zone)
    applications_column, signals_column = st.columns(2)
    with applications_column:
        applications = st.multiselect(
            t("Applications"), applications_of(days), placeholder=t("All applications"), key="captured_applications"
        )
    with signals_column:
        signals = st.multiselect(
            t("What"), signals_of(days), format_func=signal_words, placeholder=t("All kinds"), key="captured_signals"
        )
    return None if times is None else Scope(tuple(signals) or None, tuple(applications) or None, *times)
