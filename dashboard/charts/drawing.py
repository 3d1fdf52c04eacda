"""Shows a chart: the one place that calls `st.altair_chart`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.charts.locales import vega_locale
from dashboard.language import t
from dashboard.tables import draw_table
from dashboard.text import read_aloud

Chart = alt.Chart | alt.LayerChart | alt.FacetChart


def draw_chart(
    chart: Chart,
    sentence: str,
    table: Callable[[], pd.DataFrame] | None,
    *,
    name: str = "",
    key: str | None = None,
    on_select: Literal["ignore", "rerun"] = "ignore",
    width: Literal["stretch", "content"] = "stretch",
) -> Any:
    """Draws it with its sentence as the text alternative, and `table` below, which opens on demand and is made only
    then; None: a table is beside it anyway. Returns the state of its selections if `on_select` is `rerun`. `name`:
    unique on the page. `sentence`: safe for Markdown.

    Screen readers get the sentence and the table, and not hundreds of marks with a label each."""
    drawn = localized(chart).properties(usermeta={"embedOptions": {"renderer": "canvas"}})
    state = st.altair_chart(drawn, alt=read_aloud(sentence), key=key, on_select=on_select, width=width)
    if table is not None:
        offer_table(table, sentence, name=name)
    return state


def localized(chart: Chart) -> Chart:
    """The chart with numbers, months and weekdays in the visitor's language."""
    locale = vega_locale()
    return chart if locale is None else chart.configure(locale=locale)


def offer_table(table: Callable[[], pd.DataFrame], sentence: str, *, name: str) -> None:
    """The table of a chart, which opens on demand and is made only then. `sentence`: safe for Markdown."""
    with st.expander(
        t("As a table"), icon=":material/table:", type="compact", key=f"table-{name}", on_change="rerun"
    ) as opened:
        if opened.open:
            draw_table(table(), read_aloud(sentence), name=name)
