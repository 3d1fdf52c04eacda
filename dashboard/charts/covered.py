"""The chart of what a request covers on each day."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import SHORT_NUMBER
from dashboard.charts.locales import day_axis
from dashboard.charts.wall_time import SCALE, wall_times
from dashboard.language import listed, t, tn
from dashboard.moments import day_words
from dashboard.text import inert
from dashboard.wording import signal_words

WEEKLY_FROM_DAYS = 150


def covered(days: pd.DataFrame) -> alt.Chart:
    """One bar per day, or per week for many days. `days`: [day: datetime64, events: int], at least one row."""
    bars = days.copy()
    weekly = (bars["day"].max() - bars["day"].min()).days > WEEKLY_FROM_DAYS
    if weekly:
        bars["day"] -= pd.to_timedelta(bars["day"].dt.day_of_week, unit="D")
    bars = bars.groupby("day")["events"].sum().reset_index()
    bars["day_end"] = bars["day"] + pd.Timedelta(days=7 if weekly else 1)
    bars["date"] = [day_words(day.date()) for day in bars["day"]]
    bars["none"] = 0
    chart: alt.Chart = (
        alt.Chart(wall_times(bars))
        .mark_rect(xOffset=0.5, x2Offset=-0.5)
        .encode(
            x=alt.X("day:T", title=None, scale=SCALE, axis=alt.Axis(format=day_axis(), tickMinStep=86_400_000)),
            x2=alt.X2("day_end:T"),
            y=alt.Y(
                "none:Q",
                title=t("Records per week") if weekly else t("Records per day"),
                axis=alt.Axis(labelExpr=SHORT_NUMBER, tickCount=3),
            ),
            y2=alt.Y2("events:Q"),
            tooltip=[
                alt.Tooltip("date:N", title=t("Week of") if weekly else t("Day")),
                alt.Tooltip("events:Q", title=t("Records"), format=","),
            ],
        )
        .properties(height=200)
    )
    return chart


def covered_sentence(days: pd.DataFrame, parts: pd.DataFrame) -> str:
    """The chart in words, safe for Markdown. `days` as in `covered`; `parts`: [application: str, signal: str,
    events: int], the same captures."""
    applications = parts.groupby("application")["events"].sum().sort_values(ascending=False)
    kinds = parts.groupby("signal")["events"].sum().sort_values(ascending=False)
    first, last = day_words(days["day"].min().date()), day_words(days["day"].max().date())
    named = listed([inert(str(name), 40) for name in applications.index])
    listing = listed(
        [t("{kind} ({n})", kind=signal_words(str(kind)), n=int(events)) for kind, events in kinds.items()], 5
    )
    if first == last:
        return t("Recorded on {day}, in {applications}: {kinds}.", day=first, applications=named, kinds=listing)
    fullest = days.iloc[int(days["events"].argmax())]
    return t(
        "Recorded on {days} between {first} and {last}, in {applications}: {kinds}. The busiest day is {busiest} with "
        "{records}.",
        days=tn("{n} day", "{n} days", len(days)),
        first=first,
        last=last,
        applications=named,
        kinds=listing,
        busiest=fullest["day"].date(),
        records=tn("{n} record", "{n} records", int(fullest["events"])),
    )
