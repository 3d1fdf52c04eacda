"""Fixtures of the tests of notifications.

mails   a real SMTP server in this process; the messages that it accepted, and what it answers
hook    a webhook in this process, what was posted to it, and what it answers
told    `told(person)`: the kinds that the API lists, newest first, after the worker looked
"""

from __future__ import annotations

import email.policy
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import orjson
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from directory import Employee
from governance.notifying import chat, finding, mailing
from tests.governance.conftest import Client

Told = Callable[[Employee], list[str]]


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = cast(Any, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class Mails:
    """`answer`: what the server answers to a message; only `250` takes it. `taken` is called once it has it."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answer = "250 OK"
        self.taken: Callable[[], object] = lambda: None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (its name)
        if self.answer.startswith("250"):
            content = cast(bytes, envelope.original_content)
            parsed = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            assert [parsed["To"]] == envelope.rcpt_tos
            self.received.append(parsed)
            self.taken()
        return self.answer

    def of(self, person: Employee) -> list[EmailMessage]:
        return [each for each in self.received if each["To"] == person.email]


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mails]:
    handler = Mails()
    controller = _AnyPort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    monkeypatch.setenv("OPENBOOK_MAIL_SERVER", f"smtp://127.0.0.1:{controller.port}")
    yield handler
    controller.stop()


class Hook(HTTPServer):
    """A webhook. `bodies`: what was posted; `status`: what it answers."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), Posted)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/T0/B0/secret"

    @property
    def texts(self) -> list[str]:
        return [orjson.loads(body)["text"] for body in self.bodies]


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
def hook() -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def told(api: Client) -> Told:
    def after_looking(person: Employee) -> list[str]:
        finding._lake.resume()
        finding.find()
        answer = api(person).get("/v1/me/notifications")
        assert answer.status_code == 200, answer.text
        return [each["kind"] for each in answer.json()]

    return after_looking


def looked_and_sent() -> None:
    """What a worker does in its rounds."""
    finding._lake.resume()
    finding.find()
    mailing.carry_out()
    chat.carry_out()
