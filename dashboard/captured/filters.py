"""The filters of Captured: applications, kinds, and a time to the minute or an hour of a day, as one scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

import pandas as pd
import streamlit as st

import clock
from dashboard.language import t
from dashboard.moments import Zone
from dashboard.scopes import addresses
from dashboard.scopes.addresses import Parts
from dashboard.scopes.choices import applications_of, signals_of
from dashboard.scopes.selection import chosen_times
from dashboard.scopes.times import DAY, ONE_HOUR, Times, begin_of_day, draw_times, hour_words
from dashboard.wording import signal_words
from lake.rules.scope import Scope
from languages import mark
from queries import Own, Size

FROM, UNTIL, HOUR = "captured_from", "captured_until", "captured_hour"
APPLICATIONS, KINDS = "captured_applications", "captured_signals"
CHOICES: Mapping[str, Callable[[datetime], Times]] = {
    mark("This hour"): lambda now: (now.replace(minute=0), None),
    mark("Today"): lambda now: (begin_of_day(now), None),
    mark("Yesterday"): lambda now: (begin_of_day(now - DAY), begin_of_day(now)),
    mark("Last 7 days"): lambda now: (begin_of_day(now - timedelta(days=6)), None),
    mark("Any time"): lambda _: (None, None),
}


def filter_parts(days: pd.DataFrame, zone: Zone) -> Parts:
    """The filters as parts of an address. `days`: as below."""
    return {
        "from": addresses.moment_part(FROM, mark("From"), zone),
        "until": addresses.moment_part(UNTIL, mark("Until"), zone),
        "application": addresses.choices_part(APPLICATIONS, mark("Applications"), applications_of(days)),
        "kind": addresses.choices_part(KINDS, mark("What"), signals_of(days)),
    }


def choose_filters(own: Own, days: pd.DataFrame, zone: Zone) -> Scope | None:
    """Draws the filters; None, with the reason on screen, if the times exclude each other. `days`: the result of
    `Own.captures_per_day`, at least one row."""
    if (picked := chosen_times()) is not None:
        st.session_state[FROM], st.session_state[UNTIL] = picked
    times = draw_times(CHOICES, (FROM, UNTIL), zone)
    _choose_hour(own, zone)
    applications_column, signals_column = st.columns(2)
    with applications_column:
        applications = st.multiselect(
            t("Applications"), applications_of(days), placeholder=t("All applications"), key=APPLICATIONS
        )
    with signals_column:
        signals = st.multiselect(
            t("What"), signals_of(days), format_func=signal_words, placeholder=t("All kinds"), key=KINDS
        )
    return None if times is None else Scope(tuple(signals) or None, tuple(applications) or None, *times)


def _choose_hour(own: Own, zone: Zone) -> None:
    """Draws a field for an hour while From and Until are one day, or one hour of it."""
    chosen = _day_and_hour(st.session_state.get(FROM), st.session_state.get(UNTIL), zone.local(clock.now()))
    if chosen is None:
        return
    begin, st.session_state[HOUR] = chosen
    scope = Scope(from_at=zone.utc(begin), until_at=zone.utc(begin + DAY))
    hours = own.captures_per(scope, Size.HOUR, zone.info)
    counted = hours.groupby(hours["start"].dt.hour)["events"].sum().to_dict()

    st.selectbox(
        t("Hour of {day}", day=begin.date()),
        range(24),
        format_func=lambda hour: hour_words(hour, int(counted.get(hour, 0))),
        placeholder=t("The whole day"),
        key=HOUR,
        on_change=_fill_in_hour,
        args=(begin,),
    )


def only_day(zone: Zone) -> date | None:
    """The local day, if that and nothing else is chosen."""
    if st.session_state.get(APPLICATIONS) or st.session_state.get(KINDS):
        return None
    chosen = _day_and_hour(st.session_state.get(FROM), st.session_state.get(UNTIL), zone.local(clock.now()))
    return chosen[0].date() if chosen is not None and chosen[1] is None else None


def _day_and_hour(
    from_at: datetime | None, until_at: datetime | None, now: datetime
) -> tuple[datetime, int | None] | None:
    """The begin of the local day, and the hour or None for all of it; None: it is neither a day nor an hour."""
    if from_at is None or from_at.minute or (until_at is None and from_at.date() != now.date()):
        return None
    if until_at == from_at + ONE_HOUR or (until_at is None and from_at.hour == now.hour):
        return begin_of_day(from_at), from_at.hour
    if from_at.hour == 0 and until_at in (None, from_at + DAY):
        return begin_of_day(from_at), None
    return None


def _fill_in_hour(begin: datetime) -> None:
    hour: int | None = st.session_state[HOUR]
    at = begin if hour is None else begin + hour * ONE_HOUR
    st.session_state[FROM], st.session_state[UNTIL] = at, at + (DAY if hour is None else ONE_HOUR)
