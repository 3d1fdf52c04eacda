"""The pointer's path, coloured by time, with clicks and scrolls as marks, inside the screen's outline.

The lake stores no screen size, so the outline is the smallest usual screen that contains every point.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from dashboard.language import t, tn
from dashboard.moments import duration_words
from languages import mark

USUAL_SCREENS = (
    (1280, 720), (1366, 768), (1440, 900), (1600, 900), (1680, 1050), (1920, 1080), (1920, 1200), (2560, 1440),
    (2560, 1600), (3440, 1440), (3840, 2160), (5120, 2880), (7680, 4320),
)  # fmt: skip
MOST_SEGMENTS = 3000
PAUSE_SECONDS = 2.0
WIDTH = 720
MARKS = {"mouse_click": mark("click"), "scroll": mark("scroll")}
PATH_COLOURS = ["#2f8f9d", "#c9702f"]
MARK_COLOUR = "#8a6fd1"
"""A ramp that starts faint would hide a path's start. These have at least 3:1 contrast on light and dark."""


def screen_of(points: pd.DataFrame) -> tuple[int, int]:
    """Width and height in pixels of the smallest usual screen that contains all points, else of the points' extent."""
    right, bottom = int(points["x"].max()) + 1, int(points["y"].max()) + 1
    return next(((w, h) for w, h in USUAL_SCREENS if right <= w and bottom <= h), (right, bottom))


def segments(points: pd.DataFrame) -> pd.DataFrame:
    """The strokes between consecutive points: [x, y, x2, y2, seconds].

    The path is interrupted at pauses and between sessions; a long path is thinned evenly. `points`:
    [captured_at, x, y, session], ordered by time."""
    path = points.iloc[:: max(1, -(-len(points) // MOST_SEGMENTS))]
    elapsed = (path["captured_at"] - path["captured_at"].iloc[0]).dt.total_seconds()
    strokes = pd.DataFrame({"x": path["x"], "y": path["y"], "seconds": elapsed})
    strokes["x2"], strokes["y2"] = strokes["x"].shift(-1), strokes["y"].shift(-1)
    joined = (path["session"].astype(str) == path["session"].astype(str).shift(-1)) & (
        elapsed.shift(-1) - elapsed < PAUSE_SECONDS
    )
    return pd.DataFrame(strokes[joined]).reset_index(drop=True)


def path(points: pd.DataFrame) -> alt.LayerChart:
    """The chart. `points`: [captured_at: datetime64 (local), x: int, y: int, signal: str, session],
    ordered by time, at least one row."""
    width, height = screen_of(points)
    left, top = min(0, int(points["x"].min())), min(0, int(points["y"].min()))
    across = alt.X(
        "x:Q",
        title=t("Pixels from the left"),
        scale=alt.Scale(domain=[left, width], nice=False),
        axis=alt.Axis(grid=False),
    )
    down = alt.Y(
        "y:Q",
        title=t("Pixels from the top"),
        scale=alt.Scale(domain=[top, height], reverse=True, nice=False),
        axis=alt.Axis(grid=False),
    )
    outline = (
        alt.Chart(pd.DataFrame({"x": [0], "y": [0], "x2": [width], "y2": [height]}))
        .mark_rect(filled=False, stroke="#888888", strokeWidth=1.5)
        .encode(x=across, y=down, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"))
    )
    strokes = (
        alt.Chart(segments(points))
        .mark_rule(strokeWidth=1.6, opacity=0.85, strokeCap="round")
        .encode(
            x=across,
            y=down,
            x2=alt.X2("x2:Q"),
            y2=alt.Y2("y2:Q"),
            color=alt.Color(
                "seconds:Q",
                title=t("Seconds since the start"),
                scale=alt.Scale(zero=True, range=PATH_COLOURS),
                legend=alt.Legend(orient="bottom", gradientLength=220),
            ),
        )
    )
    marked = points[points["signal"].isin(MARKS)].copy()
    names = {signal: t(words) for signal, words in MARKS.items()}
    marked["what"] = marked["signal"].map(names)
    marked["at"] = marked["captured_at"].dt.strftime("%H:%M:%S")
    marks = (
        alt.Chart(marked[["x", "y", "what", "at"]])
        .mark_point(size=90, strokeWidth=2, filled=False, opacity=1, stroke=MARK_COLOUR)
        .encode(
            x=across,
            y=down,
            shape=alt.Shape(
                "what:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=["circle", "triangle-down"]),
                legend=alt.Legend(
                    orient="bottom", values=sorted(marked["what"].unique()), symbolStrokeColor=MARK_COLOUR
                )
                if len(marked)
                else None,
            ),
            tooltip=[
                alt.Tooltip("what:N", title=t("What")),
                alt.Tooltip("at:N", title=t("At")),
                alt.Tooltip("x:Q", title=t("Pixels from the left")),
                alt.Tooltip("y:Q", title=t("Pixels from the top")),
            ],
        )
    )
    return alt.LayerChart(layer=[outline, strokes, marks]).properties(
        width=WIDTH,
        height=round(WIDTH * (height - top) / (width - left)),
        autosize=alt.AutoSizeParams(type="pad"),  # the size is that of the screen, without legends
    )


def path_table(points: pd.DataFrame) -> pd.DataFrame:
    """The marks on the path and where it starts and ends; `path_sentence` says what lies between."""
    marked = points["signal"].isin(MARKS)
    shown = points[marked | (points.index == points.index[0]) | (points.index == points.index[-1])]
    return pd.DataFrame(
        {
            t("At"): shown["captured_at"].dt.strftime("%H:%M:%S").to_list(),
            t("What"): [t(MARKS[signal]) if signal in MARKS else t("pointer") for signal in shown["signal"]],
            t("Pixels from the left"): shown["x"].astype(int).to_list(),
            t("Pixels from the top"): shown["y"].astype(int).to_list(),
        }
    )


def path_sentence(points: pd.DataFrame) -> str:
    """The path in words. `points` as in `path`."""
    across, down = points["x"].diff(), points["y"].diff()
    pixels = int(np.hypot(across.fillna(0), down.fillna(0)).sum())
    took = points["captured_at"].iloc[-1] - points["captured_at"].iloc[0]
    pauses = int((points["captured_at"].diff().dt.total_seconds() >= PAUSE_SECONDS).sum())
    width, height = screen_of(points)
    clicks = int((points["signal"] == "mouse_click").sum())
    scrolls = int((points["signal"] == "scroll").sum())
    return t(
        "In {duration} the pointer travelled {pixels} pixels, {screens} times the width of the screen, rested {pauses} "
        "for {seconds} seconds or longer, and there were {clicks} and {scrolls}. The outline of {width} x {height} "
        "pixels is our guess: the smallest common screen that contains every point.",
        duration=duration_words(took.to_pytimedelta()),
        pixels=pixels,
        screens=round(pixels / width, 1),
        pauses=tn("{n} time", "{n} times", pauses),
        seconds=PAUSE_SECONDS,
        clicks=tn("{n} click", "{n} clicks", clicks),
        scrolls=tn("{n} scroll", "{n} scrolls", scrolls),
        width=f"{width}",
        height=f"{height}",
    )
