"""A person chooses a language: the next page is in it, their e-mail too, and so is their next browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.language import COOKIE
from dashboard.routes.choose_language import choose_language
from dashboard.sign_in import kept_language
from directory import Employee
from governance.notifying import choices
from tests.dashboard.serving.test_headers import ADDRESS, serving, sign_in


@pytest.fixture
def route(monkeypatch: pytest.MonkeyPatch, home: object) -> Iterator[TestClient]:
    with serving(monkeypatch, Route("/language/{code}", choose_language)) as client:
        yield client


def chosen(route: TestClient, code: str, **headers: str) -> tuple[int, str | None, str | None]:
    """The status, where it leads, and the cookie."""
    route.cookies.delete(COOKIE)
    answer = route.get(f"/language/{code}", headers=headers, follow_redirects=False)
    return answer.status_code, answer.headers.get("location"), answer.cookies.get(COOKIE)


def test_signed_out_it_is_kept_in_this_browser(route: TestClient) -> None:
    assert chosen(route, "de", Referer=f"{ADDRESS}/captured?kind=message") == (303, "/captured?kind=message", "de")
    assert chosen(route, "fr") == (303, "/", "fr")


@pytest.mark.parametrize(
    "place", ["https://evil.example/x", f"{ADDRESS}.evil.example/", "nonsense", f"{ADDRESS}//evil.example"]
)
def test_it_leads_nowhere_else(route: TestClient, place: str) -> None:
    _, where, _ = chosen(route, "de", Referer=place)
    assert where in ("/", "/evil.example")


@pytest.mark.parametrize("code", ["xx", "en-XA", "DE", "de%0d%0aSet-Cookie:x"])
def test_another_language_is_refused(route: TestClient, code: str) -> None:
    assert chosen(route, code) == (404, None, None)


def test_another_site_chooses_none(route: TestClient) -> None:
    assert chosen(route, "de", **{"Sec-Fetch-Site": "cross-site"}) == (404, None, None)


def test_it_is_kept_with_the_person(
    route: TestClient, person: Callable[..., Employee], api: str, token_for: Callable[..., str]
) -> None:
    ada = person("ada@example.com")
    token = token_for(ada)
    sign_in(route, token)
    assert chosen(route, "es") == (303, "/", "es")
    assert choices.of_person(ada.subject).language == "es"
    elsewhere = Response()
    kept_language.recall(elsewhere, token)
    assert elsewhere.headers["set-cookie"].startswith(f"{COOKIE}=es;")


def test_without_the_api_pages_still_have_it(
    route: TestClient,
    person: Callable[..., Employee],
    token_for: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = token_for(person("ada@example.com"))
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    sign_in(route, token)
    assert chosen(route, "es") == (303, "/", "es")
    elsewhere = Response()
    kept_language.recall(elsewhere, token)
    assert "set-cookie" not in elsewhere.headers
