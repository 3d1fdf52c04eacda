"""Where the pointer was: squares of the screen, stronger where there were more records."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import SHORT_NUMBER
from dashboard.charts.pointer import WIDTH, screen_of
from dashboard.language import t, tn


def heat(squares: pd.DataFrame) -> alt.Chart:
    """The chart. `squares`: [x, y, side, most_x, most_y, events, clicks] in pixels, at least one row."""
    width, height = _extent(squares)
    left, top = min(0, int(squares["x"].min())), min(0, int(squares["y"].min()))
    ends = squares.assign(x2=squares["x"] + squares["side"], y2=squares["y"] + squares["side"])
    chart: alt.Chart = (
        alt.Chart(ends)
        .mark_rect()
        .encode(
            x=alt.X(
                "x:Q",
                title=t("Pixels from the left"),
                scale=alt.Scale(domain=[left, width], nice=False),
                axis=alt.Axis(grid=False),
            ),
            x2=alt.X2("x2:Q"),
            y=alt.Y(
                "y:Q",
                title=t("Pixels from the top"),
                scale=alt.Scale(domain=[top, height], reverse=True, nice=False),
                axis=alt.Axis(grid=False),
            ),
            y2=alt.Y2("y2:Q"),
            color=alt.Color(
                "events:Q",
                title=t("Pointer records"),
                scale=alt.Scale(type="sqrt", domain=[0, int(squares["events"].max())]),
                legend=alt.Legend(orient="bottom", gradientLength=220, tickCount=4, labelExpr=SHORT_NUMBER),
            ),
            tooltip=[
                alt.Tooltip("x:Q", title=t("Pixels from the left")),
                alt.Tooltip("y:Q", title=t("Pixels from the top")),
                alt.Tooltip("events:Q", title=t("Pointer records"), format=","),
                alt.Tooltip("clicks:Q", title=t("Clicks"), format=","),
            ],
        )
        .properties(height=100 + round(WIDTH * min(1.0, (height - top) / (width - left))))
    )
    return chart


def heat_sentence(squares: pd.DataFrame) -> str:
    """The heat in words. `squares` as in `heat`."""
    width, height = _extent(squares)
    total = int(squares["events"].sum())
    fullest = squares.sort_values("events", ascending=False).head(max(1, len(squares) // 10))
    share = fullest["events"].sum() / total
    return t(
        "The pointer was recorded {events}, with {clicks}. A tenth of the places where it was have {share} % of that. "
        "They are drawn on {width} x {height} pixels, our guess of the screen.",
        events=tn("{n} time", "{n} times", total),
        clicks=tn("{n} click", "{n} clicks", int(squares["clicks"].sum())),
        share=round(100 * share),
        width=f"{width}",
        height=f"{height}",
    )


def heat_table(squares: pd.DataFrame) -> pd.DataFrame:
    """The heat as a table: the screen in nine parts, from the top left. `squares` as in `heat`."""
    width, height = _extent(squares)
    across = (squares["x"].clip(lower=0) * 3 // width).clip(upper=2)
    down = (squares["y"].clip(lower=0) * 3 // height).clip(upper=2)
    sums = squares.groupby([down, across])[["events", "clicks"]].sum()
    rows = ((t("top"), 0), (t("middle"), 1), (t("bottom"), 2))
    columns = ((t("left"), 0), (t("middle"), 1), (t("right"), 2))
    return pd.DataFrame(
        [
            {
                t("Part of the screen"): t("{row}, {column}", row=row, column=column),
                t("Pointer records"): int(sums["events"].get((line, place), 0)),
                t("Clicks"): int(sums["clicks"].get((line, place), 0)),
            }
            for row, line in rows
            for column, place in columns
        ]
    )


def _extent(squares: pd.DataFrame) -> tuple[int, int]:
    return screen_of(pd.DataFrame({"x": squares["most_x"], "y": squares["most_y"]}))
