"""Patterns and checks of values in settings.

`settings` imports this module; it imports nothing else of Open Book.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import date
from functools import lru_cache

REQUEST_TYPE = "(export|erasure|objection|restriction|rectification|masking)"
SERVICE_NAME = "[a-z][a-z0-9._-]{0,59}"
MLFLOW_SERVER = rf"({SERVICE_NAME}=)?https?://[^\s,]+"
SERVICE_SCOPE = (
    "(lineage:write|models:deploy|models:retire|datasets:create|datasets:read|captures:read|access:report"
    "|directory:write|metrics:read|capture-control:read|captures:write|recorders:report)"
)
ACCESS_SYSTEM = rf"{SERVICE_NAME}=[^;\x00-\x1f\x7f]{{1,200}}"
BUCKET = r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_.-]+)*/?)?$"
LISTED = r"^([^\s,]+(,[^\s,]+)*)?$"
ADDRESS = r"[^\s@<>,\"]+@[A-Za-z0-9.-]+"
URL = r"^(https?://[^\s]+)?$"
SERVICE_TERM = f"(scope={SERVICE_SCOPE}|namespace=[A-Za-z0-9%._~:/*-]+)"
SERVICE_TOKEN = rf"{SERVICE_NAME}:[0-9a-f]{{64}}(\?({SERVICE_TERM}&)+until=[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})?"
HTTP_URLS = r"^(https?://[^\s,]+(,https?://[^\s,]+)*)?$"
HOSTS = r"^(\.?[a-z0-9-]+(\.[a-z0-9-]+)*(,\.?[a-z0-9-]+(\.[a-z0-9-]+)*)*)?$"


def time_zone(name: str) -> str:
    """The name of an IANA time zone. Raises ValueError."""
    if name not in _time_zones():
        raise ValueError("It is not an IANA time zone, such as Europe/Lisbon")
    return name


def days(text: str) -> str:
    """Comma-separated days. Raises ValueError for one that doesn't exist."""
    for day in text.split(",") if text else ():
        date.fromisoformat(day)
    return text


def listed(names: str) -> frozenset[str]:
    """What is listed, separated by commas."""
    return frozenset(filter(None, names.split(",")))


def backup_place(place: str) -> str:
    """A folder, or the bucket and prefix of an `s3:` URL. Raises ValueError."""
    if "://" in place and not (place.startswith("s3://") and re.fullmatch(BUCKET, place)):
        raise ValueError("It is neither a folder nor s3://BUCKET/PREFIX")
    return place


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
