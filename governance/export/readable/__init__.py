"""The records of an export as pages for people: one after the other by day, and by kind.

    pages = Pages(spool.writer, local, by_month=False)
    pages.write(captures)                                  # in order of time, as often as needed
    contents = pages.copy(archive, spool, missing)         # days/2026-03-01.html, kinds/keystroke-1.html, …

A page loads nothing but pictures of the same folder, runs nothing, and has a limited size (`pages.py`).
"""

from governance.export.readable.local import Local
from governance.export.readable.pages import Contents, Pages

__all__ = ["Contents", "Local", "Pages"]
