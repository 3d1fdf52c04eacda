"""Times on an axis as a wall clock shows them, in whatever zone the browser is.

A browser would shift a naive time to its own zone, and a selection back from it. So local times go to Vega as if
they were UTC, and every time axis is a UTC axis: what is drawn, and what a brush gives back, is the wall time.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

SCALE = alt.Scale(type="utc")


def wall_times(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its naive times marked as UTC."""
    naive = frame.select_dtypes("datetime").columns
    return frame.assign(**{str(name): frame[name].dt.tz_localize("UTC") for name in naive})
