"""What is logged, and above all what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from governance import schemas
from governance.api.monitoring import health
from governance.db import worker_slots
from tests.governance.conftest import ROOT, Client, wait_until
from tests.support.people import Company
from tests.support.ports import free_port


def test_access_log_contains_no_query_or_token(
    home: Path, person: Company, token_for: Callable[..., str], tmp_path: Path
) -> None:
    token = token_for(person("marguerite@example.com"))
    port = free_port()
    log = tmp_path / "log"
    with log.open("w") as lines:
        serving = subprocess.Popen(
            [sys.executable, "-m", "governance", "serve"],
            cwd=ROOT,
            env={**os.environ, "OPENBOOK_API_PORT": str(port)},
            stderr=lines,
        )
    try:
        with httpx2.Client(base_url=f"http://localhost:{port}", headers={"Authorization": f"Bearer {token}"}) as client:
            wait_until(lambda: _answers(client))
            assert client.get("/v1/me/captures", params={"application": "Secret App"}).status_code == 200
    finally:
        serving.terminate()
        serving.wait(30)
    text = log.read_text()
    assert "/v1/me/captures" in text
    for secret in ("Secret", "application=", token, "marguerite"):
        assert secret not in text


def test_unexpected_error_gives_only_a_reference(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("could not convert 'my password' to INT32")

    client = api(person())
    monkeypatch.setattr(schemas.Me, "model_validate", broken)
    answer = client.get("/v1/me")
    assert answer.status_code == 500
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["reference"] in problem["detail"]
    assert f"unexpected error {problem['reference']}: ValueError at" in caplog.text
    assert "my password" not in answer.text + caplog.text


def test_health_is_open_to_all_and_names_the_parts(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 120.0)
    whole = {
        "status": "ok",
        "home": "ok",
        "lake": "ok",
        "governance": "ok",
        "directory": "ok",
        "keys": "ok",
        "worker": "running",
        "clock": "trusted",
        "problems": [],
    }
    with worker_slots.place():
        assert unknown.get("/healthz").json() == whole
    found = unknown.get("/healthz").json()
    assert {**found, "problems": []} == {**whole, "status": "degraded", "worker": "absent"}
    assert ["worker: No worker is running" in problem for problem in found["problems"]] == [True]


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx2.ConnectError:
        return False
