"""Each route of the dashboard has a limit per address."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from dashboard.serving import visit_rates
from dashboard.serving.headers import SecurityHeaders
from dashboard.serving.visit_rates import RATES, VisitRates
from dashboard.sign_in.server_sessions import CALLBACK, LOGIN, LOGOUT

ADDRESS = "https://dashboard.test"


@pytest.fixture
def one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each address may send one request of each kind, and the next a thousand hours later."""
    monkeypatch.setattr(visit_rates, "RATES", dict.fromkeys(RATES, (1, 1 / 3600000)))


def guarded() -> Starlette:
    kinds = (SecurityHeaders, VisitRates)
    routes = [Route("/{path:path}", lambda _: PlainTextResponse("passed"))]
    return Starlette(routes=routes, middleware=[Middleware(kind, public_url=ADDRESS) for kind in kinds])


def statuses(app: Any, path: str, *addresses: str) -> list[int]:
    clients = [TestClient(app, base_url=ADDRESS, client=(address, 1)) for address in addresses]
    return [client.get(path).status_code for client in clients]


def paths() -> list[str]:
    from dashboard.app import app

    ours = [route.path for route in app._user_routes if isinstance(route, Route)]
    named = [re.sub(r"\{\w+:uuid\}", str(UUID(int=7)), path) for path in ours]
    return [*named, "/", "/captured", LOGIN, LOGOUT, CALLBACK]


@pytest.mark.usefixtures("one_at_once")
def test_each_route_of_the_dashboard_has_a_limit(home: object) -> None:
    del home
    assert len(paths()) > 12
    for path in paths():
        assert statuses(guarded(), path, "192.0.2.1", "192.0.2.1", "192.0.2.2") == [200, 429, 200], path


def test_the_dashboard_is_served_with_these_limits(home: object) -> None:
    del home
    from dashboard.app import app

    used: list[object] = [middleware.cls for middleware in app._user_middleware]
    assert VisitRates in used


@pytest.mark.usefixtures("one_at_once")
def test_the_answer_says_when_to_come_back() -> None:
    client = TestClient(guarded(), base_url=ADDRESS)
    client.get(LOGIN)
    answer = client.get(LOGIN)
    assert answer.status_code == 429
    assert answer.text.startswith("There were too many sign-ins and sign-outs from your network address")
    assert f"Try again in {int(answer.headers['Retry-After']):,} seconds." in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert client.get("/captured").status_code == 200, "sign-ins take nothing from pages"


@pytest.mark.usefixtures("one_at_once")
def test_the_networks_of_ipv6_addresses_count_as_one() -> None:
    assert statuses(guarded(), "/", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1") == [200, 429, 200]


@pytest.mark.usefixtures("one_at_once")
def test_only_a_trusted_proxy_says_whose_request_it_is() -> None:
    app: Any = ProxyHeadersMiddleware(guarded(), trusted_hosts="192.0.2.9")  # type: ignore[arg-type]

    def status(sender: str, named: str) -> int:
        client = TestClient(app, base_url=ADDRESS, client=(sender, 1))
        return client.get("/", headers={"X-Forwarded-For": named}).status_code

    proxied = [status("192.0.2.9", f"198.51.100.{number}") for number in (1, 1, 2)]
    assert proxied == [200, 429, 200]
    assert [status("192.0.2.5", f"198.51.100.{number}") for number in (3, 4)] == [200, 429]
