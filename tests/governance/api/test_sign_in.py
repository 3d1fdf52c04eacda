from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.governance.conftest import Client
from tests.support.issuer import Issuer
from tests.support.people import Company


def test_without_a_token_the_answer_asks_for_one(unknown: TestClient) -> None:
    answer = unknown.get("/v1/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="open-book"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:problem-type:open-book:unauthorized"


@pytest.mark.parametrize("header", ["Bearer x.y.z", "Bearer ", "Basic YTpi"])
def test_a_bad_token_is_refused(unknown: TestClient, issuer: Issuer, header: str) -> None:
    assert unknown.get("/v1/me", headers={"Authorization": header}).status_code == 401


def test_an_expired_sign_in_says_so(unknown: TestClient, person: Company, token_for: Callable[..., str]) -> None:
    token = token_for(person(), exp=1)
    answer = unknown.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert answer.json()["detail"] == "Your sign-in has expired. Sign in again."


def test_unknown_employee_is_refused_with_a_reason(unknown: TestClient, token_for: Callable[..., str]) -> None:
    answer = unknown.get("/v1/me", headers={"Authorization": f"Bearer {token_for('stranger')}"})
    assert answer.status_code == 403
    assert "not in the directory" in answer.json()["detail"]


def test_no_one_signs_in_while_the_provider_is_down(
    unknown: TestClient, person: Company, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for(person())
    monkeypatch.setenv("OPENBOOK_ISSUER", "http://localhost:9")
    answer = unknown.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 503
    assert "identity provider" in answer.json()["detail"]


def test_me_matches_the_directory(api: Client, person: Company) -> None:
    ada = person("ada@example.com", department="Finance", role="manager", regime="ccpa", zone="Europe/Lisbon")
    assert api(ada).get("/v1/me").json() == {
        "name": "Ada",
        "email": "ada@example.com",
        "department": "Finance",
        "team": "Accounts",
        "role": "manager",
        "regime": "ccpa",
        "zone": "Europe/Lisbon",
        "subject": str(ada.subject),
    }
