"""Headers, closed routes, and the download of an export."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import config
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

import clock
from api_client import ExportStream, GovernanceClient
from api_client.errors import status_error
from dashboard.routes.export_download import download_export
from dashboard.serving.headers import SecurityHeaders, content_security_policy, inline_script_hashes
from dashboard.sign_in.cookie_secret import cookie_secret
from dashboard.sign_in.server_sessions import ServerSessions
from directory import Employee
from tests.dashboard.conftest import Capture, session_cookie

ADDRESS = "http://dashboard.test"
INDEX = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


def page(_: Any) -> PlainTextResponse:
    answer = PlainTextResponse("page")
    answer.set_cookie("kept", "x", httponly=True)
    answer.set_cookie("safe", "x", secure=True)
    return answer


def served(public_url: str) -> TestClient:
    routes = [Route("/", page), Route("/{path:path}", page)]
    return TestClient(
        Starlette(routes=routes, middleware=[Middleware(SecurityHeaders, public_url=public_url)]), base_url=public_url
    )


def test_the_csp_allows_only_streamlits_inline_scripts() -> None:
    (start, *others) = [part.split("</script>")[0] for part in INDEX.split("<script>")[1:]]
    assert not others
    expected = f"'sha256-{base64.b64encode(hashlib.sha256(start.encode()).digest()).decode()}'"
    assert inline_script_hashes(INDEX) == [expected]
    policy = dict(part.split(" ", 1) for part in content_security_policy(INDEX, "https://a.example").split("; "))
    assert policy["script-src"] == f"'self' {expected}"
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self' wss://a.example"
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert "http" not in policy["img-src"]


def test_every_answer_has_the_headers() -> None:
    answer = served(ADDRESS).get("/anything")
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"):
        assert name in answer.headers
    assert "Strict-Transport-Security" not in answer.headers
    kept = served("https://a.example").get("/anything").headers["Strict-Transport-Security"]
    assert kept == "max-age=31536000; includeSubDomains"


def test_cookies_are_secure_where_the_address_is_https() -> None:
    kept, safe = served("https://a.example").get("/").headers.get_list("set-cookie")
    assert kept.endswith("; Secure")
    assert safe.lower().count("secure") == 1
    assert all(
        "secure" not in value.lower() for value in served("http://a").get("/").headers.get_list("set-cookie")[:1]
    )


CLOSED = (
    *("/media", "/media/x.zip", "/_stcore/upload_file/a/b", "/_stcore/agent/interact", "/_stcore/agent/mcp"),
    *("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/bidi-components/a/b", "/_stcore", "/_stcore/new"),
    *("/component/a/b", "/app/static/x"),
)


@pytest.mark.parametrize("path", CLOSED)
def test_routes_that_nothing_uses_are_closed(path: str) -> None:
    answer = served("http://localhost").get(path)
    assert answer.status_code == 404
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "ODD"])
@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/upload_file/a/b", "/auth/login", "/export/1"])
def test_no_route_takes_a_body(method: str, path: str) -> None:
    answer = served("http://localhost").request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.fixture
def downloads(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    with serving(monkeypatch, Route("/export/{request_id:uuid}", download_export)) as client:
        yield client


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, *routes: Route) -> Iterator[TestClient]:
    """Our routes behind the sessions, as in the dashboard."""
    monkeypatch.setenv("OPENBOOK_DASHBOARD_URL", ADDRESS)
    app = Starlette(routes=routes, middleware=[Middleware(ServerSessions, public_url=ADDRESS)])
    with TestClient(app, base_url=ADDRESS) as client:
        yield client


def sign_in(client: TestClient, token: str, **user: Any) -> None:
    """Sets the cookie of a signed-in browser."""
    client.cookies.clear()
    client.cookies.set("openbook_session", session_cookie(token, **user))


def test_a_download_without_a_sign_in_is_refused(downloads: TestClient) -> None:
    assert downloads.get(f"/export/{uuid4()}").status_code == 401


def test_a_sign_in_of_another_site_is_refused(downloads: TestClient, token_for: Callable[..., str]) -> None:
    sign_in(downloads, token_for("ada"), origin="http://evil.example")
    assert downloads.get(f"/export/{uuid4()}").status_code == 401


def test_an_expired_sign_in_is_refused(
    downloads: TestClient, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(downloads, token_for("ada"), exp=int(clock.now().timestamp()) + 60)
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert downloads.get(f"/export/{uuid4()}").status_code == 401


@pytest.mark.parametrize("end", [1, None, "soon", float("nan"), float("inf"), True])
def test_a_sign_in_without_expiry_is_never_stored(home: Path, token_for: Callable[..., str], end: object) -> None:
    with pytest.raises(ValueError, match="valid expiry"):
        session_cookie(token_for("ada"), exp=end)


@pytest.mark.parametrize("secret", ["another" * 8, None])
def test_streamlits_own_cookie_opens_nothing(
    downloads: TestClient, token_for: Callable[..., str], secret: str | None
) -> None:
    claims = {"origin": ADDRESS, "exp": int(clock.now().timestamp()) + 3600}
    for name, value in (("_streamlit_user", claims), ("_streamlit_user_tokens", {"access_token": token_for("ada")})):
        signed = create_signed_value(secret or cookie_secret(), name, json.dumps(value)).decode()
        downloads.cookies.set(name, signed)
    answer = downloads.get(f"/export/{uuid4()}")
    assert answer.status_code == 401
    removed = [cookie for cookie in answer.headers.get_list("set-cookie") if "Max-Age=0" in cookie]
    assert {cookie.partition("=")[0] for cookie in removed} == {"_streamlit_user", "_streamlit_user_tokens"}


def test_a_download_that_another_site_started_is_refused(downloads: TestClient, token_for: Callable[..., str]) -> None:
    sign_in(downloads, token_for("ada"))
    answer = downloads.get(f"/export/{uuid4()}", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_no_such_export_and_not_ready_differ(
    downloads: TestClient, person: Callable[..., Employee], capture: Capture, api: str, token_for: Callable[..., str]
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada)
    with GovernanceClient(api, token_for(ada)) as client:
        request = client.file_request("export")
    sign_in(downloads, token_for(ada))
    assert downloads.get(f"/export/{request.id}").status_code == 409
    assert downloads.get(f"/export/{uuid4()}").status_code == 404
    sign_in(downloads, token_for(bob))
    assert downloads.get(f"/export/{request.id}").status_code == 404


def stream_of(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response) -> list[dict[str, str | None]]:
    """Makes the API answer export requests like this; returns the requests."""
    asked: list[dict[str, str | None]] = []

    def stream(_: GovernanceClient, __: str, **wanted: str | None) -> ExportStream:
        asked.append(wanted)
        return ExportStream(answer)

    monkeypatch.setattr(GovernanceClient, "stream_export", stream)
    return asked


def test_a_range_is_passed_on_both_ways(
    downloads: TestClient, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"ETag": '"1"', "Content-Range": "bytes 2-3/6", "Accept-Ranges": "bytes", "X-Other": "not passed on"}
    asked = stream_of(monkeypatch, httpx.Response(206, content=b"cd", headers=told))
    sign_in(downloads, token_for("ada"))
    answer = downloads.get(f"/export/{uuid4()}", headers={"Range": "bytes=2-3", "If-Range": '"1"'})
    assert asked == [{"byte_range": "bytes=2-3", "if_range": '"1"'}]
    assert (answer.status_code, answer.content) == (206, b"cd")
    assert {name: answer.headers.get(name) for name in told} == {**told, "X-Other": None}
    assert answer.headers["Content-Length"] == "2"


def test_a_head_request_gets_no_bytes(
    downloads: TestClient, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream_of(monkeypatch, httpx.Response(200, content=b"abcdef", headers={"ETag": '"1"'}))
    sign_in(downloads, token_for("ada"))
    answer = downloads.head(f"/export/{uuid4()}")
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "6")


@pytest.mark.parametrize(("status", "words"), [(410, "It was deleted or lost"), (416, "You already have all of it")])
def test_gone_and_complete_files_say_so(
    downloads: TestClient, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch, status: int, words: str
) -> None:
    def refused(*_: object, **__: object) -> ExportStream:
        problem = {"type": "about:blank", "status": status, "title": "Refused", "detail": "Refused"}
        raise status_error(status, problem)(status, "Refused")

    monkeypatch.setattr(GovernanceClient, "stream_export", refused)
    sign_in(downloads, token_for("ada"))
    answer = downloads.get(f"/export/{uuid4()}", headers={"Range": "bytes=9-"})
    assert answer.status_code == status
    assert words in answer.text


def test_the_bytes_of_the_api_arrive_as_an_attachment(
    downloads: TestClient, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream_of(monkeypatch, httpx.Response(200, content=b"abcdef", headers={"ETag": '"1"', "Sunset": "soon"}))
    sign_in(downloads, token_for("ada"))
    answer = downloads.get(f"/export/{uuid4()}")
    assert (answer.status_code, answer.content) == (200, b"abcdef")
    assert answer.headers["content-disposition"].startswith('attachment; filename="open-book-export-')
    assert answer.headers["cache-control"] == "no-store"
    assert config.get_option("server.enableStaticServing") is False


def test_tables_offer_no_csv_that_a_spreadsheet_could_run() -> None:
    assert config.get_option("client.disableDataExport") is True
