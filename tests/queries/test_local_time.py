"""Days, hours and quarters of an hour are those of any time zone, also on days that have 23 or 25 hours."""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from directory import Employee
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import Own, Size
from queries.zones import FIRST, LAST, offsets
from tests.lake.rows import Capture, put
from tests.support.people import Company

EVERY = timedelta(minutes=5)
DAYS_OF = (
    ("America/Los_Angeles", "2026-03-08", 23),
    ("America/Los_Angeles", "2026-11-01", 25),
    ("Europe/Berlin", "2026-03-29", 23),
    ("Europe/Berlin", "2026-10-25", 25),
    ("America/Santiago", "2026-09-06", 23),  # midnight is skipped
    ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ("Australia/Lord_Howe", "2026-10-04", 23.5),
    ("Asia/Kolkata", "2026-03-08", 24),
    ("Asia/Kathmandu", "2026-03-08", 24),
    ("Pacific/Chatham", "2026-09-27", 23),
    ("Pacific/Kiritimati", "2026-03-08", 24),
    ("UTC", "2026-03-08", 24),
)


def local(moment: datetime, zone: ZoneInfo, size: Size) -> datetime:
    """The beginning of its day, hour or quarter of an hour."""
    at = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    minutes = (at.hour * 60 + at.minute) // size * size
    return at.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0)


@pytest.mark.parametrize(("name", "day", "hours"), DAYS_OF)
def test_a_local_day_has_its_own_hours(
    person: Company, own_of: Callable[[Employee], Own], name: str, day: str, hours: float
) -> None:
    ada, zone, first = person(), ZoneInfo(name), datetime.fromisoformat(day)
    captures = [Capture(captured_at=first - timedelta(days=2) + n * EVERY, text=None) for n in range(4 * 24 * 12)]
    with writer() as connection:
        put(connection, ada.subject, captures)
    own = own_of(ada)
    per_day = own.captures_per_day(zone).set_index("day")["events"]
    assert per_day[first] == hours * 12
    assert per_day.sum() == len(captures)
    for size in Size:
        found = own.captures_per(Scope(), size, zone)
        assert dict(zip(found["start"].dt.to_pydatetime(), found["events"], strict=True)) == Counter(
            local(one.captured_at, zone, size) for one in captures
        )


def test_every_zone_is_as_far_from_utc_as_python_says() -> None:
    dice = random.Random(2026)
    moments = [FIRST + (LAST - FIRST) * dice.random() for _ in range(20)]
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        found = offsets(zone)
        for changed in found["zone_from"][1:]:
            moments += [changed.replace(tzinfo=UTC) + timedelta(seconds=second) for second in (-1, 0)]
        for moment in moments:
            place = bisect(found["zone_from"], moment.replace(tzinfo=None)) - 1
            assert timedelta(seconds=found["zone_seconds"][place]) == moment.astimezone(zone).utcoffset(), name
        del moments[20:]


def test_zones_change_their_days_at_a_quarter_of_an_hour() -> None:
    since = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    for name in available_timezones():
        found = offsets(ZoneInfo(name))
        begins = bisect(found["zone_from"], since) - 1
        assert {seconds % 900 for seconds in found["zone_seconds"][begins:]} == {0}, name
