"""Charts: pure functions from a DataFrame to an `alt.Chart`, each beside a sentence that says the same.

Colours come from the theme (`.streamlit/config.toml`), so that they fit light and dark. Times are naive and
already local. Captured text never names a field, and tooltips have fixed titles.
"""

from __future__ import annotations

SHORT_NUMBER = "format(datum.value, '~s')"
"""A label of an axis or legend: `0`, `20k`. The format alone would write a nought as `0k`."""
