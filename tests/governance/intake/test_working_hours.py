"""A recorder that ignores the employer's working hours: nothing from outside of them is stored, and it is counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.intake import storing
from tests.governance.conftest import Client
from tests.governance.intake.conftest import Send, record
from tests.support.people import Company

OFFICE = "mon-fri 08:00-18:00 Europe/Berlin"


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com", zone="America/New_York")


def sent(send: Send, recorder: TestClient, times: Iterable[str], **fields: Any) -> dict[str, int]:
    """Send records of these times; returns what became of them."""
    location = send([record(number, time=time, **fields) for number, time in enumerate(times)]).headers["Location"]
    storing.store_due()
    counts: dict[str, int] = recorder.get(location).json()["counts"]
    return {name: count for name, count in counts.items() if count}


def times_stored(client: TestClient) -> list[str]:
    return sorted(each["captured_at"][:16] for each in client.get("/v1/me/captures").json()["captures"])


def test_nothing_dated_outside_is_stored_and_the_person_sees_it(
    send: Send, recorder: TestClient, api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", OFFICE)
    outside = ["2026-03-02T06:59:59Z", "2026-03-02T17:00:00Z", "2026-03-07T12:00:00Z", "2026-03-08T12:00:00Z"]
    assert sent(send, recorder, outside) == {"kept_out": 4}
    client = api(ada)
    assert times_stored(client) == []
    said = client.get("/v1/me/refused").json()
    assert said["reasons"] == [
        {"reason": "outside_hours", "words": "outside your employer's working hours", "records": 4}
    ]
    rows = {(one["day"], one["application"], one["signal"], one["reason"], one["records"]) for one in said["refused"]}
    assert rows == {
        ("2026-03-02", "Excel", "form_edit", "outside_hours", 2),
        ("2026-03-07", "Excel", "form_edit", "outside_hours", 1),
        ("2026-03-08", "Excel", "form_edit", "outside_hours", 1),
    }
    assert sent(send, recorder, outside) == {"kept_out": 4}
    assert client.get("/v1/me/refused").json()["records"] == 4, "sent again, each still counts once"


def test_what_is_dated_inside_is_stored(
    send: Send, recorder: TestClient, api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", OFFICE)
    inside = ["2026-03-02T07:00:00Z", "2026-03-02T16:59:59Z", "2026-03-06T12:00:00+01:00"]
    assert sent(send, recorder, [*inside, "2026-03-02T08:00:00-10:00"]) == {"stored": 3, "kept_out": 1}
    assert times_stored(api(ada)) == ["2026-03-02T07:00", "2026-03-02T16:59", "2026-03-06T11:00"]


def test_summer_time_moves_the_hours(
    send: Send, recorder: TestClient, api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Berlin it begins on 29 March 2026 and ends on 25 October."""
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", OFFICE)
    stored = ["2026-03-27T07:00", "2026-03-30T06:00", "2026-10-23T06:00", "2026-10-26T07:00"]
    refused = ["2026-03-27T06:59", "2026-03-30T05:59", "2026-03-30T16:00", "2026-10-23T05:59", "2026-10-26T06:59"]
    assert sent(send, recorder, [f"{time}:00Z" for time in stored + refused]) == {"stored": 4, "kept_out": 5}
    assert times_stored(api(ada)) == stored


def test_a_night_belongs_to_the_day_it_begins_on(
    send: Send, recorder: TestClient, api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", "fri 22:00-06:00 UTC; sat 09:00-12:00 UTC")
    stored = ["2026-03-06T22:00", "2026-03-07T05:59", "2026-03-07T09:00"]
    refused = ["2026-03-06T05:59", "2026-03-07T06:00", "2026-03-07T22:00", "2026-03-08T01:00"]
    assert sent(send, recorder, [f"{time}:00Z" for time in stored + refused]) == {"stored": 3, "kept_out": 4}
    assert times_stored(api(ada)) == stored


def test_an_application_that_no_policy_lists_is_outside_the_hours_first(
    send: Send, recorder: TestClient, api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", OFFICE)
    times = ["2026-03-02T06:00:00Z", "2026-03-02T12:00:00Z"]
    assert sent(send, recorder, times, application="Telegram") == {"kept_out": 1, "outside_policy": 1}
    reasons = {one["reason"]: one["records"] for one in api(ada).get("/v1/me/refused").json()["reasons"]}
    assert reasons == {"outside_hours": 1, "policy": 1}


def test_without_the_setting_every_hour_is_stored(send: Send, recorder: TestClient, ada: Employee) -> None:
    assert sent(send, recorder, ["2026-03-02T03:00:00Z", "2026-03-08T23:00:00Z"]) == {"stored": 2}
