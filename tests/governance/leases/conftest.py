"""Fixtures of the tests of leases: two programs with tokens, people with records, and leases that a worker wrote."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.api import service_tokens
from governance.leases import writing as worker
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from settings import settings
from tests.governance.conftest import POLICY, Capture
from tests.support.people import Company


@pytest.fixture
def program(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A program with a token; the longest lease has 48 hours, and the lake has the capture policy."""
    monkeypatch.setenv("OPENBOOK_TRAINING_LEASE_HOURS", "48")
    token, line = service_tokens.make("trainer", list(service_tokens.Scope), until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    with writer() as lake:
        apply_policies(lake, [POLICY])
    return TestClient(unknown.app, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def other(program: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Another program with a token of its own."""
    token, line = service_tokens.make("other", list(service_tokens.Scope), until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", f"{settings().service_tokens},{line}")
    return TestClient(program.app, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    ada = person("ada@example.com")
    capture(ada, 5, text="words of ada")
    return ada


@pytest.fixture
def bob(person: Company, capture: Capture) -> Employee:
    bob = person("bob@example.com")
    capture(bob, 4, text="words of bob")
    return bob


def version(program: TestClient) -> str:
    """A new version with everything."""
    made = program.post("/v1/datasets", json={"dataset": "desktop", "version": str(uuid4())})
    assert made.status_code == 201, made.text
    return str(made.json()["dataset_version"])


def asked(program: TestClient, key: str, **body: Any) -> dict[str, Any]:
    answer = program.post(f"/v1/datasets/{key}/materialise", json=body or None)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/leases/{answer.json()['lease']}"
    return dict(answer.json())


def now_of(program: TestClient, lease: dict[str, Any]) -> dict[str, Any]:
    return dict(program.get(f"/v1/leases/{lease['lease']}").json())


def ready(program: TestClient, key: str, **body: Any) -> dict[str, Any]:
    lease = asked(program, key, **body)
    worker.passes.make()
    lease = now_of(program, lease)
    assert lease["state"] == "ready"
    return lease
