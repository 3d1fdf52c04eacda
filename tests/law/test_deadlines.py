"""A deadline is a day where the person works, and ends with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.deadlines import due_on, end_of
from settings import InvalidSettings, settings

ZONES = (
    "UTC", "Atlantic/Azores", "Europe/Lisbon", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Sao_Paulo",
    "Asia/Kathmandu", "Australia/Lord_Howe", "America/Los_Angeles", "Asia/Beirut", "America/Havana",
)  # fmt: skip


@pytest.mark.parametrize(
    ("key", "received", "zone", "extended", "due"),
    [
        ("gdpr", "2026-02-28T23:30:00-01:00", "Atlantic/Azores", False, "2026-03-28"),
        ("gdpr", "2026-02-28T23:30:00-01:00", "UTC", False, "2026-04-01"),
        ("gdpr", "2026-02-28T23:30:00-01:00", "Atlantic/Azores", True, "2026-05-28"),
        ("gdpr", "2026-01-31T22:00:00Z", "Pacific/Auckland", False, "2026-03-01"),
        ("gdpr", "2026-01-31T10:00:00Z", "UTC", False, "2026-02-28"),
        ("gdpr", "2026-01-31T10:00:00Z", "UTC", True, "2026-04-30"),
        ("gdpr", "2028-01-31T10:00:00Z", "UTC", False, "2028-02-29"),
        ("ccpa", "2026-01-31T10:00:00Z", "UTC", False, "2026-03-17"),
        ("ccpa", "2026-01-31T10:00:00Z", "UTC", True, "2026-05-01"),
        ("ccpa", "2026-03-01T06:00:00Z", "America/Los_Angeles", False, "2026-04-14"),
        ("ccpa", "2026-03-01T06:00:00Z", "UTC", False, "2026-04-15"),
        ("ccpa", "2026-03-01T06:00:00Z", "America/Los_Angeles", True, "2026-05-29"),
    ],
)
def test_days_are_counted_where_the_person_works(key: str, received: str, zone: str, extended: bool, due: str) -> None:
    assert due_on(key, datetime.fromisoformat(received), zone, extended=extended) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("received", "holidays", "due"),
    [
        ("2026-10-28T10:00:00Z", "", "2026-11-30"),  # 28 November is a Saturday
        ("2026-10-29T10:00:00Z", "", "2026-11-30"),  # a Sunday
        ("2026-10-30T10:00:00Z", "", "2026-11-30"),  # a Monday
        ("2026-11-25T10:00:00Z", "2026-12-25", "2026-12-28"),  # a Friday, and the weekend after it
        ("2026-11-25T10:00:00Z", "2026-12-25,2026-12-28", "2026-12-29"),
        ("2026-11-25T10:00:00Z", "", "2026-12-25"),
    ],
)
def test_a_deadline_may_move_to_a_working_day(
    monkeypatch: pytest.MonkeyPatch, received: str, holidays: str, due: str
) -> None:
    at = datetime.fromisoformat(received)
    unmoved = due_on("gdpr", at, "UTC")
    assert unmoved == date(2026, at.month + 1, at.day)
    californian = due_on("ccpa", at, "UTC")
    monkeypatch.setenv("OPENBOOK_HOLIDAYS", holidays)
    assert due_on("gdpr", at, "UTC") == unmoved
    monkeypatch.setenv("OPENBOOK_NEXT_WORKING_DAY", "true")
    assert due_on("gdpr", at, "UTC") == date.fromisoformat(due)
    assert due_on("ccpa", at, "UTC") == californian


def test_an_extension_may_move_to_a_working_day(monkeypatch: pytest.MonkeyPatch) -> None:
    received = datetime(2026, 10, 30, 10, tzinfo=UTC)
    assert due_on("gdpr", received, "UTC", extended=True) == date(2027, 1, 30)
    monkeypatch.setenv("OPENBOOK_NEXT_WORKING_DAY", "true")
    monkeypatch.setenv("OPENBOOK_HOLIDAYS", "2027-02-01")
    assert due_on("gdpr", received, "UTC", extended=True) == date(2027, 2, 2)


@given(st.dates(date(1975, 1, 1), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_a_day_ends_with_its_last_moment(day: date, zone: str) -> None:
    last, there = end_of(day, zone), ZoneInfo(zone)
    assert last.tzinfo is UTC
    if zone in ("Pacific/Kiritimati",) and day >= date(1994, 12, 29) and day <= date(1995, 1, 3):
        return  # it skipped a whole day when it moved across the date line
    assert last.astimezone(there).date() == day
    assert (last + timedelta(microseconds=1)).astimezone(there).date() == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENBOOK_WORKPLACE_ZONE", "Azores"),
        ("OPENBOOK_WORKPLACE_ZONE", "../etc/passwd"),
        ("OPENBOOK_HOLIDAYS", "25.12.2026"),
        ("OPENBOOK_HOLIDAYS", "2026-02-30"),
        ("OPENBOOK_NEXT_WORKING_DAY", "sometimes"),
    ],
)
def test_settings_of_deadlines_are_checked(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings, match=name):
        settings()
