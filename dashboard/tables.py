"""Real HTML tables. A screen reader walks them by row and column, a narrow screen shows each row as a card, and they
print. `st.dataframe` draws on a canvas; it is used only where rows are selected."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime

import pandas as pd
import streamlit as st

from dashboard.language import current, tn
from dashboard.moments import day_words, local_words
from dashboard.text import markup

FIRST_ROWS = 100
"""Drawn at once; all others after a click."""
CARDS_FROM = 4
"""Columns from which a narrow screen shows each row as a card."""
SCROLLS_FROM = 15
"""Rows from which a table has its own scroll bar."""
LONG_WORD = 30
"""Characters, from which a word may be broken anywhere, such as a hash."""


def draw_table(rows: pd.DataFrame, words: str, *, name: str, bar: str | None = None) -> None:
    """Draws all of `rows`, of which many only after a click. A row is named by its first cell.

    `rows`: headings as columns; a cell is text, shown literally on one line, a whole number, a day (`date`), or a time
    that is already local (`datetime`); missing values are empty. `words`: what the table shows, for screen readers.
    `name`: unique on the page. `bar`: the column of numbers that also get a bar."""
    shown = rows
    if len(rows) > FIRST_ROWS and not st.session_state.get(f"all-{name}"):
        shown = rows.head(FIRST_ROWS)
    st.html(html_of(shown, words, bar=bar))
    if len(shown) < len(rows):
        st.button(
            tn("Show all {n} rows", "Show all {n} rows", len(rows)),
            key=f"more-{name}",
            on_click=_show_all,
            args=(name,),
        )


def _show_all(name: str) -> None:
    st.session_state[f"all-{name}"] = True


def html_of(rows: pd.DataFrame, words: str, *, bar: str | None = None) -> str:
    """The table as HTML. The roles keep it a table where the style turns rows into cards."""
    numbers: set[Hashable] = {column for column in rows.columns if pd.api.types.is_numeric_dtype(rows[column])}
    most = max((float(value) for value in rows[bar] if not pd.isna(value)), default=0.0) if bar else 0.0
    headings = "".join(
        f'<th scope="col" role="columnheader"{_kind(column, numbers)}>{markup(str(column))}</th>'
        for column in rows.columns
    )
    body = "".join(
        f'<tr role="row">{_cells(dict(zip(rows.columns, values, strict=True)), numbers, bar, most)}</tr>'
        for values in rows.itertuples(index=False, name=None)
    )
    kinds = f"rows{' long' if len(rows) > SCROLLS_FROM else ''}{' cards' if len(rows.columns) >= CARDS_FROM else ''}"
    return (
        f'<div class="{kinds}" role="region" aria-label="{markup(words, 300)}" tabindex="0">'
        f'<table role="table"><caption>{markup(words)}</caption><thead role="rowgroup"><tr role="row">{headings}</tr>'
        f'</thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _cells(row: dict[Hashable, object], numbers: set[Hashable], bar: str | None, most: float) -> str:
    cells = []
    for position, (column, value) in enumerate(row.items()):
        said = cell_words(value)
        if column == bar and most and said:
            said += f'<span class="bar" style="width:{100 * float(str(value)) / most:.1f}%"></span>'
        if position == 0:
            cells.append(f'<th scope="row" role="rowheader"{_kind(column, numbers, said)}>{said}</th>')
        else:
            label = f' data-label="{markup(str(column))}"'
            cells.append(f'<td role="cell"{_kind(column, numbers, said)}{label}>{said}</td>')
    return "".join(cells)


def _kind(column: Hashable, numbers: set[Hashable], said: str = "") -> str:
    if column in numbers:
        return ' class="number"'
    return ' class="unbroken"' if any(len(word) > LONG_WORD for word in said.split()) else ""


def cell_words(value: object) -> str:
    """A cell's value in words, escaped for HTML; nothing for a missing one."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, str):
        return markup(value)
    if isinstance(value, datetime):
        return local_words(value)
    if isinstance(value, date):
        return day_words(value)
    number = float(str(value))
    return current().number(number, None if number.is_integer() else 2)
