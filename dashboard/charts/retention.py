"""The chart of when captures are deleted."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import SHORT_NUMBER
from dashboard.charts.stacking import stacked
from dashboard.charts.wall_time import SCALE, wall_times
from dashboard.moments import day_words, days_away
from dashboard.wording import RETENTION_STATES, count

SHORT_SPAN_DAYS = 60
STAYS = ("held", "restricted")
"""Has no deletion date."""


def departures(rows: pd.DataFrame) -> alt.Chart:
    """How many captures are deleted each week, or each day if all are deleted within two months.

    What stays (`STAYS`) has no deletion date and is not drawn; at least one row must have another state.
    `rows`: [retained_until: datetime64, state: str, events: int]."""
    bars = rows[~rows["state"].isin(STAYS)].copy()
    span = (bars["retained_until"].max() - bars["retained_until"].min()).days
    weekly = span > SHORT_SPAN_DAYS
    if weekly:
        bars["retained_until"] -= pd.to_timedelta(bars["retained_until"].dt.day_of_week, unit="D")
    bars = bars.groupby(["retained_until", "state"])["events"].sum().reset_index()
    bars["until"] = bars["retained_until"] + pd.Timedelta(days=7 if weekly else 1)
    bars["kept"] = [RETENTION_STATES.get(state, state) for state in bars["state"]]
    bars["date"] = [day_words(day.date()) for day in bars["retained_until"]]
    states = [words for words in RETENTION_STATES.values() if words in set(bars["kept"])]
    chart: alt.Chart = (
        alt.Chart(wall_times(stacked(bars, "retained_until", "kept", list(RETENTION_STATES.values()))))
        .mark_rect(xOffset=0.5, x2Offset=-0.5)
        .encode(
            x=alt.X(
                "retained_until:T",
                title="Kept until",
                scale=SCALE,
                axis=alt.Axis(format="%-d %b %Y", labelOverlap=True),
            ),
            x2="until:T",
            y=alt.Y(
                "bottom:Q",
                title=f"Records per {'week' if weekly else 'day'}",
                axis=alt.Axis(labelExpr=SHORT_NUMBER, tickCount=5),
            ),
            y2="top:Q",
            color=alt.Color(
                "kept:N",
                title=None,
                scale=alt.Scale(domain=list(RETENTION_STATES.values())),
                legend=alt.Legend(orient="bottom", columns=1, labelLimit=300, values=states)
                if len(states) > 1
                else None,
            ),
            tooltip=[
                alt.Tooltip("date:N", title="Week of" if weekly else "Day"),
                alt.Tooltip("kept:N", title="State"),
                alt.Tooltip("events:Q", title="Records", format=","),
            ],
        )
        .properties(height=320)
    )
    return chart


def departures_table(rows: pd.DataFrame) -> pd.DataFrame:
    """What `departures` draws, a row per day and state, the next first."""
    going = rows[~rows["state"].isin(STAYS)].groupby(["retained_until", "state"])["events"].sum().reset_index()
    return pd.DataFrame(
        {
            "Kept until": [day.date() for day in going["retained_until"]],
            "State": [RETENTION_STATES.get(state, state) for state in going["state"]],
            "Records": going["events"].to_list(),
        }
    )


def departures_sentence(rows: pd.DataFrame, asked: int = 0) -> str:
    """The chart in words. `rows` as in `departures`; `asked`: records under a hold whose deletion was requested, which
    are not in `rows`."""
    waiting = rows[rows["state"] == "retained"]
    held, restricted = (int(rows.loc[rows["state"] == state, "events"].sum()) for state in STAYS)
    words = []
    if len(waiting):
        next_day = waiting["retained_until"].min()
        going = int(waiting.loc[waiting["retained_until"] == next_day, "events"].sum())
        last_day = waiting["retained_until"].max()
        words.append(
            f"{count(going, 'record')} will be deleted after {day_words(next_day.date())} "
            f"({days_away(next_day.date())})."
        )
        unless = f", unless it is {'held' if held else 'kept'} longer" if held or restricted else ""
        words.append(f"Everything of yours stored here today will be deleted by {day_words(last_day.date())}{unless}.")
    expired = int(rows.loc[rows["state"] == "expired", "events"].sum())
    if expired:
        words.append(
            f"{count(expired, 'record')} past {'its' if expired == 1 else 'their'} date will be deleted at any moment."
        )
    if held:
        words.append(f"{count(held, 'record')} can't be deleted for now because of a legal hold.")
    if asked:
        are = "is" if asked == 1 else "are"
        words.append(f"{count(asked, 'record')} that you asked to delete {are} kept until a legal hold ends.")
    if restricted:
        words.append(f"{count(restricted, 'record')} {'stays' if restricted == 1 else 'stay'} at your request.")
    return " ".join(words)
