"""A day from left to right: one row per application, then what was recorded, with breaks shaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import altair as alt
import pandas as pd

from dashboard.charts.wall_time import SCALE, wall_times
from dashboard.language import t, tn
from dashboard.text import plain

ROW_HEIGHT = 26
MOST_APPLICATIONS = 8
JOINED = pd.Timedelta(minutes=3)
"""Minutes of one application up to this far apart are drawn as one band."""
MINUTE = pd.Timedelta(minutes=1)
BIN = "5min"
IN_USE, RECORDED = "#2f8f9d", "#c9702f"
BREAK = "#88888833"

Period = tuple[datetime, datetime]


def bands_of(minutes: pd.DataFrame) -> pd.DataFrame:
    """[row, start, end, events]: when each application was in use, the most used first; those beyond eight are one
    row. `minutes`: [minute: datetime64 (local), application, signal, events]."""
    used = minutes.groupby("application")["minute"].nunique().sort_values(ascending=False, kind="stable")
    names = {str(name): plain(str(name), 30) for name in used.index[:MOST_APPLICATIONS]}
    others = len(used) - len(names)
    rest = tn("{n} more application", "{n} more applications", others)
    parts = []
    ranked = minutes.assign(row=[names.get(name, rest) for name in minutes["application"]])
    for row in [*names.values(), *([rest] if others else [])]:
        of_row = ranked[ranked["row"] == row].groupby("minute")["events"].sum().reset_index()
        band = (of_row["minute"].diff() > JOINED).cumsum()
        found = of_row.groupby(band).agg(start=("minute", "min"), end=("minute", "max"), events=("events", "sum"))
        parts.append(found.assign(row=row, end=found["end"] + MINUTE))
    return pd.concat(parts, ignore_index=True)[["row", "start", "end", "events"]]


def recorded_of(minutes: pd.DataFrame, rows: Sequence[tuple[str, Sequence[str]]]) -> pd.DataFrame:
    """[row, start, end, events, share]: how much of each row's signals was recorded every five minutes; `share` of the
    row's most. `minutes` as in `bands_of`; `rows`: names, and the signals of each."""
    parts = []
    for row, signals in rows:
        of_row = minutes[minutes["signal"].isin(signals)]
        binned = of_row.groupby(of_row["minute"].dt.floor(BIN))["events"].sum().reset_index(name="events")
        if len(binned):
            start = binned["minute"]
            share = binned["events"] / binned["events"].max()
            parts.append(binned.assign(row=row, start=start, end=start + pd.Timedelta(BIN), share=share))
    columns = ["row", "start", "end", "events", "share"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def day(bands: pd.DataFrame, recorded: pd.DataFrame, breaks: Sequence[Period], zone_label: str) -> alt.LayerChart:
    """The chart. `bands` as from `bands_of`, `recorded` as from `recorded_of`, `breaks`: local, at least one band."""
    order = [*bands["row"].unique(), *recorded["row"].unique()]
    cells = pd.concat([bands.assign(share=1.0, colour=IN_USE), recorded.assign(colour=RECORDED)], ignore_index=True)
    cells["when"] = [
        t("{first} to {last}", first=f"{start:%H:%M}", last=f"{end:%H:%M}")
        for start, end in zip(cells["start"], cells["end"], strict=True)
    ]
    across = alt.X(
        "start:T",
        title=t("Time ({zone})", zone=zone_label),
        scale=SCALE,
        axis=alt.Axis(format="%H:%M", labelOverlap=True, grid=True),
    )
    down = alt.Y(
        "row:N",
        sort=order,
        title=None,
        scale=alt.Scale(domain=order, paddingInner=0.25),
        axis=alt.Axis(ticks=False, grid=False, domain=False, labelOverlap=False, labelLimit=130),
    )
    drawn = (
        alt.Chart(wall_times(cells))
        .mark_rect(cornerRadius=2)
        .encode(
            x=across,
            x2=alt.X2("end:T"),
            y=down,
            color=alt.Color("colour:N", scale=None),
            opacity=alt.Opacity("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0.25, 1]), legend=None),
            tooltip=[
                alt.Tooltip("row:N", title=t("What")),
                alt.Tooltip("when:N", title=t("When ({zone})", zone=zone_label)),
                alt.Tooltip("events:Q", title=t("Records"), format=","),
            ],
        )
    )
    pauses = pd.DataFrame(breaks, columns=["start", "end"]).astype("datetime64[us]")
    shaded = alt.Chart(wall_times(pauses)).mark_rect(color=BREAK).encode(x=across, x2=alt.X2("end:T"))
    return alt.LayerChart(layer=[shaded, drawn]).properties(height=ROW_HEIGHT * len(order) + 50)
