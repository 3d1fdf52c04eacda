"""A provider that keeps the directory by SCIM."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
from governance.api import service_tokens
from governance.api.service_tokens import Scope

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WORK = "urn:ietf:params:scim:schemas:extension:openbook:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

Added = Callable[..., dict[str, Any]]


@pytest.fixture
def scim(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    token, line = service_tokens.make("okta", [Scope.DIRECTORY_WRITE], ["*"], clock.today() + timedelta(days=300))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    return TestClient(unknown.app, base_url="http://testserver/scim/v2", headers=headers)


def user(name: str = "ada", **fields: Any) -> dict[str, Any]:
    """What a provider sends for a new person."""
    return {
        "schemas": [USER, WORK],
        "userName": f"{name}@example.com",
        "displayName": name.title(),
        "active": True,
        "emails": [{"value": f"{name}@example.com", "type": "work", "primary": True}],
        WORK: {"sub": name, "regime": "gdpr"},
        **fields,
    }


@pytest.fixture
def added(scim: TestClient) -> Added:
    def add(name: str = "ada", **fields: Any) -> dict[str, Any]:
        answer = scim.post("/Users", json=user(name, **fields))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return add


def patched(scim: TestClient, subject: str, *operations: dict[str, Any]) -> Any:
    return scim.patch(f"/Users/{subject}", json={"schemas": [PATCH], "Operations": list(operations)})
