from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from governance.api import service_tokens
from governance.api.authentication import service
from governance.api.error_handlers import handle_errors
from governance.api.service_tokens import Scope, ServiceToken
from settings import InvalidSettings, settings


@pytest.fixture
def pipelines(home: Path) -> TestClient:
    """An application with one route, for programs only."""
    app = FastAPI()

    @app.get("/service")
    def take(token: Annotated[ServiceToken, service(Scope.LINEAGE_WRITE)]) -> str:
        return token.name

    handle_errors(app)
    return TestClient(app)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_new_token_is_known_by_name(pipelines: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first, first_line = service_tokens.make("training")
    second, second_line = service_tokens.make("mlops.eu-1")
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", f"{first_line},{second_line}")
    assert pipelines.get("/service", headers=bearer(first)).json() == "training"
    assert pipelines.get("/service", headers=bearer(second)).json() == "mlops.eu-1"
    assert first not in settings().service_tokens


def test_removed_or_unknown_token_is_refused(pipelines: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    token, line = service_tokens.make("training")
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    digest = line.partition(":")[2]
    for wrong in (token[:-1], token + "x", digest, line, "training", "é", ""):
        answer = pipelines.get("/service", headers=[(b"Authorization", f"Bearer {wrong}".encode("latin-1"))])
        assert answer.status_code == 401, wrong
        assert answer.headers["Content-Type"] == "application/problem+json"
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", "")
    answer = pipelines.get("/service", headers=bearer(token))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert "python -m governance token" in answer.json()["detail"]


def test_missing_service_token_is_explained(pipelines: TestClient) -> None:
    answer = pipelines.get("/service")
    assert answer.status_code == 401
    assert "service token" in answer.json()["detail"]


@pytest.mark.parametrize(
    "value", ["training", "training:abc", "Training:" + "0" * 64, "a:" + "0" * 64 + ",", "a:" + "A" * 64]
)
def test_setting_without_a_digest_is_refused(monkeypatch: pytest.MonkeyPatch, home: Path, value: str) -> None:
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", value)
    with pytest.raises(InvalidSettings, match="OPENBOOK_SERVICE_TOKENS"):
        settings()


def test_the_command_makes_a_token_that_works(pipelines: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-m", "governance", "token", "training", "--namespace", "airflow"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    words = made.stdout.split()
    token = next(word for word in words if word.startswith(service_tokens.PREFIX))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", next(word for word in words if word.startswith("training:")))
    assert pipelines.get("/service", headers=bearer(token)).json() == "training"


def test_command_refuses_invalid_names() -> None:
    with pytest.raises(ValueError, match="1 to 60 lowercase letters"):
        service_tokens.make("a:b")
