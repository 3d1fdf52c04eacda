"""Makes time axes show wall-clock time, whatever the browser's zone.

A browser would shift a naive time to its own zone, and a selection back from it. So local times are passed to Vega as
if they were UTC, and every time axis is a UTC axis. Both the drawing and the brush then use wall time.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

SCALE = alt.Scale(type="utc")


def wall_times(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its naive times labelled as UTC."""
    naive = frame.select_dtypes("datetime").columns
    return frame.assign(**{str(name): frame[name].dt.tz_localize("UTC") for name in naive})
