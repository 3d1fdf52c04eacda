"""Charts: pure functions from a DataFrame to an `alt.Chart`, each with a sentence that says the same.

Colours come from the theme (`.streamlit/config.toml`), so they suit light and dark. Times are naive and
already local. Field names never come from captured text, and tooltips have fixed titles.
"""

from __future__ import annotations

SHORT_NUMBER = "format(datum.value, '~s')"
"""A label of an axis or legend: `0`, `20k`. The format alone would write zero as `0k`."""
