"""Shows a chart: the one place that hands charts to Streamlit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Literal

import altair as alt
import pandas as pd
import streamlit as st
from pandas.util import hash_pandas_object
from streamlit.elements.vega_charts import _convert_altair_to_vega_lite_spec

from dashboard import states
from dashboard.charts.locales import vega_locale
from dashboard.language import current, t
from dashboard.sign_in import identity
from dashboard.tables import draw_table
from dashboard.text import read_aloud

Chart = alt.Chart | alt.LayerChart | alt.FacetChart


def draw_chart(
    chart: Chart | partial[Any],
    sentence: str,
    table: Callable[[], pd.DataFrame] | None,
    *,
    name: str = "",
    key: str | None = None,
    on_select: Literal["ignore", "rerun"] = "ignore",
    width: Literal["stretch", "content"] = "stretch",
) -> Any:
    """Draws it with its sentence as the text alternative, and `table` below, which opens on demand and is made only
    then; None: a table is beside it anyway. `chart`: itself, or what makes it of tables and other values, which is then
    asked only when one of them has changed. Returns the state of its selections if `on_select` is `rerun`. `name`:
    unique on the page. `sentence`: safe for Markdown.

    Screen readers get the sentence and the table, and not hundreds of marks with a label each."""
    spec = (
        identity.kept_answer(_question(chart), lambda: _spec(chart())) if isinstance(chart, partial) else _spec(chart)
    )
    state = st.vega_lite_chart(spec=spec, alt=read_aloud(sentence), key=key, on_select=on_select, width=width)
    if table is not None:
        offer_table(table, sentence, name=name)
    return state


def _spec(chart: Chart) -> dict[str, Any]:
    """What `st.altair_chart` makes of it, with its data in Arrow."""
    drawn = localized(chart).properties(usermeta={"embedOptions": {"renderer": "canvas"}})
    spec: dict[str, Any] = _convert_altair_to_vega_lite_spec(drawn)
    return spec


def _question(chart: partial[Any]) -> Hashable:
    """Everything that the chart depends on."""
    values = (*chart.args, *chart.keywords.items())
    named = (_fingerprint(value) if isinstance(value, pd.DataFrame) else value for value in values)
    return "chart", current().code, chart.func, *named


def _fingerprint(table: pd.DataFrame) -> Hashable:
    rows = hash_pandas_object(table, index=False).to_numpy().tobytes()
    return tuple(table.columns), tuple(map(str, table.dtypes)), hashlib.sha256(rows).digest()


def localized(chart: Chart) -> Chart:
    """The chart with numbers, months and weekdays in the visitor's language."""
    locale = vega_locale()
    return chart if locale is None else chart.configure(locale=locale)


def offer_table(table: Callable[[], pd.DataFrame], sentence: str, *, name: str) -> None:
    """The table of a chart, which opens on demand and is made only then. `sentence`: safe for Markdown. Opening and
    closing it reruns this part only, unless what the page has read has changed since."""
    with identity.shown_part(f"table-{name}", (table, sentence)):
        _table(name)


@st.fragment
def _table(name: str) -> None:
    key = f"table-{name}"
    with states.guarded(key):
        table, sentence = identity.content_of(key)
        with st.expander(
            t("As a table"), icon=":material/table:", type="compact", key=key, on_change="rerun"
        ) as opened:
            if opened.open:
                draw_table(table(), read_aloud(sentence), name=name)
