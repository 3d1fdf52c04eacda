"""Patterns and checks of values in settings.

`settings` imports this module; it imports nothing else of Open Book.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import date
from functools import lru_cache
from typing import NamedTuple

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

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])-([01]?[0-9]|2[0-3]|24(?=:00)):([0-5][0-9])")
HOW_HOURS_ARE_WRITTEN = (
    "Write ranges DAYS BEGIN-END ZONE, separated by semicolons, such as mon-fri 08:00-18:00 Europe/Berlin or "
    "mon,wed,fri 22:00-06:00 Asia/Tokyo"
)


class HoursRange(NamedTuple):
    """Hours of some days of the week (1: Monday … 7: Sunday, as they are listed), in minutes of the local day. If they
    don't end after they begin, they end on the next day.
    """

    days: tuple[int, ...]
    begins: int
    ends: int
    zone: str


def time_zone(name: str) -> str:
    """The name of an IANA time zone. Raises ValueError."""
    if not _is_time_zone(name):
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


def weekly_hours(text: str) -> str:
    """Ranges as `hours_ranges` reads them. Raises ValueError."""
    hours_ranges(text)
    return text


@lru_cache(maxsize=4)
def hours_ranges(text: str) -> tuple[HoursRange, ...]:
    """`DAYS BEGIN-END ZONE`, separated by semicolons. Raises ValueError, which doesn't quote them."""
    ranges = text.strip().removesuffix(";").split(";") if text.strip() else []
    return tuple(_hours_range(number, each.split()) for number, each in enumerate(ranges, start=1))


def _hours_range(number: int, parts: list[str]) -> HoursRange:
    if len(parts) != 3:
        raise ValueError(f"range {number} doesn't have three parts. {HOW_HOURS_ARE_WRITTEN}")
    days, times, zone = parts
    listed_days = _days_of_week(days.lower())
    if not listed_days:
        raise ValueError(f"the days of range {number} are not such as mon-fri or mon,wed,fri. {HOW_HOURS_ARE_WRITTEN}")
    found = HOURS.fullmatch(times)
    if found is None:
        raise ValueError(f"the times of range {number} are not such as 08:00-18:00. {HOW_HOURS_ARE_WRITTEN}")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    begins, ends = hour * 60 + minute, last_hour * 60 + last_minute
    if begins == ends:
        raise ValueError(f"range {number} ends when it begins; a whole day is 00:00-24:00. {HOW_HOURS_ARE_WRITTEN}")
    if not _is_time_zone(zone):
        raise ValueError(
            f"the zone of range {number} is not an IANA time zone, such as Europe/Lisbon. {HOW_HOURS_ARE_WRITTEN}"
        )
    return HoursRange(listed_days, begins, ends or 24 * 60, zone)


def _days_of_week(text: str) -> tuple[int, ...]:
    """Empty if they are written otherwise."""
    found: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            return ()
        begin = DAYS.index(first)
        number = (DAYS.index(last) - begin) % 7 + 1 if dash else 1
        found.update(dict.fromkeys((begin + day) % 7 + 1 for day in range(number)))
    return tuple(found)


def _is_time_zone(name: str) -> bool:
    """Whether it is one of `zoneinfo.available_timezones()`, which opens all 600 of them."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name.partition("/")[0] not in ("posix", "posixrules", "right")
