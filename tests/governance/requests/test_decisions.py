"""What privacy officers decide, when they may, and what the person sees."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

import clock
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.ledger.tables import EntryRow
from governance.requests import progress, retries
from governance.requests.filing import MOST_CHANGES, NO_LONGER_SHARED, SHARED
from law.reasons import REASONS, SENTENCES, Decision, Reason
from tests.governance.conftest import Capture, Client
from tests.governance.working import carry_out
from tests.support.people import Company

NOW = datetime(2028, 1, 31, 10, 0, tzinfo=UTC)
DECIDED = "OPENBOOK_DECIDED_TYPES"


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`turn(moment)` sets the clock."""

    def to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    to(NOW)
    return to


@pytest.fixture
def officer(api: Client, person: Company) -> TestClient:
    return api(person("olga@example.com", role="privacy_officer"))


def filed(client: TestClient, kind: str = "export", **more: Any) -> str:
    answer = client.post("/v1/requests", json={"type": kind, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def decide(client: TestClient, request_id: str, decision: str, reason: str | None = None) -> Any:
    body = {"decision": decision} | ({"reason": reason} if reason else {})
    return client.post(f"/v1/requests/{request_id}/decision", json=body)


def kinds_in_ledger() -> list[str]:
    with reading() as session:
        rows = session.query(EntryRow).order_by(EntryRow.position)
        return [row.statement.split('"kind":"')[1].split('"')[0] for row in rows if row.statement]


def test_a_rectification_waits_until_it_is_approved(
    api: Client, person: Company, capture: Capture, officer: TestClient
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    request_id = filed(client, "rectification", note="These were a drill.")
    waiting = client.get(f"/v1/requests/{request_id}").json()
    assert (waiting["state"], waiting["note"], waiting["standing"]) == ("verifying", "These were a drill.", False)
    assert not carry_out(request_id)
    assert client.get("/v1/me/notes").json() == []
    [listed] = officer.get("/v1/officer/requests").json()
    assert (listed["id"], listed["needs_decision"]) == (request_id, True)
    assert listed["employee"] == {"name": "Ada", "department": "Finance"}
    assert "drill" not in officer.get("/v1/officer/requests").text
    assert decide(officer, request_id, "approve").json()["needs_decision"] is False
    assert carry_out(request_id)
    done = client.get(f"/v1/requests/{request_id}").json()
    assert [event["state"] for event in done["history"]] == [
        "received", "verifying", "verifying", "in_progress", "completed",
    ]  # fmt: skip
    assert (done["standing"], done["outcome"]["covered"], done["decision"]["decision"]) == (True, 3, "approve")
    [note] = client.get("/v1/me/notes").json()
    assert (note["request"], note["note"], note["scope"]) == (request_id, "These were a drill.", {})
    assert kinds_in_ledger() == ["request_received", "request_decided", "request_ended"]


@pytest.mark.parametrize("shared", [True, False, None])
def test_an_officer_reads_a_note_only_with_consent(
    api: Client, person: Company, capture: Capture, officer: TestClient, shared: bool | None
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    request_id = filed(client, "rectification", note="A drill.", **({} if shared is None else {"share_note": shared}))
    path = f"/v1/officer/requests/{request_id}/note"
    assert client.get(f"/v1/requests/{request_id}").json()["note_shared"] is bool(shared)
    assert officer.get("/v1/officer/requests").json()[0]["note_shared"] is bool(shared)
    for refused in (client, api(person("max@example.com", role="manager"))):
        assert refused.get(path).status_code == 403
    answer = officer.get(path)
    looked = [entry for entry in client.get("/v1/me/access-log").json()["entries"] if entry["what"] == "note"]
    if shared:
        assert answer.json() == {"request": request_id, "note": "A drill."}
        assert [(entry["role"], entry["rows"]) for entry in looked] == [("privacy_officer", 1)]
        assert "you let a privacy officer read" in looked[0]["purpose"]
    else:
        assert answer.status_code == 409
        assert "drill" not in answer.text
        assert looked == []
    assert decide(officer, request_id, "approve").status_code == 200
    assert officer.get(path).status_code == 409, "there is nothing left to decide"


def test_consent_to_reading_is_given_and_withdrawn_later(api: Client, person: Company, officer: TestClient) -> None:
    client = api(person("ada@example.com"))
    request_id = filed(client, "rectification", note="A drill.")
    path, sharing = f"/v1/officer/requests/{request_id}/note", f"/v1/requests/{request_id}/note-sharing"
    for shared in (True, True, False, False, True):
        answer = client.put(sharing, json={"shared": shared})
        assert (answer.status_code, answer.json()["note_shared"]) == (200, shared)
        assert officer.get(path).status_code == (200 if shared else 409)
    history = [step["note"] for step in client.get(f"/v1/requests/{request_id}").json()["history"]]
    assert [words for words in history if "your note" in words] == [SHARED, NO_LONGER_SHARED, SHARED]
    stranger = api(person("bo@example.com"))
    assert [each.put(sharing, json={"shared": True}).status_code for each in (stranger, officer)] == [404, 404]
    assert decide(officer, request_id, "approve").status_code == 200
    assert client.put(sharing, json={"shared": False}).status_code == 409, "there is nothing left to decide"
    export = filed(client, "export")
    assert client.put(f"/v1/requests/{export}/note-sharing", json={"shared": True}).status_code == 409


def test_consent_changes_only_so_often(api: Client, person: Company) -> None:
    client = api(person("ada@example.com"))
    request_id = filed(client, "rectification", note="A drill.")
    sharing = f"/v1/requests/{request_id}/note-sharing"
    answers = [client.put(sharing, json={"shared": turn % 2 == 0}) for turn in range(MOST_CHANGES + 1)]
    assert [answer.status_code for answer in answers] == [200] * MOST_CHANGES + [409]
    assert client.get(f"/v1/requests/{request_id}").json()["note_shared"] is False


def test_no_officer_reads_a_withdrawn_note_or_their_own(api: Client, person: Company, officer: TestClient) -> None:
    client = api(person("ada@example.com"))
    withdrawn = filed(client, "rectification", note="A drill.", share_note=True)
    client.delete(f"/v1/requests/{withdrawn}")
    assert officer.get(f"/v1/officer/requests/{withdrawn}/note").status_code == 409
    own = filed(officer, "rectification", note="Mine.", share_note=True)
    assert officer.get(f"/v1/officer/requests/{own}/note").status_code == 403
    refused = client.post("/v1/requests", json={"type": "export", "share_note": True})
    assert refused.status_code == 422


@pytest.mark.parametrize("kind", ["export", "erasure", "objection", "restriction"])
def test_other_types_wait_only_if_configured(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    client = api(person())
    request_id = filed(client, kind)
    assert client.get(f"/v1/requests/{request_id}").json()["state"] == "received"
    client.delete(f"/v1/requests/{request_id}")
    monkeypatch.setenv(DECIDED, f"rectification,{kind}")
    request_id = filed(client, kind)
    assert client.get(f"/v1/requests/{request_id}").json()["state"] == "verifying"
    assert not carry_out(request_id)
    assert not list_waiting()


def list_waiting() -> list[UUID]:
    with reading() as session:
        return [row.id for row in session.scalars(retries.waiting())]


@pytest.mark.parametrize("reason", REASONS[Decision.DENY])
def test_denial_has_reason_and_appeal(
    api: Client, person: Company, officer: TestClient, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_APPEAL_CONTACT", "the works council")
    client = api(person("ada@example.com", regime="ccpa"))
    request_id = filed(client, "erasure")
    assert decide(officer, request_id, "deny", reason).json()["state"] == "denied"
    denied = client.get(f"/v1/requests/{request_id}").json()
    assert denied["completed_at"] is not None
    decision = denied["decision"]
    assert (decision["decision"], decision["reason"], decision["role"]) == ("deny", reason, "privacy_officer")
    assert decision["words"] == SENTENCES[Reason(reason)]
    assert "the works council" in decision["appeal"]
    assert "California Privacy Protection Agency" in decision["appeal"]
    assert decision["appeal"] in denied["history"][-1]["note"]
    assert len(denied["receipts"]) == 1
    assert not carry_out(request_id)
    for again in ("deny", "extend"):
        refused = decide(officer, request_id, again, REASONS[Decision(again)][0])
        assert refused.status_code == 409, again
        assert "denied" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("regime", "received", "first", "then"),
    [
        ("gdpr", "2028-01-31T10:00:00Z", "2028-02-29", "2028-04-30"),
        ("gdpr", "2026-11-30T23:59:59Z", "2026-12-30", "2027-02-28"),
        ("ccpa", "2028-01-31T10:00:00Z", "2028-03-16", "2028-04-30"),
        ("ccpa", "2026-12-15T00:00:00Z", "2027-01-29", "2027-03-15"),
    ],
)
def test_a_deadline_is_extended_once_by_what_the_regime_allows(
    api: Client, person: Company, turn: Any, regime: str, received: str, first: str, then: str
) -> None:
    turn(datetime.fromisoformat(received))
    first, then = f"{first}T23:59:59.999999Z", f"{then}T23:59:59.999999Z"
    client, officer = (
        api(person("ada@example.com", regime=regime)),
        api(person("o@example.com", role="privacy_officer")),
    )
    request_id = filed(client, "erasure")
    assert client.get(f"/v1/requests/{request_id}").json()["due_at"] == first
    extended = decide(officer, request_id, "extend", "complex")
    assert (extended.json()["due_at"], extended.json()["extended"], extended.json()["state"]) == (
        then,
        True,
        "received",
    )
    told = client.get(f"/v1/requests/{request_id}").json()
    assert (told["due_at"], told["first_due_at"], told["extended"]) == (then, first, True)
    assert (told["history"][-1]["state"], told["decision"]["reason"]) == ("extended", "complex")
    assert "complex" in told["history"][-1]["note"]
    again = decide(officer, request_id, "extend", "many_requests")
    assert again.status_code == 409
    assert client.get(f"/v1/requests/{request_id}").json() == told
    assert carry_out(request_id)
    assert client.get(f"/v1/requests/{request_id}").json()["due_at"] == then


def test_a_deadline_that_has_passed_is_not_extended(api: Client, person: Company, turn: Any) -> None:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    request_id = filed(api(ada), "erasure")
    turn(datetime(2028, 3, 1, tzinfo=UTC))  # the deadline was the end of 29 February
    refused = decide(api(olga), request_id, "extend", "complex")
    assert refused.status_code == 409
    assert "passed" in refused.json()["detail"]


def test_denial_is_impossible_once_erasing(api: Client, person: Company, capture: Capture, officer: TestClient) -> None:
    from governance.fulfilment.erasure import write_tombstones

    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    first = filed(client, "erasure", scope={"applications": ["Excel"]})
    assert progress.begin(UUID(first))
    assert decide(officer, first, "deny", "legal_claims").json()["state"] == "denied"
    write_tombstones([UUID(first)])  # a worker that had it in hand comes too late
    assert len(client.get("/v1/me/captures").json()["captures"]) == 3
    second = filed(client, "erasure")
    assert progress.begin(UUID(second))
    write_tombstones([UUID(second)])
    refused = decide(officer, second, "deny", "legal_claims")
    assert refused.status_code == 409
    assert "already being erased" in refused.json()["detail"]
    assert client.get(f"/v1/requests/{second}").json()["state"] == "in_progress"


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "deny"},
        {"decision": "extend"},
        {"decision": "approve", "reason": "complex"},
        {"decision": "deny", "reason": "complex"},
        {"decision": "extend", "reason": "excessive"},
        {"decision": "deny", "reason": "I don't like it"},
        {"decision": "maybe"},
        {"decision": "deny", "reason": "excessive", "comment": "free text"},
    ],
)
def test_decision_needs_matching_codes(api: Client, person: Company, officer: TestClient, body: dict[str, Any]) -> None:
    client = api(person("ada@example.com"))
    request_id = filed(client, "rectification", note="A note.")
    before = client.get(f"/v1/requests/{request_id}").json()
    assert officer.post(f"/v1/requests/{request_id}/decision", json=body).status_code == 422
    assert client.get(f"/v1/requests/{request_id}").json() == before


def test_only_waiting_requests_are_approved(api: Client, person: Company, officer: TestClient) -> None:
    refused = decide(officer, filed(api(person("ada@example.com"))), "approve")
    assert refused.status_code == 409
    assert "is not waiting" in refused.json()["detail"]


@pytest.mark.parametrize("role", ["employee", "manager"])
def test_only_officers_decide_and_list(api: Client, person: Company, officer: TestClient, role: str) -> None:
    client, nobody = api(person("ada@example.com")), api(person("max@example.com", role=role))
    request_id = filed(client, "rectification", note="A note.")
    answers = [decide(nobody, which, "approve") for which in (request_id, str(uuid4()), "no uuid at all")] + [
        nobody.get("/v1/officer/requests"),
        nobody.get("/v1/officer/requests?open=perhaps"),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert client.get(f"/v1/requests/{request_id}").json()["state"] == "verifying"
    assert decide(officer, str(uuid4()), "approve").status_code == 404


def test_officer_list_is_ordered_and_filtered(turn: Any, api: Client, person: Company, officer: TestClient) -> None:
    gdpr, ccpa = api(person("ada@example.com")), api(person("bob@example.com", regime="ccpa"))
    later, first, ended = filed(ccpa, "erasure"), filed(gdpr, "erasure"), filed(gdpr)
    gdpr.delete(f"/v1/requests/{ended}")
    assert [row["id"] for row in officer.get("/v1/officer/requests").json()] == [first, later]
    assert {row["id"] for row in officer.get("/v1/officer/requests?open=false").json()} == {first, later, ended}


def test_the_states_of_a_request_are_never_extended(api: Client, person: Company, officer: TestClient) -> None:
    """`extended` is an entry in the history, never the state of a request."""
    request_id = filed(api(person("ada@example.com")), "erasure")
    assert progress.begin(UUID(request_id))
    assert decide(officer, request_id, "extend", "many_requests").json()["state"] == "in_progress"
    retries.fail(UUID(request_id), "The disk is full.", 0)
    with reading() as session:
        row = session.get_one(RequestRow, UUID(request_id))
        assert (row.state, Type(row.type)) == (State.FAILED, Type.ERASURE)
