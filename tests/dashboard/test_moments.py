"""How far a day is away, by the reader's calendar or the one in which the day is counted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

import clock
from dashboard import moments
from dashboard.moments import days_away


@pytest.mark.parametrize(("zone", "words"), [("America/Los_Angeles", "tomorrow"), ("Europe/Berlin", "today")])
def test_today_is_the_readers(monkeypatch: pytest.MonkeyPatch, zone: str, words: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 30, 6, 55, tzinfo=UTC))
    monkeypatch.setattr(moments, "here", lambda: moments.Zone(ZoneInfo(zone)))
    assert days_away(date(2026, 11, 30)) == words
    assert days_away(date(2026, 11, 30), "UTC") == "today"
