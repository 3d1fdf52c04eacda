"""Stacked bars of days or weeks: drawn from their own corners, so that a bar is as wide as its days."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def stacked(bars: pd.DataFrame, at: str, kind: str, order: Sequence[str]) -> pd.DataFrame:
    """`bars` with [bottom, top] added: where each bar of `events` begins and ends when those of one `at` stand on
    each other, `kind` by `kind` in `order`."""
    rank = {name: place for place, name in enumerate(order)}
    ordered = bars.sort_values([at, kind], key=lambda column: column.map(rank) if column.name == kind else column)
    top = ordered.groupby(at)["events"].cumsum()
    return ordered.assign(bottom=top - ordered["events"], top=top)
