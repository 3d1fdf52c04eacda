"""The weekly digest: counts only, once a week, for officers, an address and webhooks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import orjson
import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.notifying import digests
from tests.governance.conftest import START, Capture, Client
from tests.governance.notifying.conftest import Mails
from tests.governance.notifying.test_mail import text_of
from tests.governance.working import carry_out
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]

DAY = timedelta(days=1)


class Hook(HTTPServer):
    """`bodies`: what was posted; `status`: what it answers."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), Posted)


class Posted(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OPENBOOK_DIGEST_WEBHOOKS", f"http://127.0.0.1:{server.server_port}/services/T0/B0/secret")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def olga(person: Company, capture: Capture, at: Clock) -> Employee:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    capture(ada, 3, text="the merger with Globex")
    at(START + DAY)
    return olga


def file(client: TestClient) -> str:
    answer = client.post("/v1/requests", json={"type": "objection", "scope": {}})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_officers_and_the_council_get_counts_once_a_week(
    api: Client, olga: Employee, person: Company, mails: Mails, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_DIGEST_ADDRESS", "council@example.com")
    digests.carry_out()
    mails.received.clear()
    carry_out(file(api(person("ada@example.com"))))
    for days in (8, 9):
        at(START + days * DAY)
        digests.carry_out()
    assert sorted(mail["To"] for mail in mails.received) == ["council@example.com", "olga@example.com"]
    for mail in mails.received:
        text = text_of(mail)
        assert "Requests received: 1" in text
        assert "Requests ended: 1" in text
        assert "Globex" not in text
        assert "ada@example.com" not in text
        assert bool(mail["List-Unsubscribe"]) == (mail["To"] == olga.email)
    at(START + 15 * DAY)
    digests.carry_out()
    assert len(mails.received) == 4


def test_an_officer_who_does_not_want_it_gets_none(api: Client, olga: Employee, mails: Mails, at: Clock) -> None:
    choice = {"app": [], "mail": ["requests"]}
    api(olga).put("/v1/me/notifications/settings", json=choice)
    digests.carry_out()
    assert mails.received == []


def test_a_webhook_gets_it_and_is_asked_again_if_it_fails(olga: Employee, hook: Hook, at: Clock) -> None:
    hook.status = 500
    digests.carry_out()
    hook.status = 200
    at(START + DAY + timedelta(hours=2))
    for _ in range(3):
        digests.carry_out()
    assert len(hook.bodies) == 2
    assert hook.bodies[0] == hook.bodies[1]
    assert "Requests open now: 0" in orjson.loads(hook.bodies[1])["text"]


def test_teams_workflows_get_a_card() -> None:
    card = digests._card("one\ntwo")
    [attachment] = card["attachments"]
    assert [block["text"] for block in attachment["content"]["body"]] == ["one", "two"]
