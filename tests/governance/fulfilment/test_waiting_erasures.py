"""An erasure that waits for a day: what holds meanwhile, how it starts, and how its owner stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import clock
import timekeeping
from directory import Employee
from governance.fulfilment import waiting
from governance.ledger import trusted_time
from governance.requests import progress
from governance.requests.filing import WAIT
from lake.rules import retention, standing
from lake.storage.connection import writer
from tests.governance.conftest import Capture, Client
from tests.governance.fulfilment.test_standing import may_be_trained_on
from tests.governance.ledger.ending import receipt_of
from tests.governance.working import carry_out, maintain_rules
from tests.support.people import Company

FILED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
A_DAY_LATER = FILED + WAIT
Turn = Callable[[datetime], None]


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Sets the clock, which can be trusted."""
    monkeypatch.setattr(trusted_time, "allows", lambda _: True)
    monkeypatch.setattr(trusted_time, "require", lambda: None)

    def to(now: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: now)

    to(FILED)
    return to


@pytest.fixture
def ada(turn: Turn, person: Company, capture: Capture) -> Employee:
    ada = person()
    capture(ada, 4)
    capture(ada, 3, application="Chrome")
    return ada


def filed(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/requests", json={"type": "erasure", "wait_a_day": True, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def a_round() -> None:
    waiting.start()
    maintain_rules()
    waiting.keep_out()


def shown(client: TestClient) -> int:
    return len(client.get("/v1/me/captures").json()["captures"])


def rules(subject: UUID) -> list[tuple[str, bool]]:
    with writer() as connection:
        return connection.execute(
            "select kind, ended_at is null from standing_rules where subject = ?", [subject]
        ).fetchall()


def test_nothing_is_deleted_before_the_day_is_over(api: Client, ada: Employee, turn: Turn) -> None:
    client = api(ada)
    request = filed(client, scope={"applications": ["Chrome"]})
    assert (request["state"], request["starts_at"]) == ("received", A_DAY_LATER.isoformat().replace("+00:00", "Z"))
    a_round()
    a_round()
    assert not carry_out(request["id"])
    assert shown(client) == 7
    assert may_be_trained_on(ada.subject) == 4
    now = client.get(f"/v1/requests/{request['id']}").json()
    assert [step["note"] for step in now["history"][1:]] == [
        "You chose to wait a day. Nothing is deleted before that, and you can withdraw this until then.",
        waiting.KEPT_OUT,
    ]

    turn(A_DAY_LATER - timedelta(seconds=1))
    a_round()
    assert not carry_out(request["id"])
    turn(A_DAY_LATER)
    a_round()
    assert carry_out(request["id"])
    done = api(ada).get(f"/v1/requests/{request['id']}").json()
    assert (done["state"], done["outcome"]["erased"], done["outcome"]["found_afterwards"]) == ("completed", 3, 0)
    assert waiting.OVER in [step["note"] for step in done["history"]]
    assert rules(ada.subject) == [("waiting", False)]
    assert (done["due_at"], done["received_at"]) == (request["due_at"], request["received_at"])


def test_deadline_is_that_of_a_request_that_starts_at_once(api: Client, ada: Employee) -> None:
    client = api(ada)
    waits = filed(client)
    at_once = client.post("/v1/requests", json={"type": "erasure", "scope": {"applications": ["Chrome"]}}).json()
    assert waits["due_at"] == at_once["due_at"]
    assert "starts_at" not in at_once


def test_owner_changes_their_mind(api: Client, ada: Employee, turn: Turn) -> None:
    client = api(ada)
    request = filed(client)
    a_round()
    assert may_be_trained_on(ada.subject) == 0
    withdrawn = client.delete(f"/v1/requests/{request['id']}").json()
    assert (withdrawn["state"], withdrawn["outcome"]) == ("withdrawn", None)
    a_round()
    assert may_be_trained_on(ada.subject) == 7
    turn(A_DAY_LATER + WAIT)
    a_round()
    assert not carry_out(request["id"])
    assert shown(api(ada)) == 7
    assert rules(ada.subject) == [("waiting", False)]
    statement = receipt_of(api(ada), request["id"])["statement"]
    assert "withdrawn" in str(statement)


def test_withdrawn_before_its_rule_is_in_force(api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api(ada)
    request = filed(client)
    begun = progress.work_of

    def withdrawn_meanwhile(row: Any) -> Any:
        work = begun(row)
        client.delete(f"/v1/requests/{request['id']}")
        return work

    monkeypatch.setattr(waiting, "work_of", withdrawn_meanwhile)
    waiting.keep_out()
    maintain_rules()
    assert rules(ada.subject) == [("waiting", False)]
    assert may_be_trained_on(ada.subject) == 7


def test_rule_that_a_crash_prevented_is_made_up_for(
    api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = filed(api(ada))
    with monkeypatch.context() as patch:
        patch.setattr(standing, "start_rule", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            waiting.keep_out()
    assert waiting.KEPT_OUT not in str(api(ada).get(f"/v1/requests/{request['id']}").json()["history"])
    waiting.keep_out()
    assert may_be_trained_on(ada.subject) == 0


def test_waiting_keeps_nothing_longer(api: Client, ada: Employee) -> None:
    filed(api(ada))
    a_round()
    assert retention.sweep(date(2100, 1, 1))["removed"] == 7


def test_start_waits_for_a_clock_that_can_be_trusted(
    api: Client, ada: Employee, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = filed(api(ada))
    turn(A_DAY_LATER + timedelta(days=400))
    monkeypatch.setattr(trusted_time, "allows", lambda _: False)
    a_round()
    assert not carry_out(request["id"])
    assert api(ada).delete(f"/v1/requests/{request['id']}").json()["state"] == "withdrawn"


def test_clock_that_was_ahead_at_filing_delays_it_by_a_day_at_most(
    api: Client, ada: Employee, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeping, "not_earlier", lambda now: now)
    turn(FILED + timedelta(days=400))
    request = filed(api(ada))
    turn(FILED)
    a_round()
    assert not carry_out(request["id"])
    turn(A_DAY_LATER)
    a_round()
    assert carry_out(request["id"])


def test_choice_is_acknowledged_and_only_erasures_wait(api: Client, ada: Employee) -> None:
    client = api(ada)
    request = filed(client)
    assert request["acknowledgement"]["statement"]["starts_at"] == request["starts_at"]
    refused = client.post("/v1/requests", json={"type": "objection", "wait_a_day": True})
    assert refused.status_code == 422
    again = client.post("/v1/requests", json={"type": "erasure"})
    assert again.status_code == 409
