"""Which models used how much, and which of it."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import SHORT_NUMBER
from dashboard.charts.stacking import stacked
from dashboard.charts.wall_time import SCALE, wall_times
from dashboard.moments import day_words
from dashboard.text import plain
from dashboard.wording import count, signal_words

ROW_HEIGHT = 34
STRENGTH = ["proven", "possible", "unknown", "none"]


def model_versions(uses: pd.DataFrame) -> pd.DataFrame:
    """One row a model version: [model_version, name, purpose, owner, released_at, retired_at, captures, evidence,
    finished_at], the best known first, then those that used most. `uses`: as of `Own.models`."""
    ranked = uses.assign(rank=[STRENGTH.index(evidence) for evidence in uses["evidence"]])
    strongest = ranked.sort_values("rank").drop_duplicates("model_version").drop(columns=["captures"])
    strongest["name"] = strongest["model"] + " " + strongest["version"]
    strongest = strongest.rename(columns={"model_captures": "captures"})
    return strongest.sort_values(["rank", "captures", "released_at"], ascending=[True, False, False], ignore_index=True)


def consumption(models: pd.DataFrame) -> alt.Chart:
    """How many of the person's captures each model version was provably trained on.

    `models`: [name: str, captures: int], one row a model version."""
    rows = pd.DataFrame(
        {"name": [plain(name, 40) for name in models["name"]], "captures": models["captures"].astype("int64")}
    )
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_bar(cornerRadiusEnd=3, height=18)
        .encode(
            x=alt.X(
                "captures:Q", title="Your captures used (proven)", axis=alt.Axis(labelExpr=SHORT_NUMBER, tickCount=5)
            ),
            y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=220, ticks=False, labelOverlap=False)),
            tooltip=[
                alt.Tooltip("name:N", title="Model"),
                alt.Tooltip("captures:Q", title="Your captures", format=","),
            ],
        )
        .properties(height=ROW_HEIGHT * len(rows) + 50)
    )
    return chart


def slices(days: pd.DataFrame) -> alt.Chart:
    """What one model was trained on, by day and kind. `days`: [day: datetime64, signal: str, events: int].

    The three kinds with the most captures have their own colour; the others share one."""
    largest = list(days.groupby("signal")["events"].sum().nlargest(3).index)
    rows = days.copy()
    rows["kind"] = [signal_words(signal) if signal in largest else "everything else" for signal in rows["signal"]]
    rows = rows.groupby(["day", "kind"])["events"].sum().reset_index()
    rows["day_end"] = rows["day"] + pd.Timedelta(days=1)
    rows["date"] = [day_words(day.date()) for day in rows["day"]]
    kinds = [*(signal_words(signal) for signal in largest), "everything else"]
    chart: alt.Chart = (
        alt.Chart(wall_times(stacked(rows, "day", "kind", kinds)))
        .mark_rect(xOffset=0.5, x2Offset=-0.5)
        .encode(
            x=alt.X("day:T", title="Day (UTC)", scale=SCALE, axis=alt.Axis(format="%-d %b", tickMinStep=86_400_000)),
            x2="day_end:T",
            y=alt.Y("bottom:Q", title="Your captures used, a day", axis=alt.Axis(labelExpr=SHORT_NUMBER, tickCount=5)),
            y2="top:Q",
            color=alt.Color("kind:N", title=None, sort=kinds, legend=alt.Legend(orient="bottom")),
            tooltip=[
                alt.Tooltip("date:N", title="Day (UTC)"),
                alt.Tooltip("kind:N", title="What"),
                alt.Tooltip("events:Q", title="Captures", format=","),
            ],
        )
        .properties(height=320)
    )
    return chart


def consumption_sentence(models: pd.DataFrame) -> str:
    """The consumption in words. `models`: [captures: int, evidence: str], one row a model version."""
    proven = models[(models["evidence"] == "proven") & (models["captures"] > 0)]
    possible = models[models["evidence"] == "possible"]
    unknown = models[models["evidence"] == "unknown"]
    used = count(len(proven), "model version was", "model versions were")
    words = (
        f"{used} trained on captures of yours, which is proven."
        if len(proven)
        else "No model version is proven to be trained on captures of yours."
    )
    if len(possible):
        words += f" {len(possible)}{' more' if len(proven) else ''} may have been."
    if len(unknown):
        words += f" For {count(len(unknown), 'model version')}, nobody recorded it."
    return words
