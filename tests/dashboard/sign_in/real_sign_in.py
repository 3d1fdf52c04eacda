"""Signing in at a real provider through Streamlit's own routes, behind our sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.auth_util import encode_provider_token
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from dashboard.sign_in import authorization, sessions
from dashboard.sign_in.server_sessions import ServerSessions
from dashboard.sign_in.sessions import Session
from tests.support.real_provider import SECRET, RealProvider, client, serving_provider

ADDRESS = "http://dashboard.localhost"
COOKIE = "openbook_session"


class Browser:
    """`session()`: what the server keeps for it."""

    def __init__(self, dashboard: TestClient, provider: RealProvider, at_provider: httpx2.Client) -> None:
        self.dashboard = dashboard
        self.provider = provider
        self.at_provider = at_provider

    def sign_in(self, start: str = "") -> Any:
        """The dashboard's answer to the callback. `start`: where to begin; the page for signing in if empty."""
        answer = self.dashboard.get(start or f"/auth/login?provider={encode_provider_token('default')}")
        while True:
            place = answer.headers["location"]
            if place.startswith(f"{ADDRESS}/oauth2callback"):
                return self.dashboard.get(place)
            answer = self.at_provider.get(urljoin(self.provider.base, place))
            assert answer.is_redirect, answer.text

    def session(self) -> Session | None:
        return sessions.find(str(self.dashboard.cookies.get(COOKIE)))


async def _seen(request: Request) -> Response:
    read = _get_signed_cookie_with_chunks(request.cookies, "_streamlit_user")
    tokens = _get_signed_cookie_with_chunks(request.cookies, "_streamlit_user_tokens")
    return JSONResponse([read.decode() if read else None, tokens.decode() if tokens else None])


@contextmanager
def browser(monkeypatch: pytest.MonkeyPatch, **configuration: Any) -> Iterator[Browser]:
    """`configuration`: of the provider (`provider.js`)."""
    registered = client(redirect_uris=[f"{ADDRESS}/oauth2callback"])
    with serving_provider(clients=[registered], **configuration) as provider:
        given = {"ISSUER": provider.issuer, "CLIENT_SECRET": SECRET, "DASHBOARD_URL": ADDRESS}
        given["COOKIE_SECRET"] = "a cookie secret of more than 32 bytes"
        given.setdefault("AUTHORIZATION_PARAMETERS", "prompt=")
        for name, value in given.items():
            monkeypatch.setenv(f"OPENBOOK_{name}", value)
        monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": authorization.configuration()})
        middleware = [
            Middleware(ServerSessions, public_url=ADDRESS),
            Middleware(SessionMiddleware, secret_key="a secret of the test"),
        ]
        app = Starlette(routes=[*create_auth_routes(""), Route("/seen", _seen)], middleware=middleware)
        with TestClient(app, base_url=ADDRESS, follow_redirects=False) as dashboard, httpx2.Client() as at_provider:
            yield Browser(dashboard, provider, at_provider)
