"""A controller's request becomes a request of the person, and only that controller gets answers about it."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from directory.keys import Oneself
from governance.db.database import writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.fulfilment import export
from governance.requests import decisions, filing, progress
from law.reasons import Decision, Reason
from settings import settings
from tests.governance.conftest import Capture, Client
from tests.governance.opendsr.conftest import PARENT
from tests.governance.opendsr.partner import Partner, list_partners, signed_by
from tests.support.people import Company

UPPER_CASE = "5E7F47A0-0000-4000-8000-000000000000"
ASKED = "parent.example requested this on your behalf, over OpenDSR."


def test_controller_request_appears_on_the_persons_page(
    api: Client, unknown: TestClient, parent: Partner, person: Company, caplog: pytest.LogCaptureFixture
) -> None:
    ada = person()
    question = parent.asks()
    with caplog.at_level(logging.DEBUG):
        answer = parent.post(unknown, question)
    assert answer.status_code == 201
    said = answer.json()
    assert said["controller_id"] == "the parent"
    assert said["subject_request_id"] == question["subject_request_id"]
    assert json.loads(base64.b64decode(said["encoded_request"])) == question
    assert said["encoded_request"] not in caplog.text
    assert signed_by(answer, unknown.get("/opendsr/v2/certificate.pem").content)
    (mine,) = api(ada).get("/v1/requests").json()
    assert (mine["type"], mine["state"], mine["scope"], mine["regime"]) == ("erasure", "received", {}, "gdpr")
    assert mine["history"][0]["note"] == ASKED
    assert said["expected_completion_time"] == mine["due_at"]
    for path in (f"/requests/{question['subject_request_id']}", f"/requests/{question['subject_request_id']}/status"):
        status = parent.get(unknown, path)
        assert status.json() == {
            "controller_id": "the parent",
            "expected_completion_time": mine["due_at"],
            "subject_request_id": question["subject_request_id"],
            "request_status": "pending",
            "api_version": "2.0",
        }
        assert signed_by(status, unknown.get("/opendsr/v2/certificate.pem").content)


def test_repeated_request_is_idempotent(api: Client, unknown: TestClient, parent: Partner, person: Company) -> None:
    ada, _ = person(), person("grace@example.com")
    question = parent.asks()
    first = parent.post(unknown, question)
    again = parent.post(unknown, question)
    assert (again.status_code, again.json()) == (201, first.json())
    grace = [{"identity_type": "controller_customer_id", "identity_value": "grace", "identity_format": "raw"}]
    for other in ({"subject_identities": grace}, {"subject_request_type": "access"}, {"regulation": "ccpa"}):
        refused = parent.post(unknown, {**question, **other})
        assert refused.status_code == 400
        assert refused.json()["error"]["errors"][0]["reason"] == "already_used"
    assert len(api(ada).get("/v1/requests").json()) == 1


def test_only_allowed_identities_match(unknown: TestClient, parent: Partner, person: Company) -> None:
    person()
    person("grace@example.com")

    def hashed(address: str) -> dict[str, str]:
        value = hashlib.sha256(address.encode()).hexdigest()
        return {"identity_type": "email", "identity_value": value, "identity_format": "sha256"}

    def raw(kind: str, value: str) -> dict[str, str]:
        return {"identity_type": kind, "identity_value": value, "identity_format": "raw"}

    def ask(*identities: dict[str, str]) -> tuple[int, str]:
        answer = parent.post(unknown, parent.asks(subject_identities=list(identities)))
        faults = answer.json().get("error", {}).get("errors", [{"reason": ""}])
        return answer.status_code, faults[0]["reason"]

    assert ask(hashed("ada@example.com")) == (201, "")
    assert ask(raw("android_id", "1"), raw("controller_customer_id", "ada")) == (201, "")
    assert ask(hashed("nobody@example.com")) == (400, "not_found")
    assert ask(raw("controller_customer_id", "nobody")) == (400, "not_found")
    assert ask(hashed("ada@example.com"), raw("controller_customer_id", "grace")) == (400, "not_found")
    assert ask(raw("email", "ada@example.com")) == (400, "not_supported")
    person("ada@example.com", sub="another")
    assert ask(raw("controller_customer_id", "ada")) == (201, "")


def test_invalid_request_lists_faults_without_values(unknown: TestClient, parent: Partner, person: Company) -> None:
    person()
    for message, place in (
        (b"{", "body"),
        (b"[]", "body"),
        (json.dumps({"regulation": "gdpr"}).encode(), "subject_request_id"),
        (
            json.dumps(parent.asks(subject_request_id=UPPER_CASE)).encode(),
            "subject_request_id",
        ),
        (json.dumps(parent.asks(subject_request_type="secret-type")).encode(), "subject_request_type"),
        (json.dumps(parent.asks(submitted_time="yesterday")).encode(), "submitted_time"),
        (json.dumps(parent.asks(api_version="1.0")).encode(), "api_version"),
        (json.dumps(parent.asks(extensions={"other.example": {}})).encode(), "extensions"),
        (json.dumps(parent.asks(extensions={"localhost": {"scope": {"signals": ["x"]}}})).encode(), "scope.signals.0"),
    ):
        answer = parent.post(unknown, message)
        assert answer.status_code == 400, message
        assert place in {fault["domain"] for fault in answer.json()["error"]["errors"]}
        assert "secret-type" not in answer.text


def test_status_goes_to_allowed_hosts_only(unknown: TestClient, parent: Partner, person: Company) -> None:
    person()
    for url in (
        "https://elsewhere.example/callbacks",
        "http://parent.example/callbacks",
        "https://parent.example:8443/callbacks",
        "https://parent.example@elsewhere.example/",
        "https://elsewhere.example#parent.example",
        "http://localhost:8080/",
        "file:///etc/hosts",
        "https://parent.example\\@elsewhere.example/",
        "https://[::1",
    ):
        answer = parent.post(unknown, parent.asks(status_callback_urls=[url]))
        assert answer.status_code == 400, url
        assert answer.json()["error"]["errors"][0]["domain"] == "status_callback_urls"
    assert parent.post(unknown, parent.asks(status_callback_urls=["https://parent.example/a?b"])).status_code == 201


def test_a_request_can_be_cancelled_while_it_is_pending(
    api: Client, unknown: TestClient, parent: Partner, person: Company
) -> None:
    ada = person()
    question = parent.asks()
    parent.post(unknown, question)
    path = f"/requests/{question['subject_request_id']}"
    cancelled = parent.delete(unknown, path)
    assert cancelled.status_code == 202
    assert cancelled.json().keys() == {"controller_id", "subject_request_id", "received_time", "api_version"}
    assert parent.delete(unknown, path).json() == cancelled.json()
    (mine,) = api(ada).get("/v1/requests").json()
    assert mine["state"] == "withdrawn"
    assert mine["history"][-1]["note"] == "parent.example withdrew this request."
    status = parent.get(unknown, path).json()
    assert status["request_status"] == "cancelled"
    assert status["extensions"] == {"localhost": {"state": "withdrawn"}}


def test_requests_are_hidden_from_other_controllers(
    unknown: TestClient, parent: Partner, person: Company, home: Path
) -> None:
    person()
    other = Partner("other.example", key="second")
    entry = PARENT.replace("parent", "other")
    list_partners(home / "governance", PARENT + entry, other=other.certificate())
    question = parent.asks()
    parent.post(unknown, question)
    path = f"/requests/{question['subject_request_id']}"
    for call in (other.get(unknown, path), other.delete(unknown, path), other.get(unknown, f"{path}/results")):
        assert call.status_code == 400
        assert call.json()["error"]["errors"][0]["reason"] == "not_found"
    assert other.post(unknown, question).status_code == 201
    assert parent.get(unknown, path).json()["request_status"] == "pending"


@pytest.mark.parametrize(
    ("states", "status", "extension"),
    [
        ([State.VERIFYING], "pending", None),
        ([State.VERIFYING, State.IN_PROGRESS], "in_progress", None),
        ([State.VERIFYING, State.IN_PROGRESS, State.FAILED], "in_progress", {"state": "failed", "error": "Disk full."}),
        ([State.VERIFYING, State.IN_PROGRESS, State.COMPLETED], "completed", None),
        (
            [State.VERIFYING, State.IN_PROGRESS, State.PARTIALLY_COMPLETED],
            "completed",
            {"state": "partially_completed", "withheld": [{"exception": "gdpr_17_3_e", "events": 2}]},
        ),
    ],
)
def test_states_map_to_opendsr(
    unknown: TestClient,
    parent: Partner,
    person: Company,
    states: list[State],
    status: str,
    extension: dict[str, object] | None,
) -> None:
    ada = person()
    question = parent.asks()
    parent.post(unknown, question)
    (mine,) = filing.all_of(ada.subject, Oneself(ada.subject))
    with writing() as session:
        row = session.get_one(RequestRow, mine.id)
        for state in states:
            filing.move(row, state, "Disk full.")
        row.failure = "Disk full."
        row.outcome = {"withheld_by": [{"exception": "gdpr_17_3_e", "events": 2}]}
    said = parent.get(unknown, f"/requests/{question['subject_request_id']}").json()
    assert said["request_status"] == status
    assert said.get("extensions") == ({"localhost": extension} if extension else None)
    if status != "pending":
        late = parent.delete(unknown, f"/requests/{question['subject_request_id']}")
        assert late.json()["error"]["errors"][0]["reason"] == "not_pending"


def test_an_extension_and_a_denial_reach_the_controller_with_their_reasons(
    unknown: TestClient, parent: Partner, person: Company
) -> None:
    ada, officer = person(), person("grace@example.com", role="privacy_officer")
    question = parent.asks()
    first = parent.post(unknown, question).json()
    path = f"/requests/{question['subject_request_id']}"
    (mine,) = filing.all_of(ada.subject, Oneself(ada.subject))
    decisions.decide(officer, mine.id, Decision.EXTEND, Reason.COMPLEX)
    extended = parent.get(unknown, path).json()
    assert extended["request_status"] == "pending"
    assert extended["expected_completion_time"] > first["expected_completion_time"]
    assert parent.post(unknown, question).json() == first
    decisions.decide(officer, mine.id, Decision.DENY, Reason.LEGAL_CLAIMS)
    denied = parent.get(unknown, path).json()
    assert denied["request_status"] == "cancelled"
    said = denied["extensions"]["localhost"]
    assert (said["state"], said["reason"]) == ("denied", "legal_claims")
    assert "legal claims" in said["words"]
    assert "supervisory authority" in said["appeal"]


def test_access_request_delivers_the_export(
    api: Client, unknown: TestClient, parent: Partner, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada, 3)
    question = parent.asks(subject_request_type="access")
    parent.post(unknown, question)
    path = f"/requests/{question['subject_request_id']}"
    assert parent.get(unknown, f"{path}/results").json()["error"]["errors"][0]["reason"] == "not_available"
    (mine,) = api(ada).get("/v1/requests").json()
    progress.begin(UUID(mine["id"]))
    for step in export.STEPS:
        step(UUID(mine["id"]))
    status = parent.get(unknown, path).json()
    assert status["request_status"] == "completed"
    assert status["results_url"] == f"{settings().api_base_url}/opendsr/v2{path}/results"
    assert unknown.get(f"/opendsr/v2{path}/results").status_code == 403
    results = parent.get(unknown, f"{path}/results")
    assert hashlib.sha256(results.content).hexdigest() == status["extensions"]["localhost"]["results_sha256"]
    (mine,) = api(ada).get("/v1/requests").json()
    assert mine["history"][1]["note"] == "parent.example signed this and vouches that it is your wish."
    assert mine["history"][-1]["note"] == "parent.example fetched this export."
    entries = api(ada).get("/v1/me/access-log").json()["entries"]
    assert [(entry["role"], entry["rows"]) for entry in entries] == [("controller", 3), ("worker", 1)]
