"""Records that name a device: they are those of the person for whom the recorder reports it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from starlette.testclient import TestClient

import clock
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.intake import storing
from governance.intake.people import NOT_ONE
from tests.governance.intake.conftest import Send, captures, record
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]


@pytest.fixture
def other_token(recorder: TestClient, recorder_token: str, monkeypatch: pytest.MonkeyPatch) -> str:
    token, line = service_tokens.make(
        "recorder", [Scope.CAPTURES_WRITE, Scope.RECORDERS_REPORT], until=date(2100, 1, 1)
    )
    other, of_other = service_tokens.make("other", [Scope.CAPTURES_WRITE], until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", f"{line},{of_other}")
    recorder.headers["Authorization"] = f"Bearer {token}"
    return other


def reported(recorder: TestClient, email: str, state: str = "recording") -> None:
    said = {"device": "PC-1", "state": state}
    answer = recorder.put("/v1/capture-control/heartbeat", params={"email": email}, json=said)
    assert answer.status_code == 200, answer.text


def of_device(minutes: int = 0, device: str = "PC-1") -> dict[str, object]:
    time = clock.now_utc() + timedelta(minutes=minutes)
    return record(email=None, device=device, time=time.isoformat() + "Z")


def counts(recorder: TestClient, location: str) -> dict[str, int]:
    storing.store_due()
    batch = recorder.get(location).json()
    assert set(batch["reasons"]) <= {NOT_ONE}
    return {name: count for name, count in batch["counts"].items() if count}


def test_a_device_stands_for_its_person(
    send: Send, recorder: TestClient, person: Company, at: Clock, other_token: str
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    at(clock.naive(datetime(2026, 3, 2, 9, tzinfo=UTC)))
    assert counts(recorder, send([of_device()]).headers["Location"]) == {"unknown_person": 1}
    reported(recorder, "ada@example.com")
    location = send([of_device(-60), of_device()]).headers["Location"]
    assert counts(recorder, location) == {"stored": 1, "quarantined": 1}
    assert {subject for subject, _ in captures()} == {ada.subject}
    at(clock.naive(datetime(2026, 3, 2, 10, tzinfo=UTC)))
    reported(recorder, "ada@example.com", "stopped")
    at(clock.naive(datetime(2026, 3, 2, 12, tzinfo=UTC)))
    reported(recorder, "bob@example.com")
    late = of_device(-150)  # Ada's, sent later
    location = send([late, of_device(), of_device(-90)]).headers["Location"]
    assert counts(recorder, location) == {"stored": 2, "quarantined": 1}
    assert [subject for subject, _ in captures()].count(bob.subject) == 1
    reported(recorder, "ada@example.com")
    location = send([of_device()]).headers["Location"]
    assert counts(recorder, location) == {"quarantined": 1}
    both = send([record(device="PC-1"), record(email=None)]).json()
    assert list(both["reasons"]) == ["name the person by one of sub, email and device"]
    recorder.headers["Authorization"] = f"Bearer {other_token}"
    assert send([of_device()]).json()["counts"]["unknown_person"] == 1
