"""Overview and the timeline of Captured are drawn from the rollup: they read no file of captures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.language import tn
from directory import Employee
from lake.storage.connection import data_folder
from tests.dashboard.conftest import AT, Capture, OpenApp, words

ZONES = ("UTC", "Asia/Kolkata", "America/Los_Angeles")


def captures_lost() -> None:
    """No file of captures can be read from now on."""
    files = list((data_folder() / "main" / "captures").rglob("*.parquet"))
    assert files
    for file in files:
        file.unlink()


@pytest.mark.parametrize("zone", ZONES)
def test_overview_reads_no_captures(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, zone: str
) -> None:
    ada = person()
    capture(ada, 300, every=timedelta(hours=2))
    before = words(open_app(ada, zone=zone))
    captures_lost()
    assert words(open_app(ada, zone=zone)) == before
    assert "**300 records**" in before
    assert "Day by day" in before
    assert "Hour by hour" in before


@pytest.mark.parametrize("every", [timedelta(minutes=5), timedelta(hours=2), timedelta(days=1)])
@pytest.mark.parametrize("zone", ZONES)
def test_the_timeline_reads_no_captures(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, zone: str, every: timedelta
) -> None:
    ada = person()
    capture(ada, 40, every=every)
    captures_lost()
    app = open_app(ada, page="captured", zone=zone)
    assert "**40 records** in your selection" in words(app)
    local = [(AT + n * every).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() for n in range(40)]
    first = local[0]
    begin = datetime.combine(first, time())
    app.datetime_input[0].set_value(begin)
    app.datetime_input[1].set_value(begin + timedelta(days=1)).run()
    assert f"**{tn('{n} record', '{n} records', local.count(first))}** in your selection" in words(app)
    assert "can't be read" in words(app), "the records themselves"


def test_days_are_those_of_the_time_zone(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    evening = datetime(2026, 3, 2, 18, 20, tzinfo=UTC).replace(tzinfo=None)
    capture(ada, 30, at=evening)
    assert "all on 2 March 2026. Days begin at midnight in UTC." in words(open_app(ada))
    kolkata = words(open_app(ada, zone="Asia/Kolkata"))
    assert "on 2 days between 2 March 2026 and 3 March 2026. The busiest was 3 March 2026 with 20 records." in kolkata
    assert "recorded on 2 days between 2 March 2026 and 3 March 2026" in kolkata
    assert "Days begin at midnight in Asia/Kolkata time." in kolkata
    angeles = words(open_app(ada, zone="America/Los_Angeles"))
    assert "all on 2 March 2026" in angeles
    assert "Most was captured between 10:00 and 11:00." in angeles
