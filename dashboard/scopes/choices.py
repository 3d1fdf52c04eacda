"""The applications and signals that a person can choose from: those of which something is held."""

from __future__ import annotations

import pandas as pd

from dashboard.wording import SIGNALS


def applications_of(days: pd.DataFrame) -> list[str]:
    """The applications with captures, most captures first."""
    return list(days.groupby("application")["events"].sum().sort_values(ascending=False).index)


def signals_of(days: pd.DataFrame) -> list[str]:
    """The signals with captures, in the usual order."""
    held = set(days["signal"])
    return [signal for signal in SIGNALS if signal in held] + sorted(held - set(SIGNALS))
