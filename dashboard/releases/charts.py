"""Charts of published shares of people, with their uncertainty."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import altair as alt
import pandas as pd

from api_client.models import ReleasedTable
from dashboard.language import current, opening, t
from dashboard.releases.sentences import says_something
from dashboard.releases.wording import band_words, share_words
from languages import mark

SHOWN_RELEASES = 4
NOTHING = mark("nothing can be said")
ROW_HEIGHT = 18
"""Per release of a band."""
LINE_HEIGHT = 14
LABEL_CHARACTERS = 18
"""Longest line of a label, so that a narrow screen has room for the bars."""
AXIS_HEIGHT, LEGEND_HEIGHT = 60, 60


def rows_of(tables: Sequence[ReleasedTable]) -> pd.DataFrame:
    """[band: str, label: str (the same in short lines), when: str, share: float (missing: only the range is published),
    low: float, high: float, words: str, says: bool (whether the noise leaves little open)], newest release first.

    `tables`: one table of one area in several releases, newest first."""
    rows = pd.DataFrame(
        [
            {
                "band": _heading(table.name, share.band),
                "when": current().short_day(table.as_of),
                "share": share.share,
                "low": share.low,
                "high": share.high,
                "words": share_words(share) if says_something(share) else t(NOTHING),
                "says": says_something(share),
            }
            for table in tables[:SHOWN_RELEASES]
            for share in table.shares
        ],
        columns=["band", "when", "share", "low", "high", "words", "says"],
    ).astype({"share": "float64", "says": "bool"})
    rows["label"] = ["\n".join(textwrap.wrap(band, LABEL_CHARACTERS)) for band in rows["band"]]
    return rows


def _heading(table: str, band: str) -> str:
    """A band's name, capitalised; an application's own name as it is."""
    words = band_words(table, band)
    return words if table == "applications" else opening(words)


def shares(rows: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Each band's share in each release: a bar from low to high, and a dot where a number was published.

    `rows`: as of `rows_of`, at least one row."""
    labels, releases = list(dict.fromkeys(rows["label"])), list(dict.fromkeys(rows["when"]))
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "label:N",
            sort=labels,
            title=None,
            scale=alt.Scale(paddingInner=0.25),
            axis=alt.Axis(labelExpr="split(datum.label, '\\n')", labelLimit=200, ticks=False, labelOverlap=False),
        ),
        yOffset=alt.YOffset("when:N", sort=releases),
        color=alt.Color(
            "when:N",
            sort=releases,
            title=t("As of"),
            legend=alt.Legend(orient="bottom", columns=2) if len(releases) > 1 else None,
        ),
        tooltip=[
            alt.Tooltip("band:N", title=t("What")),
            alt.Tooltip("when:N", title=t("As of")),
            alt.Tooltip("words:N", title=t("Share of people")),
        ],
    )
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", tickCount=5)
    ranges = base.mark_bar(opacity=0.5, height=alt.RelativeBandSize(0.75), cornerRadius=2).encode(
        x=alt.X("low:Q", title=t("Share of people"), scale=scale, axis=axis),
        x2="high:Q",
    )
    numbers = (
        base.transform_filter("isValid(datum.share)")
        .mark_point(filled=True, opacity=1, size=70)
        .encode(x=alt.X("share:Q", scale=scale, axis=axis))
    )
    chart = alt.layer(ranges, numbers)
    lines = max(label.count("\n") + 1 for label in labels)
    frame = AXIS_HEIGHT + (LEGEND_HEIGHT if len(releases) > 1 else 0)
    return chart.properties(height=len(labels) * max(len(releases) * ROW_HEIGHT + 14, lines * LINE_HEIGHT + 8) + frame)


def table_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The same as a table: one row per band, one column per release."""
    wide = rows.pivot_table(index="band", columns="when", values="words", aggfunc="first", sort=False)
    return (
        wide.reindex(columns=list(dict.fromkeys(rows["when"])))
        .fillna(t("not published"))
        .rename_axis(t("Share of people"))
        .reset_index()
    )
