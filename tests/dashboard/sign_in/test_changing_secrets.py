"""The cookie secret and the client secret are replaced: old and new work meanwhile, the old one doesn't afterwards."""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from starlette.testclient import TestClient

import clock
from dashboard.sign_in import renewal, sessions
from dashboard.sign_in.cookie_secret import UnusableSecret, accepted_secrets
from tests.dashboard.conftest import session_cookie
from tests.dashboard.sign_in.test_server_sessions import TOKEN, dashboard, secret_is
from tests.support.people import Company

OLD, NEW = "the old cookie secret of 32 bytes or more", "the new cookie secret of 32 bytes or more"
PREVIOUS = "OPENBOOK_COOKIE_SECRET_PREVIOUS"


def secrets_are(monkeypatch: pytest.MonkeyPatch, secret: str, previous: str = "") -> None:
    secret_is(monkeypatch, secret)
    monkeypatch.setenv(PREVIOUS, previous)


def signed_in(browser: TestClient) -> bool:
    return browser.get("/seen").json()["user"] is not None


def test_nobody_is_signed_out_while_the_secret_changes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the documentation; several processes may be at neighbouring steps."""
    steps = [(OLD, ""), (OLD, NEW), (NEW, OLD), (NEW, "")]
    for number, step in enumerate(steps):
        secrets_are(monkeypatch, *step)
        with dashboard(monkeypatch) as browser:
            browser.get("/oauth2callback")
            for neighbour in steps[max(0, number - 1) : number + 2]:
                secrets_are(monkeypatch, *neighbour)
                assert signed_in(browser)


def test_the_old_secret_opens_nothing_afterwards(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    secrets_are(monkeypatch, OLD)
    with dashboard(monkeypatch) as browser:
        browser.get("/oauth2callback")
        secrets_are(monkeypatch, NEW, OLD)
        assert signed_in(browser)
        secrets_are(monkeypatch, NEW)
        assert not signed_in(browser)
        browser.get("/oauth2callback")
        assert signed_in(browser)
    assert not caplog.records


def test_a_session_of_the_old_secret_ends_for_good(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a process that can't open it: its cookie would work again with the old secret."""
    secrets_are(monkeypatch, OLD)
    with dashboard(monkeypatch) as browser:
        browser.get("/oauth2callback")
        copied = dict(browser.cookies)
        secrets_are(monkeypatch, NEW)
        assert browser.get("/auth/logout").is_redirect
        assert "__Host-openbook_session" not in browser.cookies
        secrets_are(monkeypatch, OLD)
        browser.cookies.update(copied)
        assert not signed_in(browser)
    files = [path for path in (home / "dashboard" / "sessions").rglob("*") if path.is_file()]
    assert [path.name for path in files if not path.name.startswith(".")] == []


def test_a_renewed_session_has_the_new_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets_are(monkeypatch, OLD)
    session = sessions.find(session_cookie(TOKEN))
    assert session
    secrets_are(monkeypatch, NEW, OLD)
    assert sessions.replace(session, "another", "refresh", clock.now().timestamp(), 600)
    secrets_are(monkeypatch, NEW)
    renewed = sessions.read(session.reference)
    assert renewed
    assert renewed.tokens["access_token"] == "another"


def test_a_short_previous_secret_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets_are(monkeypatch, NEW, "short")
    with pytest.raises(UnusableSecret, match=PREVIOUS):
        accepted_secrets()


def test_the_secret_of_the_home_can_be_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_COOKIE_SECRET", "")
    cookie = session_cookie(TOKEN)
    file = home / "dashboard" / "cookie.secret"
    monkeypatch.setenv(PREVIOUS, file.read_text())
    file.unlink()
    assert sessions.find(cookie)
    assert sessions.find(session_cookie(TOKEN, sub="bob"))
    monkeypatch.setenv(PREVIOUS, "")
    assert sessions.find(cookie) is None


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch, person: Company) -> Iterator[set[str]]:
    """The client secrets that a provider accepts when an access token is renewed."""
    person("ada@example.com")
    secrets: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, {"token_endpoint": f"{url}/token"})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            given = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
            if unquote_plus(given.partition(":")[2]) in secrets:
                self._answer(200, {"access_token": "renewed", "refresh_token": "refresh 2", "expires_in": 600})
            else:
                self._answer(401, {"error": "invalid_client"})

        def _answer(self, status: int, answer: dict[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://localhost:{server.server_port}"
        monkeypatch.setenv("OPENBOOK_ISSUER", url)
        yield secrets
        server.shutdown()
        thread.join()


def renewed_with(monkeypatch: pytest.MonkeyPatch, client_secret: str) -> str | None:
    """The access token of a session whose token is due, and still valid."""
    monkeypatch.setenv("OPENBOOK_CLIENT_SECRET", client_secret)
    now = clock.now().timestamp()
    user = {"sub": "ada", "exp": now + 600, "iat": now - 600}
    cookie, _ = sessions.begin(user, {"access_token": "first", "refresh_token": "refresh 1"})
    with monkeypatch.context() as later:
        later.setattr("dashboard.sign_in.renewal._is_due", lambda session: session.tokens["access_token"] == "first")
        session = sessions.find(cookie)
        assert session
        token = renewal.access_token(session)
    assert sessions.find(cookie)
    return token


def test_both_client_secrets_renew_then_only_the_new(accepted: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    accepted.update(("old", "new"))
    assert [renewed_with(monkeypatch, secret) for secret in ("old", "new")] == ["renewed", "renewed"]
    accepted.remove("old")
    assert renewed_with(monkeypatch, "new") == "renewed"


def test_a_refused_client_secret_signs_nobody_out(
    accepted: set[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    accepted.add("new")
    assert renewed_with(monkeypatch, "old secret") == "first"
    assert "refuses the dashboard's client id or secret" in caplog.text
    assert "old secret" not in caplog.text
    assert renewed_with(monkeypatch, "new") == "renewed"
