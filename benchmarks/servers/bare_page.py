"""`streamlit run benchmarks/servers/bare_page.py`: a page of constant charts, tables and texts.

Its address says how many: `?charts=2&tables=2&frames=0&others=40`. Each chart has a table that opens below it.
"""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

POINTS = 600
ROWS = 10
RECORDS = 100


def main() -> None:
    st.set_page_config(layout="wide")
    points = pd.DataFrame({"hour": range(POINTS), "records": [hour * 7 % 50 for hour in range(POINTS)]})
    rows = pd.DataFrame({"application": [f"Application {row}" for row in range(ROWS)], "records": range(ROWS)})
    for text in range(_number("others")):
        st.markdown(f"Text **{text}**, as long as one sentence of a page may be.")
    for chart in range(_number("charts")):
        marks = alt.Chart(points).mark_rect().encode(x="hour:Q", y="records:Q", color="records:Q")
        st.altair_chart(marks, key=f"chart-{chart}")
        with st.expander("As a table", type="compact", key=f"table-{chart}", on_change="rerun") as opened:
            if opened.open:
                st.table(rows)
    for _ in range(_number("tables")):
        st.table(rows)
    for frame in range(_number("frames")):
        st.dataframe(pd.DataFrame({column: range(RECORDS) for column in "abcde"}), key=f"frame-{frame}")


def _number(name: str) -> int:
    return int(st.query_params.get(name, 0))


main()
