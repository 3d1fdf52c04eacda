"""One person's many requests: what is refused, what never is, and that no one else waits for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import UUID, uuid4

import pytest
from dbos import DBOS

import clock
from governance.db import work_queue
from governance.db.database import governance_folder, writing
from governance.db.tables import ExportRow, RequestRow
from governance.domain.lifecycle import State, Type
from governance.domain.scopes import RequestScope
from governance.requests import limits
from governance.requests.filing import put
from governance.requests.limits import MOST_A_DAY, MOST_KEPT_EXPORTS, MOST_OPEN
from governance.requests.progress import begin_all
from governance.requests.retries import waiting
from governance.worker import process
from tests.governance.conftest import Capture, Client, ended, wait_until
from tests.governance.working import queues
from tests.support.people import Company

Work = Callable[[], BaseProcess]
NARROW = [{"applications": [f"Application {number}"]} for number in range(MOST_A_DAY + 1)]


def body(kind: Type, scope: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind.value, "scope": scope, **({"note": "not me"} if kind == Type.RECTIFICATION else {})}


@pytest.mark.parametrize("kind", list(MOST_OPEN))
def test_too_many_open_requests_are_refused_in_words(api: Client, person: Company, kind: Type) -> None:
    client, other = api(person("ada@example.com")), api(person("bob@example.com"))
    filed = [client.post("/v1/requests", json=body(kind, scope)).json()["id"] for scope in NARROW[: MOST_OPEN[kind]]]
    refused = client.post("/v1/requests", json=body(kind, NARROW[-1]))
    assert refused.status_code == 429
    assert refused.json()["type"].endswith(":too-many-requests")
    assert int(refused.headers["Retry-After"]) > 0
    for request_id in filed:
        assert request_id in refused.json()["detail"]
    assert len(client.get("/v1/requests").json()) == len(filed)
    assert client.post("/v1/requests", json=body(kind, NARROW[0])).status_code == 409
    assert client.post("/v1/requests", json=body(kind, {})).status_code == 201
    assert other.post("/v1/requests", json=body(kind, NARROW[-1])).status_code == 201
    client.delete(f"/v1/requests/{filed[0]}")
    client.delete(f"/v1/requests/{filed[1]}")
    assert client.post("/v1/requests", json=body(kind, NARROW[-1])).status_code == 201


def test_there_is_one_masking_at_a_time(api: Client, person: Company) -> None:
    assert set(Type) - set(MOST_OPEN) == {Type.MASKING}
    client = api(person())
    assert client.post("/v1/requests", json={"type": "masking"}).status_code == 201
    again = client.post("/v1/requests", json={"type": "masking"})
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "already-open")


def test_full_erasure_is_always_accepted(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person()
    client = api(ada)
    for scope in NARROW[:MOST_A_DAY]:
        with writing() as session:
            row = put(session, uuid4(), ada, Type.EXPORT, RequestScope.model_validate(scope), "gdpr")
            row.state = State.WITHDRAWN
    refused = client.post("/v1/requests", json={"type": "export"})
    assert (refused.status_code, "24 hours" in refused.json()["detail"]) == (429, True)
    assert client.post("/v1/requests", json={"type": "erasure"}).status_code == 201
    again = client.post("/v1/requests", json={"type": "erasure"})
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "already-open")
    tomorrow = clock.now() + timedelta(hours=23)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    later = api(ada)
    assert later.post("/v1/requests", json={"type": "export"}).status_code == 429
    monkeypatch.setattr(clock, "now", lambda: tomorrow + timedelta(hours=2))
    assert api(ada).post("/v1/requests", json={"type": "export"}).status_code == 201


def test_kept_export_files_are_limited(api: Client, person: Company) -> None:
    ada = person()
    client = api(ada)
    until = clock.now_utc() + timedelta(days=3)
    for scope in NARROW[:MOST_KEPT_EXPORTS]:
        with writing() as session:
            row = put(session, uuid4(), ada, Type.EXPORT, RequestScope.model_validate(scope), "gdpr")
            row.state = State.COMPLETED
            row.export = ExportRow(size=1, sha256="0" * 64, written_at=until, expires_at=until, deleted_at=None)
            last = row.id
    refused = client.post("/v1/requests", json={"type": "export"})
    assert (refused.status_code, f"{until:%-d %B %Y, %H:%M}" in refused.json()["detail"]) == (429, True)
    with writing() as session:
        session.get_one(ExportRow, last).deleted_at = clock.now_utc()
    assert client.post("/v1/requests", json={"type": "export"}).status_code == 201


def test_idempotent_repetition_is_exempt_from_limits(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.MOST_OPEN, Type.EXPORT, 1)
    client, key = api(person()), {"Idempotency-Key": "once"}
    first = client.post("/v1/requests", json=body(Type.EXPORT, NARROW[0]), headers=key)
    again = client.post("/v1/requests", json=body(Type.EXPORT, NARROW[0]), headers=key)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])


def test_many_requests_do_not_delay_a_colleague(api: Client, person: Company, capture: Capture, work: Work) -> None:
    """Two people file as many exports as allowed before a colleague files one: hers starts before their second."""
    greedy = [person(f"greedy{number}@example.com") for number in range(2)]
    ada = person("ada@example.com")
    for employee in (*greedy, ada):
        capture(employee, 2)
    theirs = [
        [api(employee).post("/v1/requests", json=body(Type.EXPORT, scope)).json()["id"] for scope in NARROW[:5]]
        for employee in greedy
    ]
    client = api(ada)
    hers = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    work()
    begun = _begun(ended(client, hers))
    for employee, filed in zip(greedy, theirs, strict=True):
        others = [ended(api(employee), request_id) for request_id in filed]
        assert sum(_begun(other) < begun for other in others) <= 1


def test_rules_come_before_exports(api: Client, person: Company, capture: Capture, work: Work) -> None:
    ada = person()
    capture(ada, 2)
    client = api(ada)
    exports = [client.post("/v1/requests", json=body(Type.EXPORT, scope)).json()["id"] for scope in NARROW[:3]]
    objection = client.post("/v1/requests", json={"type": "objection"}).json()["id"]
    work()
    begun = _begun(ended(client, objection))
    assert all(begun < _begun(ended(client, export)) for export in exports)


@pytest.mark.state_in_files
def test_large_exports_have_slots_of_their_own(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 6)
    capture(bob, 5)
    monkeypatch.setattr(work_queue, "LARGE", 5)
    large = api(ada).post("/v1/requests", json={"type": "export"}).json()["id"]
    small = api(bob).post("/v1/requests", json={"type": "export"}).json()["id"]
    with closing(sqlite3.connect(governance_folder() / "work.sqlite")) as queue:
        found = queue.execute("select workflow_uuid, queue_name from workflow_status").fetchall()
    assert dict(found) == {
        large: work_queue.LARGE_EXPORTS,
        small: work_queue.REQUESTS,
    }
    with queues():
        assert ended(api(bob), small)["export"]["available"]
        assert ended(api(ada), large)["export"]["available"]


def test_erasures_are_taken_in_turns(person: Company, home: object) -> None:
    greedy, ada, bob = (person(f"{name}@example.com") for name in ("greedy", "ada", "bob"))
    received = datetime(2026, 3, 2, 9, tzinfo=UTC)
    filed: list[UUID] = []
    for number, employee in enumerate((greedy, greedy, greedy, ada, greedy, bob)):
        with writing() as session:
            scope = RequestScope.model_validate(NARROW[number])
            row = put(session, uuid4(), employee, Type.ERASURE, scope, "gdpr")
            row.received_at = received.replace(minute=number, tzinfo=None)
            filed.append(row.id)
    with writing() as session:
        order = [row.subject for row in session.scalars(waiting())]
    assert order == [each.subject for each in (greedy, ada, bob, greedy, greedy, greedy)]
    assert len(begin_all(filed[0], str(filed[0]))) == 6


def test_requests_queued_by_an_earlier_version_are_processed(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its queue had another name and no partitions; it is still in the queues' database."""
    ada = person()
    capture(ada, 2)
    with queues():
        DBOS.register_queue("requests", worker_concurrency=4, polling_interval_sec=0.5, on_conflict="always_update")
    client = api(ada)
    with monkeypatch.context() as patch:
        patch.setattr(work_queue, "queue_of", lambda _: "requests")
        request_id = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    with queues():
        assert ended(client, request_id)["export"]["available"]


def test_unqueued_requests_are_found_in_turns(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    greedy, ada = person("greedy@example.com"), person("ada@example.com")
    monkeypatch.setattr(process, "WINDOW", 2)
    enqueued: list[UUID] = []
    monkeypatch.setattr(work_queue, "enqueue", lambda request_id, *_: enqueued.append(request_id))
    for scope in NARROW[:5]:
        api(greedy).post("/v1/requests", json=body(Type.EXPORT, scope))
    hers = api(ada).post("/v1/requests", json={"type": "export"}).json()["id"]
    enqueued.clear()
    process.enqueue_waiting()
    assert (len(enqueued), UUID(hers) in enqueued) == (2, True)


def _begun(request: dict[str, Any]) -> datetime:
    (at,) = [event["at"] for event in request["history"] if event["note"] == "Work has begun."]
    return datetime.fromisoformat(at)


def test_killed_workers_request_keeps_its_turn(api: Client, person: Company, capture: Capture, work: Work) -> None:
    ada = person()
    capture(ada, 2)
    client = api(ada)
    first = work()
    wait_until(lambda: client.get("/healthz").json()["worker"] == "running")
    filed = [client.post("/v1/requests", json=body(Type.EXPORT, scope)).json()["id"] for scope in NARROW[:3]]
    first.kill()
    first.join()
    work()
    for request_id in filed:
        assert ended(client, request_id)["export"]["available"]
    with writing() as session:
        assert session.get_one(RequestRow, UUID(filed[0])).state == State.COMPLETED
