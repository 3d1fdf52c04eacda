"""Opaque access tokens: what the provider says counts for seconds, and whatever it doesn't say is refused."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

import clock
from directory import InvalidToken, sign_in
from directory.access_tokens import IdentityProviderUnavailable, sub_by_known_keys
from directory.tokens import introspection
from tests.support.people import Company
from tests.support.real_provider import SECRET, serving_provider

TOKEN = "ya29.a0-opaque_token"


class Endpoint:
    """Answers every call with `status` and `answer`; `calls` are the forms and Authorization headers it got."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.answer: Any = None
        self.calls: list[tuple[dict[str, list[str]], str | None]] = []


@pytest.fixture
def endpoint(person: Company, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    person("ada@example.com")
    found = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.calls.append((parse_qs(body), self.headers["Authorization"]))
            content = found.answer if isinstance(found.answer, bytes) else json.dumps(found.answer).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        found.url = f"http://localhost:{server.server_port}/check"
        monkeypatch.setenv("OPENBOOK_ISSUER", "https://accounts.example.com")
        monkeypatch.setenv("OPENBOOK_CLIENT_ID", "open-book")
        monkeypatch.setenv("OPENBOOK_INTROSPECTION_URL", found.url)
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


def now() -> int:
    return int(clock.now().timestamp())


def active(**claims: Any) -> dict[str, Any]:
    said = {"active": True, "token_type": "Bearer", "sub": "ada", "client_id": "open-book", "aud": "open-book"}
    said |= {"iat": now(), "exp": now() + 600, **claims}
    return {name: value for name, value in said.items() if value is not None}


def test_the_owner_of_an_opaque_token_is_found(endpoint: Endpoint) -> None:
    endpoint.answer = active()
    assert sign_in(TOKEN).employee.email == "ada@example.com"
    assert endpoint.calls[0][0] == {"token": [TOKEN], "token_type_hint": ["access_token"]}


def test_an_answer_counts_for_seconds_only(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint.answer = active()
    sign_in(TOKEN)
    endpoint.answer = {"active": False}
    sign_in(TOKEN)
    assert len(endpoint.calls) == 1
    assert sub_by_known_keys(TOKEN) == "ada"
    later = clock.uptime() + introspection.KEPT_SECONDS
    monkeypatch.setattr(clock, "uptime", lambda: later)
    assert sub_by_known_keys(TOKEN) is None
    with pytest.raises(InvalidToken):
        sign_in(TOKEN)
    assert introspection.KEPT_SECONDS <= 10


@pytest.mark.parametrize(
    "answer",
    [
        {"active": False},
        {"token_type": None},
        {"token_type": "refresh"},
        {"sub": None},
        {"exp": None},
        {"exp": 1},
        {"iat": None},
        {"iss": "https://elsewhere.example.com"},
        {"aud": "wiki"},
        {"aud": None, "client_id": "wiki"},
        {"aud": None, "client_id": None},
    ],
)
def test_what_the_provider_does_not_confirm_is_refused(endpoint: Endpoint, answer: dict[str, Any]) -> None:
    endpoint.answer = answer if answer.get("active") is False else active(**answer)
    with pytest.raises(InvalidToken):
        sign_in(TOKEN)


@pytest.mark.parametrize(
    ("status", "answer"),
    [(401, {}), (403, {}), (500, {}), (302, {}), (200, {}), (200, []), (200, b"<html>"), (200, {"active": "true"})],
)
def test_a_provider_that_does_not_answer_is_unavailable(endpoint: Endpoint, status: int, answer: Any) -> None:
    endpoint.status, endpoint.answer = status, answer
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(TOKEN)


@pytest.mark.parametrize("token", ["", "a" * (16 * 1024 + 1), "a\nb", "ä"])
def test_what_cannot_be_a_token_is_not_asked_about(endpoint: Endpoint, token: str) -> None:
    with pytest.raises(InvalidToken):
        sign_in(token)
    assert not endpoint.calls


def test_a_token_is_never_sent_in_the_clear(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_INTROSPECTION_URL", "http://idp.example.com/introspect")
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(TOKEN)


def test_the_secret_comes_from_settings_or_a_file(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("of the file\n")
    monkeypatch.setenv("OPENBOOK_CLIENT_SECRET", "of the dashboard")
    given = [
        {},
        {"OPENBOOK_INTROSPECTION_SECRET_FILE": str(tmp_path / "secret")},
        {"OPENBOOK_INTROSPECTION_SECRET": "own:%", "OPENBOOK_INTROSPECTION_CLIENT_ID": "api"},
    ]
    endpoint.answer = active()
    for number, names in enumerate(given):
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        sign_in(f"token{number}")
    sent = [base64.b64decode(str(call[1]).removeprefix("Basic ")).decode() for call in endpoint.calls]
    assert sent == ["open-book:of+the+dashboard", "open-book:of+the+file", "api:own%3A%25"]


def test_a_secret_file_that_is_missing_lets_nobody_in(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_INTROSPECTION_SECRET_FILE", "/nowhere/secret")
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(TOKEN)


def test_googles_tokeninfo_is_read(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_INTROSPECTION_KIND", "tokeninfo")
    said = {"azp": "open-book", "aud": "open-book", "sub": "ada", "scope": "openid", "exp": str(now() + 600)}
    endpoint.answer = {**said, "expires_in": "599", "access_type": "online"}
    assert sign_in(TOKEN).employee.email == "ada@example.com"
    assert endpoint.calls[0] == ({"access_token": [TOKEN]}, None)
    claims: list[dict[str, Any]] = [{"aud": "wiki"}, {"aud": None}, {"sub": None}, {"exp": "1"}]
    for number, wrong in enumerate(claims):
        endpoint.answer = {name: value for name, value in {**said, **wrong}.items() if value is not None}
        if wrong == {"aud": None}:
            endpoint.answer["azp"] = "wiki"
        with pytest.raises(InvalidToken):
            sign_in(f"{TOKEN}{number}")
    endpoint.status, endpoint.answer = 400, {"error": "invalid_token"}
    with pytest.raises(InvalidToken):
        sign_in(f"{TOKEN}-unknown")
    endpoint.status, endpoint.answer = 200, {**said, "exp": "soon"}
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(f"{TOKEN}-odd")


def test_a_real_providers_revoked_token_dies(person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    person("ada@example.com")
    with serving_provider(refresh=True) as provider:
        monkeypatch.setenv("OPENBOOK_ISSUER", provider.issuer)
        monkeypatch.setenv("OPENBOOK_CLIENT_SECRET", SECRET)
        monkeypatch.setenv("OPENBOOK_INTROSPECTION_URL", f"{provider.base}/token/introspection")
        given = provider.tokens()
        sign_in(given["access_token"])
        with pytest.raises(InvalidToken):
            sign_in(given["refresh_token"])
        provider.revoke(given["access_token"])
        later = clock.uptime() + introspection.KEPT_SECONDS
        monkeypatch.setattr(clock, "uptime", lambda: later)
        with pytest.raises(InvalidToken):
            sign_in(given["access_token"])
