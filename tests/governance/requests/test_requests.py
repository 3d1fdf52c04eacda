from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

import clock
from governance.requests.preview import differences
from governance.requests.progress import begin
from lake.storage.connection import catalog_path, reader
from tests.governance.conftest import Capture, Client
from tests.governance.working import carry_out
from tests.support.people import Company

NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)


def test_a_request_is_on_disk_with_its_deadline(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    ada = person()
    client = api(ada)
    answer = client.post("/v1/requests", json={"type": "erasure", "scope": {"applications": ["Excel"]}})
    assert answer.status_code == 201
    request = answer.json()
    assert answer.headers["Location"] == f"/v1/requests/{request['id']}"
    assert request.pop("acknowledgement")["statement"]["request"] == request["id"]
    assert request == {
        "id": request["id"],
        "type": "erasure",
        "state": "received",
        "scope": {"applications": ["Excel"]},
        "note": None,
        "note_shared": False,
        "regime": "gdpr",
        "received_at": "2026-01-31T10:00:00Z",
        "due_at": "2026-02-28T23:59:59.999999Z",
        "first_due_at": "2026-02-28T23:59:59.999999Z",
        "due_on": "2026-02-28",
        "first_due_on": "2026-02-28",
        "zone": "UTC",
        "extended": False,
        "completed_at": None,
        "standing": None,
        "decision": None,
        "previewed": {"events": 0, "withheld": 0},
        "outcome": None,
        "failure": None,
        "history": [{"at": "2026-01-31T10:00:00Z", "state": "received", "note": "We have received your request."}],
        "export": None,
        "receipts": [],
    }
    assert client.get(f"/v1/requests/{request['id']}").json() == request
    listed = {name: value for name, value in request.items() if name != "outcome"}
    assert client.get("/v1/requests").json() == [listed]


def test_same_key_and_body_return_the_same_request(api: Client, person: Company) -> None:
    client, body, key = api(person()), {"type": "export"}, {"Idempotency-Key": "once"}
    first = client.post("/v1/requests", json=body, headers=key)
    again = client.post("/v1/requests", json={"scope": {}, **body}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(client.get("/v1/requests").json()) == 1


def test_the_same_key_with_another_body_is_refused(api: Client, person: Company) -> None:
    client, key = api(person()), {"Idempotency-Key": "once"}
    client.post("/v1/requests", json={"type": "export"}, headers=key)
    answer = client.post("/v1/requests", json={"type": "erasure"}, headers=key)
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.json()["detail"]
    assert [request["type"] for request in client.get("/v1/requests").json()] == ["export"]


def test_two_people_may_use_the_same_key(api: Client, person: Company) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    ids = {
        api(who).post("/v1/requests", json={"type": "export"}, headers={"Idempotency-Key": "1"}).json()["id"]
        for who in (ada, bob)
    }
    assert len(ids) == 2


def test_another_persons_request_is_not_found(api: Client, person: Company) -> None:
    ada, bob = api(person("ada@example.com")), api(person("bob@example.com"))
    request_id = ada.post("/v1/requests", json={"type": "export"}).json()["id"]
    for method, tail in (("GET", ""), ("DELETE", ""), ("GET", "/export")):
        others = bob.request(method, f"/v1/requests/{request_id}{tail}")
        missing = bob.request(method, f"/v1/requests/{uuid4()}{tail}")
        assert others.status_code == missing.status_code == 404
        assert others.content == missing.content
    assert bob.get("/v1/requests").json() == []
    assert ada.get(f"/v1/requests/{request_id}").json()["state"] == "received"


def test_a_request_can_be_withdrawn_before_work_begins(api: Client, person: Company) -> None:
    client = api(person())
    request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    withdrawn = client.delete(f"/v1/requests/{request_id}")
    assert withdrawn.status_code == 200
    assert withdrawn.json()["state"] == "withdrawn"
    assert [event["state"] for event in withdrawn.json()["history"]] == ["received", "withdrawn"]
    assert client.delete(f"/v1/requests/{request_id}").json() == withdrawn.json()
    assert not begin(UUID(request_id))


def test_a_request_cannot_be_withdrawn_once_work_has_begun(api: Client, person: Company) -> None:
    client = api(person())
    request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    assert begin(UUID(request_id))
    answer = client.delete(f"/v1/requests/{request_id}")
    assert answer.status_code == 409
    assert answer.json()["detail"] == "A request that is in_progress can't become withdrawn."
    assert client.get(f"/v1/requests/{request_id}").json()["state"] == "in_progress"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "amnesia"}, "#/body/type"),
        ({}, "#/body/type"),
        ({"type": "export", "scope": {"signals": ["telepathy"]}}, "#/body/scope/signals/0"),
        ({"type": "export", "scope": {"from": "2026-01-01T00:00:00"}}, "#/body/scope/from"),
        ({"type": "export", "scope": {"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}},
         "#/body/scope"),
        ({"type": "export", "everything": True}, "#/body/everything"),
    ],
)  # fmt: skip
def test_invalid_request_changes_nothing(api: Client, person: Company, body: dict[str, Any], pointer: str) -> None:
    client = api(person())
    for path in ("/v1/requests", "/v1/requests/preview"):
        answer = client.post(path, json=body)
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert client.get("/v1/requests").json() == []


def test_errors_do_not_repeat_input(api: Client, person: Company) -> None:
    answer = api(person()).post("/v1/requests", json={"type": "my secret", "scope": {"signals": ["my secret"]}})
    assert answer.status_code == 422
    assert "my secret" not in answer.text


def test_preview_lists_erased_and_withheld(
    api: Client, person: Company, capture: Capture, hold: Callable[..., UUID]
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 4, application="Excel")
    capture(ada, 3, application="Chrome")
    capture(bob, 9, application="Excel")
    placed = hold(ada, ["Chrome"])
    client = api(ada)
    days = [{"day": "2026-03-02", "events": 4}]
    excel = {
        "application": "Excel",
        "signal": "keystroke",
        "events": 4,
        "first_day": "2026-03-02",
        "last_day": "2026-03-02",
    }
    before = reader().execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchall()
    preview = client.post("/v1/requests/preview", json={"type": "erasure"}).json()
    assert preview == {
        "events": 4,
        "by": [excel],
        "days": days,
        "withheld": [
            {
                "hold": str(placed),
                "case": "TAX-7",
                "reason": "a law obliges your employer to keep this",
                "exception": "GDPR 17(3)(b)",
                "review_on": "2027-01-31",
                "events": 3,
            }
        ],
        "models": [],
        "copies_removed": [],
    }
    export = client.post("/v1/requests/preview", json={"type": "export", "scope": {"applications": ["Excel"]}})
    assert export.json() == {
        "events": 4, "by": [excel], "days": days, "withheld": [], "models": [], "copies_removed": [],
    }  # fmt: skip
    assert client.get("/v1/requests").json() == []
    assert reader().execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchall() == before


def test_unfinished_export_is_reported(api: Client, person: Company) -> None:
    client = api(person())
    export = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    assert client.get(f"/v1/requests/{export}/export").status_code == 409
    client.delete(f"/v1/requests/{export}")
    assert client.get(f"/v1/requests/{export}/export").status_code == 404
    erasure = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    assert client.get(f"/v1/requests/{erasure}/export").status_code == 404


def test_a_request_is_accepted_while_the_queue_is_out_of_reach(
    api: Client, person: Company, caplog: pytest.LogCaptureFixture
) -> None:
    client = api(person())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("governance.db.work_queue.system_database_url", lambda: "sqlite:////nowhere/work.sqlite")
        answer = client.post("/v1/requests", json={"type": "export"})
    assert answer.status_code == 201
    assert "waits for a worker to find it" in caplog.text
    assert client.get(f"/v1/requests/{answer.json()['id']}").json()["state"] == "received"


def test_last_fifteen_minutes_is_a_scope(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    capture(ada, 30)  # one a minute, from 9:00 on
    client = api(ada)
    scope = {"from": (now - timedelta(minutes=15)).isoformat(), "until": now.isoformat()}
    body = {"type": "erasure", "scope": scope}
    assert client.post("/v1/requests/preview", json=body).json()["days"] == [{"day": "2026-03-02", "events": 15}]
    request = client.post("/v1/requests", json=body).json()
    assert request["previewed"] == {"events": 15, "withheld": 0}
    assert carry_out(request["id"])
    done = client.get(f"/v1/requests/{request['id']}").json()
    assert (done["outcome"]["erased"], done["outcome"]["differences"]) == (15, [])
    left = [row["captured_at"][11:16] for row in client.get("/v1/me/captures").json()["captures"]]
    assert left == [f"09:{minute:02}" for minute in range(15)]


def test_duplicate_open_request_names_the_first(api: Client, person: Company) -> None:
    client, other = api(person("ada@example.com")), api(person("bob@example.com"))
    scope = {"applications": ["Excel", "Chrome"], "from": "2026-03-02T09:00:00Z"}
    first = client.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()["id"]
    again = {"applications": ["Chrome", "Excel", "Chrome"], "from": "2026-03-02T10:00:00+01:00"}
    answer = client.post("/v1/requests", json={"type": "erasure", "scope": again})
    assert (answer.status_code, answer.headers["Location"]) == (409, f"/v1/requests/{first}")
    problem = answer.json()
    assert (problem["type"].rpartition(":")[2], problem["request"]) == ("already-open", first)
    for kind, elsewhere in (("export", again), ("erasure", {}), ("erasure", {"applications": ["Excel"]})):
        assert client.post("/v1/requests", json={"type": kind, "scope": elsewhere}).status_code == 201
    assert other.post("/v1/requests", json={"type": "erasure", "scope": scope}).status_code == 201
    client.delete(f"/v1/requests/{first}")
    assert client.post("/v1/requests", json={"type": "erasure", "scope": scope}).status_code == 201


def test_a_request_is_accepted_while_the_lake_cannot_be_read(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada)
    catalog_path().write_bytes(b"not a database" * 100)
    answer = api(ada).post("/v1/requests", json={"type": "erasure"})
    assert (answer.status_code, answer.json()["previewed"]) == (201, None)


@pytest.mark.parametrize(
    ("previewed", "erased", "withheld", "words"),
    [
        ((5, 2), 5, 2, []),
        ((5, 2), 7, 2, ["2 records more than previewed: added between filing and the erasure."]),
        ((5, 0), 4, 0, ["1 record fewer than previewed: already deleted before the erasure, by retention or by "
                        "another request."]),
        ((5, 0), 2, 3, ["3 records more withheld than previewed: a hold was placed since, or the records are newer."]),
        ((2, 3), 5, 0, ["3 records fewer withheld than previewed: a hold was lifted, or they were already gone."]),
    ],
)  # fmt: skip
def test_differences_from_the_preview_are_explained(
    previewed: tuple[int, int], erased: int, withheld: int, words: list[str]
) -> None:
    kept = {"events": previewed[0], "withheld": previewed[1]}
    assert differences(kept, {"erased": erased, "withheld": withheld}) == words
