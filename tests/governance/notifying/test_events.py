"""What people are told: each event once, to those whom it concerns, as they chose."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance import access_log
from governance.access_log import Purpose
from governance.ai_models import plans
from governance.domain.plans import Plan
from governance.notifying import finding, telling
from governance.recording import heartbeats, notices
from governance.rounds import tidying
from governance.schemas import NewRecorderHeartbeat
from lake.lineage.graph import ModelVersion, retire_model
from lake.rules import standing
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import SIGNALS, Scope
from lake.storage.connection import transaction, writer
from tests.governance.conftest import START, Capture, Client
from tests.governance.notifying.conftest import Told
from tests.governance.working import carry_out
from tests.lake.times import Clock, at
from tests.support import lineage
from tests.support.people import Company

__all__ = ["at"]

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def ada(person: Company, capture: Capture, at: Clock) -> Employee:
    ada = person("ada@example.com")
    capture(ada, 4)
    at(START + DAY)
    return ada


@pytest.fixture
def bob(person: Company, ada: Employee) -> Employee:
    return person("bob@example.com")


@pytest.fixture
def olga(person: Company, ada: Employee) -> Employee:
    return person("olga@example.com", role="privacy_officer")


def file(client: TestClient, kind: str, **more: Any) -> str:
    answer = client.post("/v1/requests", json={"type": kind, "scope": {}, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_ends_of_requests_are_told_once_to_their_owner(api: Client, ada: Employee, bob: Employee, told: Told) -> None:
    assert told(ada) == []
    carry_out(file(api(ada), "objection"))
    withdrawn = file(api(ada), "export")
    api(ada).delete(f"/v1/requests/{withdrawn}")
    assert told(ada) == told(ada) == ["request_ended"]
    assert told(bob) == []


def test_an_extension_and_a_near_deadline_are_told(
    api: Client, ada: Employee, olga: Employee, told: Told, at: Clock
) -> None:
    request = file(api(ada), "rectification", note="This is wrong.")
    decision = {"decision": "extend", "reason": "complex"}
    extended = api(olga).post(f"/v1/requests/{request}/decision", json=decision)
    assert extended.status_code < 300, extended.text
    told(ada)
    assert "deadline_moved" in told(ada)
    assert "deadline_near" not in told(ada)
    at(START + timedelta(days=91))
    assert told(ada).count("deadline_near") == 1
    assert told(ada).count("deadline_near") == 1


def test_everybody_who_works_here_is_told_of_a_notice(
    ada: Employee, bob: Employee, person: Company, told: Told
) -> None:
    left = person.leave("bob@example.com").subject
    policy = Policy(
        "chats", "Chats", "training", "GDPR 6(1)(f)", list(SIGNALS), ["Teams"], ["mask"], 30, date(2020, 1, 1)
    )
    told(ada)
    with writer() as connection:
        apply_policies(connection, [policy])
    notices.record_missing()
    assert told(ada) == told(ada) == ["policy_announced"]
    assert telling.all_of(left) == []


def test_a_silent_recorder_is_told_and_so_is_that_it_is_heard_again(ada: Employee, told: Told, at: Clock) -> None:
    said = NewRecorderHeartbeat(device="PC-1", state="recording")
    heartbeats.report(ada, "desk", said)
    at(START + DAY + 0.9 * HOUR)
    assert told(ada) == []
    at(START + DAY + 2 * HOUR)
    assert told(ada) == told(ada) == ["recorder_silent"]
    heartbeats.report(ada, "desk", said)
    assert told(ada) == told(ada) == ["recorder_resumed", "recorder_silent"]
    heartbeats.report(ada, "desk", NewRecorderHeartbeat(device="PC-1", state="stopped"))
    at(START + DAY + 9 * HOUR)
    assert len(told(ada)) == 2, "it said that it stops"


def test_a_new_kind_of_accessor_is_told_once(ada: Employee, olga: Employee, told: Told) -> None:
    for _ in range(2):
        access_log.record(olga, Purpose.DEADLINES, "requests", {ada.subject: 1})
        assert told(ada) == ["new_accessor"]


def test_a_violation_is_told_to_whom_it_concerns(ada: Employee, bob: Employee, told: Told) -> None:
    with writer() as connection, transaction(connection):
        for _ in range(2):
            connection.execute(
                "insert into violations values (uuid(), 'purpose', ?, uuid(), ?, null, 1, ?)",
                [RUN, ada.subject, START + DAY],
            )
    assert told(ada) == told(ada) == ["violation"]
    assert told(bob) == []


RUN = uuid4()


@pytest.mark.parametrize("kept", [True, False])
def test_a_promise_about_a_model_is_told_as_kept_or_missed(
    ada: Employee, bob: Employee, olga: Employee, told: Told, at: Clock, kept: bool
) -> None:
    sable = ModelVersion("Sable", "1.0", "assistance", "Team AI", START)
    with writer() as connection, transaction(connection):
        slices = [(ada.subject, START.date(), "keystroke", "Excel", 4)]
        lineage.train(connection, sable, [lineage.dataset(connection, "desktop", "1", START, slices)], START)
    with writer() as connection:
        standing.start_rule(connection, ada.subject, Scope(), uuid4(), standing.Rule.OBJECTION)
    plans.make(olga, sable.model_version, Plan.RETIRE, (START + 5 * DAY).date())
    assert told(ada) == []
    if kept:
        with writer() as connection:
            retire_model(connection, sable.model_version, START + 3 * DAY)
    at(START + 7 * DAY)
    assert told(ada) == told(ada) == ["plan_kept" if kept else "plan_missed"]
    assert told(bob) == []


def test_a_person_chooses_what_they_are_told(api: Client, ada: Employee, told: Told) -> None:
    choice = {"app": ["deadlines"], "mail": []}
    assert api(ada).put("/v1/me/notifications/settings", json=choice).json()["app"] == ["deadlines"]
    carry_out(file(api(ada), "objection"))
    assert told(ada) == []
    assert api(ada).put("/v1/me/notifications/settings", json={"app": ["weather"], "mail": []}).status_code == 422


def test_what_is_seen_is_marked_for_its_owner_alone(api: Client, ada: Employee, bob: Employee, told: Told) -> None:
    carry_out(file(api(ada), "objection"))
    told(ada)
    [listed] = api(ada).get("/v1/me/notifications").json()
    newest = {"newest": listed["id"]}
    assert api(bob).put("/v1/me/notifications/seen", json=newest).status_code == 204
    assert api(ada).get("/v1/me/notifications").json()[0]["seen_at"] is None
    assert api(ada).put("/v1/me/notifications/seen", json=newest).status_code == 204
    assert api(ada).get("/v1/me/notifications").json()[0]["seen_at"] is not None


def test_numbers_say_nothing_about_others(api: Client, ada: Employee, bob: Employee, told: Told) -> None:
    for person in (ada, bob, bob, ada):
        carry_out(file(api(person), "restriction"))
        told(person)
    assert [each["id"] for each in api(ada).get("/v1/me/notifications").json()] == [2, 1]
    assert [each["id"] for each in api(bob).get("/v1/me/notifications").json()] == [2, 1]


def test_a_killed_worker_tells_each_event_once(
    api: Client, ada: Employee, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(file(api(ada), "objection"))

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(finding, "_note", kill)
        with pytest.raises(KeyboardInterrupt):
            finding.requests()
    assert told(ada) == told(ada) == ["request_ended"]


def test_an_erasure_of_everything_forgets_it_but_not_that_mail_is_unwanted(
    api: Client, ada: Employee, told: Told
) -> None:
    carry_out(file(api(ada), "objection"))
    told(ada)
    api(ada).put("/v1/me/notifications/settings", json={"app": [], "mail": []})
    carry_out(file(api(ada), "erasure"))
    settings = api(ada).get("/v1/me/notifications/settings").json()
    assert (settings["mail"], len(settings["app"])) == ([], 8)
    assert told(ada) == ["request_ended"], "of the erasure"
    api(ada).put("/v1/me/notifications/settings", json={"app": [], "mail": ["requests"]})
    carry_out(file(api(ada), "erasure"))
    assert api(ada).get("/v1/me/notifications/settings").json()["chosen_at"] is None


def test_old_ones_are_forgotten(api: Client, ada: Employee, told: Told, at: Clock) -> None:
    carry_out(file(api(ada), "objection"))
    assert told(ada) == ["request_ended"]
    at(START + DAY + telling.KEPT + HOUR)
    tidying.forget_notifications()
    assert told(ada) == []
