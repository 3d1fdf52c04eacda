"""A preview counts by days of the reader's time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tests.governance.conftest import START, Capture, Client
from tests.support.people import Company

EVENING = START.replace(hour=23, minute=30)
"""UTC: in Berlin it is the next day, in New York still the afternoon; in Kathmandu, a quarter past five."""


@pytest.mark.parametrize("kind", ["erasure", "objection", "export"])
@pytest.mark.parametrize(
    ("zone", "days"),
    [
        (None, {0: 2, 1: 1}),
        ("UTC", {0: 2, 1: 1}),
        ("Europe/Berlin", {1: 3}),
        ("America/New_York", {0: 3}),
        ("Asia/Kathmandu", {1: 3}),
    ],
)
def test_days_are_those_of_the_zone(
    api: Client, person: Company, capture: Capture, kind: str, zone: str | None, days: dict[int, int]
) -> None:
    ada = person()
    for minutes in (0, 29, 45):
        capture(ada, 1, start=EVENING + timedelta(minutes=minutes))
    body = {"type": kind, **({"zone": zone} if zone else {})}
    preview = api(ada).post("/v1/requests/preview", json=body).json()
    wanted = {str((START + timedelta(days=after)).date()): events for after, events in days.items()}
    assert {each["day"]: each["events"] for each in preview["days"]} == wanted
    [part] = preview["by"]
    assert (part["first_day"], part["last_day"], part["events"]) == (min(wanted), max(wanted), 3)


def test_a_hold_is_counted_by_the_same_days(
    api: Client, person: Company, capture: Capture, hold: Callable[..., UUID]
) -> None:
    ada = person()
    capture(ada, 2, start=EVENING)
    capture(ada, 1, start=EVENING, application="Chrome")
    hold(ada, ["Chrome"])
    preview = api(ada).post("/v1/requests/preview", json={"type": "erasure", "zone": "Europe/Berlin"}).json()
    assert [(each["day"], each["events"]) for each in preview["days"]] == [("2026-03-03", 2)]
    assert [each["events"] for each in preview["withheld"]] == [1]


@pytest.mark.parametrize("zone", ["Nowhere/City", "", "../etc/passwd", "x" * 5000])
def test_a_zone_that_does_not_exist_is_refused(api: Client, person: Company, zone: str) -> None:
    answer = api(person()).post("/v1/requests/preview", json={"type": "export", "zone": zone})
    assert answer.status_code == 422
    assert "zone" in answer.text


def test_a_request_has_no_zone(api: Client, person: Company) -> None:
    assert api(person()).post("/v1/requests", json={"type": "export", "zone": "UTC"}).status_code == 422
