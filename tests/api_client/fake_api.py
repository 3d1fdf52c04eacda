"""A minimal governance API whose calls fail in ways that a real one rarely does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx

from api_client import GovernanceClient
from api_client.sending import Retries

REQUEST_ID = "6d3d1c8e-8a0d-4a8e-9a7e-0f5a4c1b2d3e"
ME = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "department": "Finance",
    "team": "Accounts",
    "role": "employee",
    "regime": "gdpr",
    "zone": "UTC",
    "subject": "0b0e7a7e-2a52-4b57-8a9b-3f6f0c1d2e3f",
}

Answer = httpx.Response | Exception


def request_json(**changes: Any) -> dict[str, Any]:
    return {
        "id": REQUEST_ID,
        "type": "export",
        "state": "received",
        "scope": {},
        "note": None,
        "note_shared": False,
        "regime": "gdpr",
        "received_at": "2026-03-01T09:30:00Z",
        "due_at": "2026-04-01T09:30:00Z",
        "first_due_at": "2026-04-01T09:30:00Z",
        "due_on": "2026-04-01",
        "first_due_on": "2026-04-01",
        "zone": "UTC",
        "extended": False,
        "completed_at": None,
        "standing": None,
        "decision": None,
        "previewed": None,
        "outcome": None,
        "failure": None,
        "history": [{"at": "2026-03-01T09:30:00Z", "state": "received", "note": "We have received your request."}],
        "export": None,
        "receipts": [],
        **changes,
    }


def problem(status: int, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
    document = {"type": "about:blank", "status": status, "title": "Refused", **members}
    return httpx.Response(
        status, json=document, headers={"Content-Type": "application/problem+json", **(headers or {})}
    )


class FakeApi:
    """Returns the listed answers in turn (repeating the last one) and records the calls."""

    def __init__(self, *answers: Answer | Callable[[httpx.Request], Answer]) -> None:
        self._answers = list(answers)
        self.calls: list[httpx.Request] = []

    def __call__(self, call: httpx.Request) -> httpx.Response:
        self.calls.append(call)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if callable(answer):
            answer = answer(call)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Waits(list[float]):
    """Replaces `time.sleep`: records the durations."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client_of(api: FakeApi, retries: Retries | None = None) -> tuple[GovernanceClient, Waits]:
    client = GovernanceClient("http://api.test", "a-token", transport=httpx.MockTransport(api), retries=retries)
    waits = Waits()
    client._sender.sleep = waits
    return client, waits


class BrokenStream(httpx.SyncByteStream):
    """A body that stops in the middle, as when a cable is pulled."""

    def __init__(self, start: bytes) -> None:
        self._start = start

    def __iter__(self) -> Iterator[bytes]:
        yield self._start
        raise httpx.ReadError("connection lost")
