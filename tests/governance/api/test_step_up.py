"""Erasures and downloads of copies need a recent sign-in, where the settings say so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
import queries
from directory import Employee
from tests.governance.conftest import Capture, Client, bearing
from tests.governance.working import carry_out
from tests.support.people import Company

ERASURES: list[dict[str, Any]] = [{}, {"applications": ["Excel"]}, {"from": "2000-01-01T00:00:00Z"}]
OTHERS = ["export", "objection", "restriction"]
Token = Callable[..., str]


@pytest.fixture(autouse=True)
def ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_STEP_UP_MINUTES", "10")


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    employee = person("ada@example.com")
    capture(employee, 3)
    return employee


def ago(minutes: float) -> int:
    return int((clock.now() - timedelta(minutes=minutes)).timestamp())


def erase(client: TestClient, scope: dict[str, Any] | None = None) -> Any:
    return client.post("/v1/requests", json={"type": "erasure", "scope": scope or {}})


NOT_RECENT: list[Callable[[], Any]] = [
    lambda: None,
    lambda: ago(11),
    lambda: ago(-5),
    lambda: str(ago(1)),
    lambda: True,
    lambda: 0,
]


@pytest.mark.parametrize("auth_time", NOT_RECENT)
@pytest.mark.parametrize("scope", ERASURES)
def test_no_erasure_without_a_recent_sign_in(
    unknown: TestClient, ada: Employee, token_for: Token, auth_time: Callable[[], Any], scope: dict[str, Any]
) -> None:
    client = bearing(unknown, token_for(ada, auth_time=auth_time()))
    answer = erase(client, scope)
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:problem-type:open-book:step-up"
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge == 'Bearer realm="open-book", error="insufficient_user_authentication", max_age="600"'
    assert client.get("/v1/requests").json() == []
    assert len(client.get("/v1/me/captures").json()["captures"]) == 3


@pytest.mark.parametrize("scope", ERASURES)
def test_a_recent_sign_in_erases(unknown: TestClient, ada: Employee, token_for: Token, scope: dict[str, Any]) -> None:
    assert erase(bearing(unknown, token_for(ada, auth_time=ago(9))), scope).status_code == 201


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_copy_is_downloaded_without_a_recent_sign_in(
    unknown: TestClient, ada: Employee, token_for: Token, method: str
) -> None:
    stale, fresh = (bearing(unknown, token_for(ada, auth_time=ago(minutes))) for minutes in (11, 1))
    request_id = stale.post("/v1/requests", json={"type": "export", "scope": {}}).json()["id"]
    carry_out(request_id)
    path = f"/v1/requests/{request_id}/export"
    refused = stale.request(method, path)
    assert refused.status_code == 401
    assert "insufficient_user_authentication" in refused.headers["WWW-Authenticate"]
    assert stale.request(method, path, headers={"Range": "bytes=0-9"}).status_code == 401
    assert fresh.request(method, path).status_code == 200


@pytest.mark.parametrize("kind", OTHERS)
def test_other_requests_need_no_recent_sign_in(api: Client, ada: Employee, kind: str) -> None:
    client = api(ada)
    filed = client.post("/v1/requests", json={"type": kind, "scope": {}})
    assert filed.status_code == 201
    request_id = filed.json()["id"]
    assert client.get(f"/v1/requests/{request_id}/acknowledgement").status_code == 200
    assert client.delete(f"/v1/requests/{request_id}").status_code == 200


def test_without_the_setting_nothing_is_asked(api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBOOK_STEP_UP_MINUTES")
    assert erase(api(ada)).status_code == 201


def test_what_the_id_token_said_counts(unknown: TestClient, ada: Employee, token_for: Token) -> None:
    noted, other = token_for(ada), token_for(ada, jti="another")
    queries.remember_sign_in(noted, {"auth_time": ago(1)})
    assert erase(bearing(unknown, other)).status_code == 401
    assert erase(bearing(unknown, noted)).status_code == 201


@pytest.mark.parametrize(
    ("acr", "status"), [(None, 401), ("password", 401), (["mfa"], 401), ("mfa", 201), ("key", 201)]
)
def test_a_stronger_sign_in_is_needed_if_the_setting_says_so(
    unknown: TestClient, ada: Employee, token_for: Token, monkeypatch: pytest.MonkeyPatch, acr: Any, status: int
) -> None:
    monkeypatch.setenv("OPENBOOK_STEP_UP_ACR", "mfa,key")
    answer = erase(bearing(unknown, token_for(ada, auth_time=ago(1), acr=acr)))
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["WWW-Authenticate"].endswith('max_age="600", acr_values="mfa key"')


def test_a_bad_token_gets_no_challenge(unknown: TestClient, ada: Employee, token_for: Token) -> None:
    answer = erase(bearing(unknown, token_for(ada, exp=1, auth_time=ago(1))))
    assert answer.json()["type"] == "urn:problem-type:open-book:unauthorized"
