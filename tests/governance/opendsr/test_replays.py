"""A signature counts for its recipient, method, path and query, at its time, and once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

import clock
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.opendsr import callbacks, notifying, outbound
from governance.opendsr.replays import CallRow
from tests.governance.opendsr.conftest import PARENT
from tests.governance.opendsr.partner import CALL, SIGNATURE, TIME, Partner, list_partners
from tests.governance.opendsr.processor import Processor
from tests.governance.opendsr.test_notifying import erasure
from tests.support.people import Company

REQUESTS = "/opendsr/v2/requests"


def filed() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(RequestRow)) or 0


def body_of(parent: Partner, **fields: Any) -> bytes:
    return json.dumps(parent.asks(**fields)).encode()


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"]


def test_body_for_another_recipient_is_refused(unknown: TestClient, parent: Partner, person: Company) -> None:
    person()
    body = body_of(parent)
    for headers in (parent.sign(body), {**Partner("parent.example", recipient="other.example").sign(body)}):
        status, words = refusal(unknown.post(REQUESTS, content=body, headers=headers))
        assert (status, "Nothing signed says that this request is for us" in words) == (400, True)
    other = Partner("parent.example", recipient="other.example")
    status, words = refusal(unknown.post(REQUESTS, content=body, headers=other.sign_message("/requests", body)))
    assert (status, CALL in words) == (403, True)
    assert filed() == 0


def test_addressed_request_is_accepted(unknown: TestClient, parent: Partner, person: Company) -> None:
    person()
    signed_call = body_of(parent)
    headers = parent.sign_message("/requests", signed_call)
    assert unknown.post(REQUESTS, content=signed_call, headers=headers).status_code == 201
    named = body_of(parent, subject_request_type="access", extensions={"localhost": {}})
    for _ in range(2):
        assert unknown.post(REQUESTS, content=named, headers=parent.sign(named)).status_code == 201
    assert filed() == 2


def test_signed_call_counts_once(unknown: TestClient, parent: Partner, person: Company) -> None:
    person()
    body, other = body_of(parent), body_of(parent, extensions={"localhost": {}})
    good = parent.sign_message("/requests", body)
    for headers in (
        parent.sign_message("/requests?x=1", body),
        parent.sign_message("/callbacks", body),
        {**good, CALL: parent.sign_message("/requests", other)[CALL]},
        {**good, TIME: (clock.now() + timedelta(seconds=1)).isoformat()},
        {**good, TIME: ""},
        {**good, CALL: ""},
        {**good, CALL: "!"},
        {**good, TIME: "yesterday"},
        parent.sign_message("/requests", body, at=clock.now() - timedelta(minutes=6)),
        parent.sign_message("/requests", body, at=clock.now() + timedelta(minutes=6)),
    ):
        assert unknown.post(REQUESTS, content=body, headers=headers).status_code == 403
    assert filed() == 0
    assert unknown.post(REQUESTS, content=body, headers=good).status_code == 201
    status, words = refusal(unknown.post(REQUESTS, content=body, headers=good))
    assert (status, words) == (403, "This call was already accepted: it is a replay. Sign it again, with a new time.")
    assert unknown.post(REQUESTS, content=body, headers=parent.sign_message("/requests", body)).status_code == 201
    assert filed() == 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_bodyless_call_binds_its_query_and_counts_once(unknown: TestClient, parent: Partner, method: str) -> None:
    path = f"/requests/{uuid4()}"
    signed = parent.sign_call(method, path)
    for query in ("?x=1", "?x=2&y=%20"):
        url = f"/opendsr/v2{path}{query}"
        assert unknown.request(method, url, headers=signed).status_code == 403
        assert unknown.request(method, url, headers=parent.sign_call(method, path + query)).status_code == 400
    assert unknown.request(method, f"/opendsr/v2{path}", headers=signed).status_code == 400
    status, words = refusal(unknown.request(method, f"/opendsr/v2{path}", headers=signed))
    assert (status, "already accepted" in words) == (403, True)


def test_replay_records_last_as_long_as_validity(
    unknown: TestClient, parent: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        parent.get(unknown, f"/requests/{uuid4()}")
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    parent.get(unknown, f"/requests/{uuid4()}")
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(CallRow)) == 1


def test_plain_controller_is_accepted_for_a_day(
    unknown: TestClient, parent: Partner, person: Company, home: Path
) -> None:
    person()
    list_partners(home / "governance", f"{PARENT}\nunaddressed_requests = true\n", parent=parent.certificate())
    today = body_of(parent, submitted_time=clock.now().isoformat())
    for _ in range(2):
        assert unknown.post(REQUESTS, content=today, headers=parent.sign(today)).status_code == 201
    for days in (-2, 2):
        old = body_of(parent, submitted_time=(clock.now() + timedelta(days=days)).isoformat())
        status, words = refusal(unknown.post(REQUESTS, content=old, headers=parent.sign(old)))
        assert (status, "submitted on another day" in words) == (400, True)
    others = body_of(parent, submitted_time=clock.now().isoformat(), extensions={"other.example": {}})
    assert unknown.post(REQUESTS, content=others, headers=parent.sign(others)).status_code == 400
    assert filed() == 1


def test_outgoing_calls_are_signed_with_recipient_and_time(home: Path, person: Company) -> None:
    training = Processor("training.example")
    with training.serving():
        list_partners(home / "governance", training.entry(), training=training.certificate())
        for employee in (person("ada@example.com"), person("bob@example.com")):
            notifying.notify(erasure(employee))
    for headers in training.headers:
        assert {TIME.lower(), CALL.lower(), SIGNATURE.lower()} <= headers.keys()
    assert len({headers[CALL.lower()] for headers in training.headers}) == 2


def test_callbacks_are_signed_for_their_address(
    unknown: TestClient, parent: Partner, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    person()
    sent: list[tuple[str, dict[str, str]]] = []

    def call(_: str, url: str, headers: dict[str, str], body: bytes | None = None) -> outbound.Answer:
        sent.append((url, headers))
        return outbound.Answer(202, {}, b"")

    monkeypatch.setattr(outbound, "call", call)
    url = "https://parent.example/hear"
    answer = parent.post(unknown, parent.asks(subject_request_type="access", status_callback_urls=[url]))
    assert answer.status_code == 201, answer.text
    assert parent.delete(unknown, f"/requests/{answer.json()['subject_request_id']}").status_code == 202
    callbacks.send_due()
    assert {to for to, _ in sent} == {url}
    assert all(headers[CALL] and headers[TIME] for _, headers in sent)
