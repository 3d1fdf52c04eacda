"""The chart of when captures are deleted."""

from __future__ import annotations

from datetime import date

import altair as alt
import pandas as pd

from dashboard.charts import SHORT_NUMBER
from dashboard.charts.locales import full_day_axis
from dashboard.charts.stacking import stacked
from dashboard.charts.wall_time import SCALE, wall_times
from dashboard.language import t, tn
from dashboard.moments import day_words, days_away
from dashboard.wording import RETENTION_STATES, frozen_words, held_words

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
    bars["kept"] = [_state_words(state) for state in bars["state"]]
    bars["date"] = [day_words(day.date()) for day in bars["retained_until"]]
    every = [t(words) for words in RETENTION_STATES.values()]
    states = [words for words in every if words in set(bars["kept"])]
    chart: alt.Chart = (
        alt.Chart(wall_times(stacked(bars, "retained_until", "kept", every)))
        .mark_rect(xOffset=0.5, x2Offset=-0.5)
        .encode(
            x=alt.X(
                "retained_until:T",
                title=t("Kept until"),
                scale=SCALE,
                axis=alt.Axis(format=full_day_axis(), labelOverlap=True),
            ),
            x2=alt.X2("until:T"),
            y=alt.Y(
                "bottom:Q",
                title=t("Records per week") if weekly else t("Records per day"),
                axis=alt.Axis(labelExpr=SHORT_NUMBER, tickCount=5),
            ),
            y2=alt.Y2("top:Q"),
            color=alt.Color(
                "kept:N",
                title=None,
                scale=alt.Scale(domain=every),
                legend=alt.Legend(orient="bottom", columns=1, labelLimit=300, values=states)
                if len(states) > 1
                else None,
            ),
            tooltip=[
                alt.Tooltip("date:N", title=t("Week of") if weekly else t("Day")),
                alt.Tooltip("kept:N", title=t("State")),
                alt.Tooltip("events:Q", title=t("Records"), format=","),
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
            t("Kept until"): [day.date() for day in going["retained_until"]],
            t("State"): [_state_words(state) for state in going["state"]],
            t("Records"): going["events"].to_list(),
        }
    )


def _state_words(state: str) -> str:
    return t(RETENTION_STATES[state]) if state in RETENTION_STATES else state


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
            tn(
                "{n} record will be deleted after {day} ({away}).",
                "{n} records will be deleted after {day} ({away}).",
                going,
                day=next_day.date(),
                away=days_away(next_day.date()),
            )
        )
        words.append(_by_then(last_day.date(), held=held, restricted=restricted))
    expired = int(rows.loc[rows["state"] == "expired", "events"].sum())
    if expired:
        words.append(
            tn(
                "{n} record past its date will be deleted at any moment.",
                "{n} records past their date will be deleted at any moment.",
                expired,
            )
        )
    if held:
        words.append(held_words(held))
    if asked:
        words.append(
            tn(
                "{n} record that you asked to delete is kept until a legal hold ends.",
                "{n} records that you asked to delete are kept until a legal hold ends.",
                asked,
            )
        )
    if restricted:
        words.append(frozen_words(restricted))
    return " ".join(words)


def _by_then(day: date, *, held: int, restricted: int) -> str:
    if held:
        return t(
            "The last of the records that are here today will be deleted after {day}, unless it is held longer.",
            day=day,
        )
    if restricted:
        return t(
            "The last of the records that are here today will be deleted after {day}, unless it is kept longer.",
            day=day,
        )
    return t("The last of the records that are here today will be deleted after {day}.", day=day)
