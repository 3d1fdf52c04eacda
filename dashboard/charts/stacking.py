"""Computes stacked bars of days or weeks with explicit corners, so that a bar is as wide as its days."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def stacked(bars: pd.DataFrame, at: str, kind: str, order: Sequence[str]) -> pd.DataFrame:
    """`bars` with [bottom, top] added: the ends of each bar of `events` when those with the same `at` are stacked by
    `kind` in `order`."""
    rank = {name: place for place, name in enumerate(order)}
    ordered = bars.sort_values([at, kind], key=lambda column: column.map(rank) if column.name == kind else column)
    top = ordered.groupby(at)["events"].cumsum()
    return ordered.assign(bottom=top - ordered["events"], top=top)
