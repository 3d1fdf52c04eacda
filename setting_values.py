"""Checks of values in settings.

`settings` imports this module; it imports nothing else of Open Book.
"""

from __future__ import annotations

import zoneinfo
from datetime import date
from functools import lru_cache

HTTP_URLS = r"^(https?://[^\s,]+(,https?://[^\s,]+)*)?$"
HOSTS = r"^(\.?[a-z0-9-]+(\.[a-z0-9-]+)*(,\.?[a-z0-9-]+(\.[a-z0-9-]+)*)*)?$"


def time_zone(name: str) -> str:
    """The name of an IANA time zone. Raises ValueError."""
    if name not in _time_zones():
        raise ValueError("It is not an IANA time zone, such as Europe/Lisbon")
    return name


def days(listed: str) -> str:
    """Comma-separated days. Raises ValueError for one that doesn't exist."""
    for day in listed.split(",") if listed else ():
        date.fromisoformat(day)
    return listed


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
