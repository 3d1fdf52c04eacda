"""Every operation that the API publishes has a limit for each caller, and known callers have their own.

The operations come from the API's own description, so a new one is called here without being listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import clock
from governance.api import call_rates, service_tokens
from governance.api.app import create_app
from governance.api.call_rates import RATES, Kind
from governance.api.service_tokens import Scope
from tests.support import applications
from tests.support.people import Company

OPERATIONS = applications.operations()


@pytest.fixture
def one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each caller may make one call of each kind, and the next a thousand hours later."""
    monkeypatch.setattr(call_rates, "RATES", dict.fromkeys(RATES, (1, 1 / 3600000)))


@pytest.fixture
def credentials(
    person: Company, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, Any], int], dict[str, str]]:
    """Headers of a caller who gets past the authentication of an operation: another caller for each number."""

    def of(operation: dict[str, Any], number: int) -> dict[str, str]:
        if "security" not in operation:
            return {}
        if "bearer" in operation["security"][0]:
            return {"Authorization": f"Bearer {token_for(person(f'p{number}@example.com'))}"}
        return {"Authorization": f"Bearer {programs[number]}"}

    made = [service_tokens.make(f"p{number}", tuple(Scope), ("*",), clock.today()) for number in range(2)]
    programs = [token for token, _ in made]
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(line for _, line in made))
    return of


def path_of(path: str) -> str:
    """The path with a number or an id for each parameter."""
    return re.sub(r"\{(\w+)\}", lambda name: "1" if name[1] in ("index", "number") else str(UUID(int=7)), path)


def refused(answer: Any) -> bool:
    if answer.status_code != 429:
        return False
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["type"].endswith(":too-many-requests")
    assert answer.json()["detail"].startswith("Too many ")
    assert "Nothing was changed; call again in " in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) > 1
    return True


@pytest.mark.usefixtures("one_at_once")
def test_each_operation_has_a_limit_and_declares_it(
    home: object, credentials: Callable[[dict[str, Any], int], dict[str, str]]
) -> None:
    del home
    wrong = []
    for method, path, operation in OPERATIONS:
        app = applications.as_if_new()
        first, second = (TestClient(app, client=(f"192.0.2.{number}", 1)) for number in (1, 2))
        body: dict[str, Any] | None = {} if method in ("POST", "PUT") else None
        call: dict[str, Any] = {"method": method, "url": path_of(path), "json": body}
        mine, theirs = credentials(operation, 0), credentials(operation, 1)
        answers = [
            first.request(**call, headers=mine),
            first.request(**call, headers=mine),
            second.request(**call, headers=theirs),
        ]
        retry_after = operation["responses"].get("429", {}).get("headers", {})
        if [refused(answer) for answer in answers] != [False, True, False] or "Retry-After" not in retry_after:
            wrong.append((method, path, [answer.status_code for answer in answers]))
    assert wrong == []


@pytest.mark.usefixtures("one_at_once")
def test_known_people_at_one_address_have_their_own_limits(
    home: object, person: Company, token_for: Callable[..., str]
) -> None:
    del home
    client = TestClient(create_app())
    tokens = [token_for(person(f"p{number}@example.com")) for number in range(3)]
    for bad in ("abc", "def"):
        last = client.get("/v1/me", headers={"Authorization": f"Bearer {bad}"})
    assert refused(last)
    for token in tokens:
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/v1/me", headers=headers).status_code == 200
        assert refused(client.get("/v1/requests", headers=headers))


@pytest.mark.usefixtures("one_at_once")
def test_limits_behind_a_proxy_are_of_the_passed_on_address(home: object) -> None:
    del home
    app: Any = ProxyHeadersMiddleware(create_app(), trusted_hosts="192.0.2.9")  # type: ignore[arg-type]
    proxy, other = TestClient(app, client=("192.0.2.9", 1)), TestClient(app, client=("192.0.2.5", 1))

    def asks(client: TestClient, address: str) -> bool:
        return refused(client.get("/v1/ledger/key", headers={"X-Forwarded-For": address}))

    assert [asks(proxy, "198.51.100.1"), asks(proxy, "198.51.100.1"), asks(proxy, "198.51.100.2")] == [
        False, True, False,
    ]  # fmt: skip
    assert [asks(other, "198.51.100.3"), asks(other, "198.51.100.4")] == [False, True], "it can't choose its address"


def test_kinds_of_calls_have_limits_of_their_own() -> None:
    assert set(RATES) == set(Kind)
    kinds = {
        ("GET", "/v1/me"): Kind.READS,
        ("POST", "/v1/requests"): Kind.CHANGES,
        ("DELETE", "/v1/requests/x"): Kind.CHANGES,
        ("POST", "/v1/requests/preview"): Kind.PREVIEWS,
        ("POST", "/v1/me/captures/search"): Kind.SEARCHES,
        ("GET", "/v1/requests/x/export"): Kind.DOWNLOADS,
        ("HEAD", "/v1/requests/x/export"): Kind.DOWNLOADS,
        ("GET", "/v1/requests/x/receipt.html"): Kind.DOWNLOADS,
        ("GET", "/v1/requests/x/receipt.tlog-proof"): Kind.DOWNLOADS,
    }
    assert {call: call_rates.of_person(*call) for call in kinds} == kinds
