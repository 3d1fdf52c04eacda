"""What the client sends, if a real service would not show it, and how it handles rare answers."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from api_client import GovernanceClient, Scope
from api_client.errors import AlreadyOpen, Conflict, NotReady, TransportError
from api_client.sending import trusted
from tests.api_client.fake_api import REQUEST_ID, FakeApi, client_of, problem, request_json

HOLD_ID = "b3a5d0de-3a5e-4b57-8a9b-3f6f0c1d2e3f"
HOLD = {
    "hold": HOLD_ID,
    "employee": {"name": "Ada Lovelace", "department": "Finance"},
    "case": "TAX-7",
    "exception": "GDPR 17(3)(b)",
    "exception_words": "a law obliges your employer to keep this",
    "signals": None,
    "applications": ["Excel"],
    "from_at": None,
    "until_at": None,
    "placed_at": "2026-03-01T09:30:00Z",
    "review_on": "2027-01-31",
    "lifted_at": None,
    "events": 7,
    "own": False,
}
OFFICERS = {
    "id": REQUEST_ID,
    "type": "rectification",
    "state": "verifying",
    "received_at": "2026-03-01T09:30:00Z",
    "due_at": "2026-04-01T23:59:59.999999Z",
    "due_on": "2026-04-01",
    "zone": "UTC",
    "extended": False,
    "regime": "gdpr",
    "employee": {"name": "Ada Lovelace", "department": "Finance"},
    "needs_decision": True,
    "note_shared": False,
    "scope": {},
    "failure": None,
    "own": False,
}
HEAD = {
    "key": "open-book+1+A",
    "checkpoint": "open-book\n7\nAAAA\n",
    "size": 7,
    "root": "00",
    "earlier": [{"size": 3, "root": "00", "proof": ["00"]}],
    "witnessed": None,
}


def body_of(call: httpx.Request) -> Any:
    return json.loads(call.content)


def test_note_is_sent_only_with_a_rectification() -> None:
    api = FakeApi(httpx.Response(201, json=request_json(type="rectification", note="It was a drill.")))
    client, _ = client_of(api)
    assert client.file_request("rectification", note="It was a drill.").note == "It was a drill."
    client.file_request("objection")
    assert body_of(api.calls[0]) == {"type": "rectification", "scope": {}, "note": "It was a drill."}
    assert body_of(api.calls[1]) == {"type": "objection", "scope": {}}


def test_duplicate_request_names_the_open_one() -> None:
    answer = problem(409, type="urn:problem-type:open-book:already-open", detail="It is open.", request=REQUEST_ID)
    client, _ = client_of(FakeApi(answer))
    with pytest.raises(AlreadyOpen, match="Follow that one") as caught:
        client.file_request("export")
    assert caught.value.request_id == UUID(REQUEST_ID)


@pytest.mark.parametrize("request_id", [None, 7, "the other one"])
def test_without_its_id_an_open_request_is_a_plain_conflict(request_id: Any) -> None:
    answer = problem(409, type="urn:problem-type:open-book:already-open", request=request_id)
    client, _ = client_of(FakeApi(answer))
    with pytest.raises(Conflict) as caught:
        client.file_request("export")
    assert type(caught.value) is Conflict


def test_access_log_parameters() -> None:
    entry = {
        "at": "2026-03-02T10:00:00Z",
        "role": "privacy_officer",
        "purpose": "To see.",
        "what": "requests",
        "rows": 2,
    }
    api = FakeApi(httpx.Response(200, json={"total": 12, "offset": 5, "entries": [entry]}))
    client, _ = client_of(api)
    log = client.access_log(from_at=datetime(2026, 3, 1, tzinfo=UTC), offset=5, limit=1)
    assert (log.total, log.entries[0].rows) == (12, 2)
    assert dict(api.calls[0].url.params) == {"from": "2026-03-01T00:00:00+00:00", "offset": "5", "limit": "1"}


def test_an_officer_lists_decides_and_holds() -> None:
    api = FakeApi(
        httpx.Response(200, json=[OFFICERS]),
        httpx.Response(200, json=OFFICERS),
        httpx.Response(200, json=[HOLD]),
        httpx.Response(201, json=HOLD),
        httpx.Response(200, json={**HOLD, "lifted_at": "2026-04-01T00:00:00Z"}),
    )
    client, _ = client_of(api)
    (listed,) = client.officer.requests()
    assert (listed.employee.name, listed.needs_decision) == ("Ada Lovelace", True)
    client.officer.decide(listed.id, "deny", "excessive")
    (hold,) = client.officer.holds()
    placed = client.officer.place_hold(
        "ada@example.com",
        case="TAX-7",
        exception="gdpr_17_3_b",
        review_on=date(2027, 1, 31),
        scope=Scope(applications=["Excel"]),
    )
    assert placed == hold
    assert client.officer.lift_hold(hold.hold).lifted_at is not None
    assert [f"{call.method} {call.url.raw_path.decode()}" for call in api.calls] == [
        "GET /v1/officer/requests?open=true",
        f"POST /v1/requests/{REQUEST_ID}/decision",
        "GET /v1/holds",
        "POST /v1/holds",
        f"DELETE /v1/holds/{HOLD_ID}",
    ]
    assert body_of(api.calls[1]) == {"decision": "deny", "reason": "excessive"}
    assert body_of(api.calls[3]) == {
        "employee": "ada@example.com",
        "scope": {"applications": ["Excel"]},
        "case": "TAX-7",
        "exception": "gdpr_17_3_b",
        "review_on": "2027-01-31",
    }


def test_non_idempotent_calls_are_not_retried() -> None:
    api = FakeApi(httpx.ConnectError("no answer"))
    client, _ = client_of(api)
    with pytest.raises(TransportError):
        client.officer.decide(REQUEST_ID, "approve")
    with pytest.raises(TransportError):
        client.officer.place_hold(
            "ada@example.com", case="T-7", exception="gdpr_17_3_b", review_on=date(2027, 1, 31), scope=None
        )
    assert len(api.calls) == 2


def test_receipt_bytes_are_unchanged(tmp_path: Path) -> None:
    signed = b'{"a": 1,\n "b":2}'
    api = FakeApi(httpx.Response(200, content=signed))
    client, _ = client_of(api)
    assert client.receipt(REQUEST_ID) == signed
    path = client.download_receipt(REQUEST_ID, tmp_path, 2)
    assert path.name == f"open-book-receipt-{REQUEST_ID}-2.json"
    assert path.read_bytes() == signed
    assert [str(call.url.params) for call in api.calls] == ["", "number=2"]


def test_proof_and_leaves_bytes_are_unchanged() -> None:
    api = FakeApi(httpx.Response(200, content=b'{ "format": 1}'), httpx.Response(200, content=b'{ "leaves": []}'))
    client, _ = client_of(api)
    assert client.membership("a/b") == b'{ "format": 1}'
    assert client.leaves(REQUEST_ID) == b'{ "leaves": []}'
    assert [call.url.raw_path.decode() for call in api.calls] == [
        "/v1/me/datasets/a%2Fb/proof",
        f"/v1/datasets/{REQUEST_ID}/leaves",
    ]


def test_missing_receipt_leaves_no_file(tmp_path: Path) -> None:
    client, _ = client_of(FakeApi(problem(404, detail="It has not ended.")))
    with pytest.raises(NotReady, match="It has not ended"):
        client.download_receipt(REQUEST_ID, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_ledger_is_text_and_proofs() -> None:
    api = FakeApi(
        httpx.Response(200, text="open-book\n7\nAAAA\n"),
        httpx.Response(200, json={"seen": None, "checkpoint": "open-book\n7\nAAAA\n", "consistency": []}),
        httpx.Response(200, json={"size": 7, "root": "00"}),
        httpx.Response(200, json={"format": "open-book/consistency/v1", "head": HEAD}),
    )
    client, _ = client_of(api)
    assert client.ledger.checkpoint().startswith("open-book")
    assert client.ledger.mine().seen is None
    assert client.ledger.remember(7, "00").size == 7
    assert client.ledger.consistency_proof(3, 7).head.earlier[0].proof == ("00",)
    assert [f"{call.method} {call.url.raw_path.decode()}" for call in api.calls] == [
        "GET /v1/ledger/checkpoint",
        "GET /v1/me/ledger",
        "PUT /v1/me/ledger",
        "GET /v1/ledger/consistency?from=3&to=7",
    ]
    assert body_of(api.calls[2]) == {"size": 7, "root": "00"}


def test_clients_share_what_they_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    trusted.cache_clear()
    read: list[ssl.SSLContext] = []

    def noted() -> ssl.SSLContext:
        read.append(ssl.create_default_context())
        return read[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", noted)
    for _ in range(3):
        GovernanceClient("https://open-book.example.com", "a token").close()
    trusted.cache_clear()
    assert len(read) == 1
