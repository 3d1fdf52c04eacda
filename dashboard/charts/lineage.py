"""The chart of what a model was trained on, by day and kind, and a sentence about all models."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import SHORT_NUMBER
from dashboard.charts.locales import day_axis
from dashboard.charts.stacking import stacked
from dashboard.charts.wall_time import SCALE, wall_times
from dashboard.language import t, tn
from dashboard.moments import day_words
from dashboard.wording import signal_words
from queries import Lineage


def slices(days: pd.DataFrame) -> alt.Chart:
    """What one model was trained on, by day and kind. `days`: [day: datetime64, signal: str, events: int].

    The three kinds with the most captures have their own colours; the others share one."""
    largest = list(days.groupby("signal")["events"].sum().nlargest(3).index)
    rows = days.copy()
    others = t("everything else")
    rows["kind"] = [signal_words(signal) if signal in largest else others for signal in rows["signal"]]
    rows = rows.groupby(["day", "kind"])["events"].sum().reset_index()
    rows["day_end"] = rows["day"] + pd.Timedelta(days=1)
    rows["date"] = [day_words(day.date()) for day in rows["day"]]
    kinds = [*(signal_words(signal) for signal in largest), others]
    chart: alt.Chart = (
        alt.Chart(wall_times(stacked(rows, "day", "kind", kinds)))
        .mark_rect(xOffset=0.5, x2Offset=-0.5)
        .encode(
            x=alt.X(
                "day:T", title=t("Day (UTC)"), scale=SCALE, axis=alt.Axis(format=day_axis(), tickMinStep=86_400_000)
            ),
            x2=alt.X2("day_end:T"),
            y=alt.Y(
                "bottom:Q", title=t("Your records used per day"), axis=alt.Axis(labelExpr=SHORT_NUMBER, tickCount=5)
            ),
            y2=alt.Y2("top:Q"),
            color=alt.Color("kind:N", title=None, sort=kinds, legend=alt.Legend(orient="bottom")),
            tooltip=[
                alt.Tooltip("date:N", title=t("Day (UTC)")),
                alt.Tooltip("kind:N", title=t("What")),
                alt.Tooltip("events:Q", title=t("Records"), format=","),
            ],
        )
        .properties(height=320)
    )
    return chart


def slices_table(days: pd.DataFrame) -> pd.DataFrame:
    """What `slices` draws, with every kind by name, newest day first."""
    rows = days.groupby(["day", "signal"])["events"].sum().reset_index().sort_values("day", ascending=False)
    return pd.DataFrame(
        {
            t("Day (UTC)"): [day.date() for day in rows["day"]],
            t("What"): [signal_words(signal) for signal in rows["signal"]],
            t("Records"): rows["events"].to_list(),
        }
    )


def consumption_sentence(own: Lineage) -> str:
    """How many models used the person's captures, and how certain that is."""
    reached = own.reached.values()
    proven, possible, unknown = (
        sum(each.evidence == known for each in reached) for known in ("proven", "possible", "unknown")
    )
    inherited = sum(each.evidence == "proven" and each.through is not None for each in reached)
    said = [
        tn(
            "Going by what the runs reported, {n} model version was trained on your records.",
            "Going by what the runs reported, {n} model versions were trained on your records.",
            proven,
        )
        if proven
        else t("Going by what the runs reported, no model version is certain to have been trained on your records.")
    ]
    if inherited:
        said.append(tn("{n} was built from another of these.", "{n} were built from another of these.", inherited))
    if possible and proven:
        said.append(tn("{n} more may have been.", "{n} more may have been.", possible))
    elif possible:
        said.append(tn("{n} may have been.", "{n} may have been.", possible))
    if unknown:
        said.append(
            tn(
                "For {n} model version, nobody recorded this.",
                "For {n} model versions, nobody recorded this.",
                unknown,
            )
        )
    return " ".join(said)
