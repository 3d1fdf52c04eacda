"""The chart of what a request covers on each day."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import SHORT_NUMBER
from dashboard.charts.wall_time import SCALE, wall_times
from dashboard.language import listed
from dashboard.moments import day_words
from dashboard.text import inert
from dashboard.wording import count, signal_words

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
            x=alt.X("day:T", title=None, scale=SCALE, axis=alt.Axis(format="%-d %b", tickMinStep=86_400_000)),
            x2="day_end:T",
            y=alt.Y(
                "none:Q",
                title=f"Records per {'week' if weekly else 'day'}",
                axis=alt.Axis(labelExpr=SHORT_NUMBER, tickCount=3),
            ),
            y2="events:Q",
            tooltip=[
                alt.Tooltip("date:N", title="Week of (UTC)" if weekly else "Day (UTC)"),
                alt.Tooltip("events:Q", title="Records", format=","),
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
    when = f"on {first}" if first == last else f"on {count(len(days), 'day')} between {first} and {last}"
    words = f"Recorded {when}, in {listed([inert(str(name), 40) for name in applications.index])}"
    words += f": {listed([f'{signal_words(str(kind))} ({events:,})' for kind, events in kinds.items()], 5)}."
    if first != last:
        fullest = days.iloc[int(days["events"].argmax())]
        words += (
            f" The busiest day is {day_words(fullest['day'].date())} with {count(int(fullest['events']), 'record')}."
        )
    return words
