"""Links to what was recorded lately, by the hour: nobody has to know where to choose a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard.language import current, opening, t, tn
from dashboard.moments import Zone
from dashboard.scopes import addresses
from dashboard.scopes.times import DAY, ONE_HOUR, hour_words
from lake.rules.scope import Scope

DAYS = 2


def draw_recent_hours(hours: pd.DataFrame, zone: Zone) -> None:
    """The last two days with records. `hours`: [hour: datetime64 (local), events: int], by hour."""
    day_of = hours["hour"].dt.normalize()
    with st.expander(t("Look at a day or an hour"), icon=":material/schedule:", type="compact", key="recent_hours"):
        days = sorted(day_of.unique(), reverse=True)[:DAYS]
        for begin, column in zip(days, st.columns(DAYS), strict=False):
            of_day = hours[day_of == begin]
            with column, st.container(gap="xsmall"):
                st.markdown(_day_words(begin.date(), int(of_day["events"].sum())))
                _link(t("The whole day"), begin.to_pydatetime(), DAY, zone)
                for hour, records in of_day[["hour", "events"]].itertuples(index=False):
                    _link(hour_words(hour.hour, int(records)), hour.to_pydatetime(), ONE_HOUR, zone)
        st.page_link("views/captured.py", label=t("Another day or hour"), icon=":material/calendar_month:")


def _day_words(day: date, records: int) -> str:
    counted = tn("{n} record", "{n} records", records)
    return f"**{t('{day}: {records}', day=opening(current().full_day(day)), records=counted)}**"


def _link(words: str, begin: datetime, length: timedelta, zone: Zone) -> None:
    scope = Scope(from_at=zone.utc(begin), until_at=zone.utc(begin + length))
    st.page_link("views/captured.py", label=words, query_params=addresses.scope_query(scope))
