"""Recorders, and what they send."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.testclient import TestClient

from governance.api import service_tokens
from governance.api.service_tokens import Scope
from lake.rules.policies import apply_policies
from lake.storage.connection import reader, writer
from tests.support.lake import POLICY

Send = Callable[..., httpx2.Response]


@pytest.fixture
def recorder_token(home: object, monkeypatch: pytest.MonkeyPatch) -> str:
    token, line = service_tokens.make("recorder", [Scope.CAPTURES_WRITE], until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    monkeypatch.setenv("OPENBOOK_INTAKE_SECONDS", "0")
    with writer() as connection:
        apply_policies(connection, [POLICY])
    return token


@pytest.fixture
def recorder(unknown: TestClient, recorder_token: str) -> TestClient:
    client = TestClient(unknown.app)
    client.headers["Authorization"] = f"Bearer {recorder_token}"
    return client


@pytest.fixture
def send(recorder: TestClient) -> Send:
    """`send(records)`: posts them as JSON Lines, with a new key unless one is given."""

    def sent(records: Iterable[dict[str, Any] | str], key: str = "", **headers: str) -> httpx2.Response:
        return recorder.post(
            "/v1/captures",
            content=body_of(records),
            headers={"Idempotency-Key": key or str(uuid4()), "Content-Type": "application/x-ndjson", **headers},
        )

    return sent


def body_of(records: Iterable[dict[str, Any] | str]) -> bytes:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records).encode()


def record(number: int = 0, text: str = "typed text", **fields: Any) -> dict[str, Any]:
    return {
        "email": "ada@example.com",
        "time": f"2026-03-02T09:{number // 60 % 60:02}:{number % 60:02}Z",
        "signal": "form_edit",
        "application": "Excel",
        "session": "monday",
        "content": {"text": f"{text} {number}", "title": "Budget"},
        "x": 10,
        "y": 20,
        **fields,
    }


def captures() -> list[tuple[Any, ...]]:
    """Subject and batch of everything in the lake."""
    connection = reader()
    try:
        return connection.execute("select subject, batch from captures").fetchall()
    finally:
        connection.close()
