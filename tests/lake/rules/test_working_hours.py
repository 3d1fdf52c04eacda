"""The hours outside which nothing is stored: how they are written, and which moments they cover."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lake.rules.working_hours import working_hours
from settings import InvalidSettings, settings

NAME = "OPENBOOK_WORKING_HOURS"


def _covers(monkeypatch: pytest.MonkeyPatch, hours: str, at: str) -> bool:
    monkeypatch.setenv(NAME, hours)
    return working_hours().cover(datetime.fromisoformat(at))


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("mon-fri 08:00-18:00 UTC", ["2026-01-05T08:00", "2026-01-09T17:59:59"], ["2026-01-05T07:59:59"]),
        ("mon-fri 08:00-18:00 UTC", ["2026-01-06T12:00"], ["2026-01-09T18:00", "2026-01-10T12:00"]),
        ("mon-fri 08:00-18:00 Europe/Berlin", ["2026-01-05T07:00"], ["2026-01-05T17:00"]),
        ("Mon,Wed 08:00-18:00 UTC", ["2026-01-07T08:00"], ["2026-01-06T08:00"]),
        ("sun-thu 08:00-18:00 UTC", ["2026-01-04T08:00", "2026-01-08T08:00"], ["2026-01-09T08:00"]),
        ("mon-tue,fri 08:00-18:00 UTC", ["2026-01-06T08:00", "2026-01-09T08:00"], ["2026-01-07T08:00"]),
        ("mon 00:00-24:00 UTC", ["2026-01-05T00:00", "2026-01-05T23:59:59"], ["2026-01-06T00:00", "2026-01-04T23:59"]),
        ("mon 22:00-00:00 UTC", ["2026-01-05T23:59:59"], ["2026-01-06T00:00", "2026-01-05T00:00"]),
        ("mon 8:00-12:00 UTC; tue 13:00-14:00 UTC ;", ["2026-01-05T08:00", "2026-01-06T13:00"], ["2026-01-05T13:00"]),
        ("", ["2026-01-04T03:00"], []),
    ],
)
def test_moments_in_and_out(hours: str, inside: list[str], outside: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(_covers(monkeypatch, hours, at) for at in inside)
    assert not any(_covers(monkeypatch, hours, at) for at in outside)


def test_a_range_past_midnight_is_of_the_day_it_begins_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Fridays in Tokyo from 22:00 to 6:00: 13:00 to 21:00 in UTC."""
    hours = "fri 22:00-06:00 Asia/Tokyo"
    assert _covers(monkeypatch, hours, "2026-01-09T13:00")
    assert _covers(monkeypatch, hours, "2026-01-09T20:59:59"), "Saturday in Tokyo, of the range that began on Friday"
    assert not _covers(monkeypatch, hours, "2026-01-09T21:00")
    assert not _covers(monkeypatch, hours, "2026-01-08T16:00"), "Friday 1:00 in Tokyo: nothing began on Thursday"
    assert _covers(monkeypatch, "sun 22:00-06:00 UTC", "2026-01-05T05:59"), "from Sunday into Monday"


def test_local_clocks_decide_when_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Berlin is an hour ahead of UTC until 29 March 2026, two until 25 October."""
    hours = "mon-sun 08:00-18:00 Europe/Berlin"
    for day, begins in [("2026-03-28", 7), ("2026-03-29", 6), ("2026-10-24", 6), ("2026-10-25", 7)]:
        for minutes, inside in [(-1, False), (0, True), (10 * 60 - 1, True), (10 * 60, False)]:
            at = datetime.fromisoformat(day) + timedelta(hours=begins, minutes=minutes)
            assert _covers(monkeypatch, hours, at.isoformat()) is inside, at


def test_the_hour_that_comes_twice_and_the_one_that_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    night = "sat 22:00-02:30 Europe/Berlin"
    assert _covers(monkeypatch, night, "2026-10-25T00:29"), "2:29 in summer time"
    assert _covers(monkeypatch, night, "2026-10-25T01:29"), "2:29 again"
    assert not _covers(monkeypatch, night, "2026-10-25T01:30")
    assert _covers(monkeypatch, night, "2026-03-29T00:59"), "1:59, and then 3:00"
    assert not _covers(monkeypatch, night, "2026-03-29T01:00")


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("mon-fri 08:00-18:00", "range 1 doesn't have three parts"),
        ("always", "range 1 doesn't have three parts"),
        ("mon-fri 08:00 - 18:00 UTC", "range 1 doesn't have three parts"),
        ("mon-fri 08:00-18:00 UTC; tue", "range 2 doesn't have three parts"),
        ("mon-fri 08:00-18:00 UTC;;tue 08:00-18:00 UTC", "range 2 doesn't have three parts"),
        (";", "range 1 doesn't have three parts"),
        ("monday 08:00-18:00 UTC", "the days of range 1"),
        ("mon-wed-fri 08:00-18:00 UTC", "the days of range 1"),
        ("mon, 08:00-18:00 UTC", "the days of range 1"),
        ("-fri 08:00-18:00 UTC", "the days of range 1"),
        ("mon 08:00 UTC", "the times of range 1"),
        ("mon 24:00-06:00 UTC", "the times of range 1"),
        ("mon 08:60-18:00 UTC", "the times of range 1"),
        ("mon 08:00-24:01 UTC", "the times of range 1"),
        ("mon 8-18 UTC", "the times of range 1"),
        ("mon \u0660\u0668:00-18:00 UTC", "the times of range 1"),
        ("mon 08:00-08:00 UTC", "range 1 ends when it begins"),
        ("mon 08:00-18:00 UTC; mon 08:00-18:00 Berlin", "the zone of range 2"),
        ("mon 08:00-18:00 CET+1secret", "the zone of range 1"),
    ],
)
def test_what_is_written_otherwise_is_refused_in_words(hours: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, hours)
    with pytest.raises(InvalidSettings) as error:
        settings()
    [fault] = str(error.value).splitlines()[1:]
    assert fault.startswith(f"{NAME}: ")
    assert said in fault
    assert "DAYS BEGIN-END ZONE" in fault, "how to write it"
    assert "mon-fri 08:00-18:00 Europe/Berlin" in fault
    assert "secret" not in fault
