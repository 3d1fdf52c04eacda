"""What a browser gets at sign-in, and what still works after sign-out."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_auth_routes import _clear_auth_cookie, _set_auth_cookie
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

import clock
from dashboard.routes.export_download import download_export
from dashboard.routes.membership_download import download_leaves, download_proof
from dashboard.routes.receipt_download import download_receipt, show_receipt
from dashboard.sign_in import server_sessions, sessions
from dashboard.sign_in.cookie_secret import UnusableSecret, cookie_secret
from dashboard.sign_in.server_sessions import ServerSessions
from home import HomeUnavailable
from tests.dashboard.conftest import session_cookie

SECRET = "a cookie secret of more than 32 bytes"
TOKEN = "the-access-token-of-ada"
SECURE = "https://dashboard.test"
OWN_ROUTES = {
    "/export/{request_id:uuid}": download_export,
    "/receipt/{request_id:uuid}": download_receipt,
    "/receipt/{request_id:uuid}/page": show_receipt,
    "/membership/{dataset_version:uuid}": download_proof,
    "/membership/{dataset_version:uuid}/leaves": download_leaves,
}


@pytest.fixture(autouse=True)
def configured(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret_is(monkeypatch, SECRET)


def secret_is(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("OPENBOOK_COOKIE_SECRET", secret)
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": {"cookie_secret": secret}})


@contextmanager
def dashboard(
    monkeypatch: pytest.MonkeyPatch, address: str = SECURE, provider_seconds: float = 0, **claims: Any
) -> Iterator[TestClient]:
    """Simulates Streamlit's part of signing in and out, with Streamlit's own functions, behind our sessions."""
    monkeypatch.setenv("OPENBOOK_DASHBOARD_URL", address)

    async def callback(_: Request) -> Response:
        answer = RedirectResponse("/")
        user = {"sub": "ada", "origin": address, "exp": int(clock.now().timestamp()) + 600, **claims}
        await _set_auth_cookie(answer, user, {"access_token": TOKEN, "id_token": "the-id-token"})
        return answer

    async def failed(request: Request) -> Response:
        answer = RedirectResponse("/")
        _clear_auth_cookie(answer, request)
        return answer

    async def logout(request: Request) -> Response:
        await asyncio.sleep(provider_seconds)
        return await failed(request)

    async def seen(request: Request) -> Response:
        read = _get_signed_cookie_with_chunks(request.cookies, "_streamlit_user")
        return JSONResponse({"user": read.decode() if read else None, "names": sorted(request.cookies)})

    async def refused(_: Request) -> Response:
        return Response("Authentication error", 400)

    routes = [Route(path, endpoint) for path, endpoint in OWN_ROUTES.items()]
    routes += [Route("/auth/logout", logout), Route("/auth/login", refused), Route("/seen", seen)]
    routes += [Route("/oauth2callback", failed if claims.get("failed") else callback)]
    app = Starlette(routes=routes, middleware=[Middleware(ServerSessions, public_url=address)])
    with TestClient(app, base_url=address, follow_redirects=False) as client:
        yield client


def given(answer: Any) -> SimpleCookie:
    cookies = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        cookies.load(line)
    return cookies


def test_a_browser_gets_a_number_and_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(monkeypatch) as browser:
        answer = browser.get("/oauth2callback")
    assert list(given(answer)) == ["__Host-openbook_session"]
    cookie = given(answer)["__Host-openbook_session"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "lax", "/")
    assert cookie["domain"] == ""
    assert 590 <= int(cookie["max-age"]) <= 600


def test_without_https_the_cookie_has_no_host_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(monkeypatch, "http://localhost:1234") as browser:
        cookie = given(browser.get("/oauth2callback"))["openbook_session"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, "", "lax")


@pytest.mark.parametrize("length", [10, 20_000])
def test_streamlit_sees_its_own_cookies_whatever_their_size(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    with dashboard(monkeypatch, name="n" * length) as browser:
        assert browser.get("/seen").json()["user"] is None
        browser.cookies.set("_streamlit_xsrf", "kept")
        browser.get("/oauth2callback")
        assert len(browser.cookies) == 2
        seen = browser.get("/seen").json()
    assert "n" * length in seen["user"]
    assert sessions.CLAIM in seen["user"]
    assert "_streamlit_xsrf" in seen["names"]


def test_nothing_of_a_session_is_readable_on_the_disk(home: Path) -> None:
    session_cookie(TOKEN, sub="ada.byron", name="Ada Byron")
    (file,) = [path for path in (home / "dashboard").rglob("*") if path.is_file()]
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    assert not any(
        word in content or word.decode() in str(file) for word in (b"ada.byron", b"Ada Byron", TOKEN.encode())
    )


@pytest.mark.parametrize("path", OWN_ROUTES)
def test_a_copied_cookie_opens_nothing_after_sign_out(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    address = path.replace("{request_id:uuid}", str(uuid4())).replace("{dataset_version:uuid}", str(uuid4()))
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    with dashboard(monkeypatch) as browser, dashboard(monkeypatch) as thief:
        browser.get("/oauth2callback")
        for cookie in browser.cookies.jar:
            thief.cookies.set(cookie.name, str(cookie.value))
        assert thief.get(address).status_code == 503, "signed in; the API does not answer"
        left = browser.get("/auth/logout")
        assert given(left)["__Host-openbook_session"]["max-age"] == "0"
        assert thief.get(address).status_code == 401
        assert thief.get("/seen").json()["user"] is None


def test_sign_out_ends_the_session_while_the_provider_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(monkeypatch, provider_seconds=3600) as browser:
        browser.get("/oauth2callback")
        monkeypatch.setattr(server_sessions, "PROVIDER_SECONDS", 0.05)
        copied = {cookie.name: str(cookie.value) for cookie in browser.cookies.jar}
        answer = browser.get("/auth/logout")
        assert (answer.status_code, answer.headers["location"]) == (302, "/")
        assert not browser.cookies
        browser.cookies.update(copied)
        assert browser.get("/seen").json()["user"] is None


def test_a_sign_out_that_cannot_be_kept_says_so(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with dashboard(monkeypatch) as browser, dashboard(monkeypatch) as thief:
        browser.get("/oauth2callback")
        for cookie in browser.cookies.jar:
            thief.cookies.set(cookie.name, str(cookie.value))
        with monkeypatch.context() as full:
            full.setattr(Path, "unlink", read_only)
            answer = browser.get("/auth/logout")
        assert (answer.status_code, "not signed out completely" in answer.text) == (503, True)
        assert given(answer)["__Host-openbook_session"]["max-age"] == "0"
        assert thief.get("/seen").json()["user"] is None
        assert [path for path in (home / "dashboard" / "sessions").rglob("*") if path.is_file()], "still on disk"


def test_another_site_signs_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(monkeypatch) as browser:
        browser.get("/oauth2callback")
        answer = browser.get("/auth/logout", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert browser.get("/seen").json()["user"]


def test_a_new_sign_in_ends_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(monkeypatch) as browser:
        browser.get("/oauth2callback")
        (first,) = [str(cookie.value) for cookie in browser.cookies.jar]
        browser.get("/oauth2callback")
    assert sessions.find(first) is None


def test_a_restart_signs_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(monkeypatch) as browser:
        browser.get("/oauth2callback")
        (cookie,) = list(browser.cookies.jar)
    with dashboard(monkeypatch) as restarted:
        restarted.cookies.set(cookie.name, str(cookie.value))
        assert restarted.get("/seen").json()["user"]


def test_another_secret_signs_everybody_out_cleanly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with dashboard(monkeypatch) as browser:
        browser.get("/oauth2callback")
        secret_is(monkeypatch, SECRET[::-1])
        assert browser.get("/seen").json()["user"] is None
        assert browser.get(f"/export/{uuid4()}").status_code == 401
        browser.get("/oauth2callback")
        assert browser.get("/seen").json()["user"]
    without_the_api = "dashboard.sign_in.kept_language"
    assert {record.name for record in caplog.records} <= {without_the_api}


@pytest.mark.parametrize("cookie", ["", "x", "../../etc", f"{'a' * 32}.{'b' * 43}", f"../{'a' * 29}.{'b' * 43}"])
def test_an_invented_session_number_opens_nothing(monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    with dashboard(monkeypatch) as browser:
        browser.cookies.set("__Host-openbook_session", cookie)
        assert browser.get("/seen").json()["user"] is None


def test_a_session_moved_to_another_person_opens_nothing(home: Path) -> None:
    first, second = session_cookie(TOKEN, sub="ada"), session_cookie(TOKEN, sub="bob")
    mine, other = (home / "dashboard" / "sessions" / each.partition(".")[0] for each in (first, second))
    (content,), (replaced,) = mine.iterdir(), other.iterdir()
    ends_at = replaced.stat().st_mtime
    assert sessions.find(second)
    replaced.write_bytes(content.read_bytes())
    os.utime(replaced, (ends_at, ends_at))
    assert sessions.find(first)
    assert sessions.find(second) is None


def test_sessions_per_person_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    others = session_cookie(TOKEN, sub="bob")
    cookies = [
        session_cookie(TOKEN, sub="ada", exp=int(clock.now().timestamp()) + 600 + number)
        for number in range(sessions.MOST_OF_A_PERSON + 2)
    ]
    assert [sessions.find(cookie) is not None for cookie in cookies[:3]] == [False, False, True]
    assert all(map(sessions.find, [*cookies[2:], others]))
    sessions.end_all_of(sessions.person_of("ada"))
    assert not any(map(sessions.find, cookies))
    assert sessions.find(others)


def test_total_sessions_are_limited(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(sessions, "MOST", 1)
    session_cookie(TOKEN, sub="bob")
    with dashboard(monkeypatch) as browser:
        answer = browser.get("/oauth2callback")
    assert (answer.status_code, "could not be stored" in answer.text) == (503, True)
    assert not answer.headers.get_list("set-cookie")


def test_expired_sessions_are_removed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session_cookie(TOKEN, sub="bob", exp=int(clock.now().timestamp()) + 60)
    session_cookie(TOKEN, sub="ada")
    later = clock.now() + timedelta(seconds=100)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert sessions.remove_ended() == 1
    assert len(list((home / "dashboard" / "sessions").iterdir())) == 1


def test_a_sign_in_that_cannot_be_stored_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "dashboard").write_text("a file where the folder should be")
    with dashboard(monkeypatch) as browser:
        answer = browser.get("/oauth2callback")
    assert (answer.status_code, "could not be stored" in answer.text) == (503, True)
    assert not answer.headers.get_list("set-cookie")


@pytest.mark.parametrize(("path", "claims"), [("/auth/login", {}), ("/oauth2callback", {"failed": True})])
def test_a_failing_provider_is_reported(monkeypatch: pytest.MonkeyPatch, path: str, claims: dict[str, Any]) -> None:
    with dashboard(monkeypatch, **claims) as browser:
        answer = browser.get(path)
    assert (answer.status_code, "isn't responding" in answer.text) == (503, True)


@pytest.mark.parametrize("secret", [" ", "short", "x" * 31, " " * 40])
def test_a_short_secret_is_refused(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("OPENBOOK_COOKIE_SECRET", secret)
    with pytest.raises(UnusableSecret, match="fewer than 32 bytes"):
        cookie_secret()


@pytest.mark.parametrize("content", ["", "short"])
def test_a_short_secret_in_home_is_refused(monkeypatch: pytest.MonkeyPatch, home: Path, content: str) -> None:
    monkeypatch.delenv("OPENBOOK_COOKIE_SECRET")
    (home / "dashboard").mkdir()
    (home / "dashboard" / "cookie.secret").write_text(content)
    with pytest.raises(UnusableSecret, match=r"cookie\.secret"):
        cookie_secret()


def test_a_secret_is_made_once_and_private(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.delenv("OPENBOOK_COOKIE_SECRET")
    first = cookie_secret()
    assert cookie_secret() == first
    assert [path.name for path in (home / "dashboard").iterdir()] == ["cookie.secret"]
    assert (home / "dashboard" / "cookie.secret").stat().st_mode & 0o777 == 0o600


def test_without_a_home_no_secret_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENBOOK_COOKIE_SECRET")
    monkeypatch.setenv("OPENBOOK_HOME", str(tmp_path / "moved away"))
    with pytest.raises(HomeUnavailable):
        cookie_secret()
    assert not (tmp_path / "moved away").exists()
