"""Somebody who has left types the code of their letter, and sees their own pages for an hour."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

import clock
from dashboard.routes.letter_sign_in import LARGEST_BYTES, show_form, sign_in_by_letter
from dashboard.serving.headers import SecurityHeaders
from dashboard.sign_in import sessions, step_up
from dashboard.sign_in.own_route import LETTER
from dashboard.sign_in.server_sessions import LOGIN, ServerSessions
from directory import Directory, Employee
from governance.api.call_rates import RATES, Kind
from tests.support.people import Company

ADDRESS = "http://dashboard.test"


@pytest.fixture
def ada(person: Company) -> Employee:
    person("ada@example.com")
    person("bo@example.com")
    return person.leave("ada@example.com")


@pytest.fixture
def code(ada: Employee) -> str:
    with Directory.open() as directory:
        made = directory.make_letter(ada.subject, 30)
    assert made is not None
    return made.code


async def whoami(request: Request) -> Response:
    session: sessions.Session | None = request.scope[sessions.SCOPE_KEY]
    token = session.tokens["access_token"] if session else None
    return JSONResponse({"token": token, "reference": session.reference if session else None})


@pytest.fixture
def browser(api: str, home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("OPENBOOK_DASHBOARD_URL", ADDRESS)
    routes = [
        Route(LETTER, show_form, methods=["GET"]),
        Route(LETTER, sign_in_by_letter, methods=["POST"]),
        Route("/", whoami),
        Route("/requests", whoami),
        Route(LOGIN, whoami),
    ]
    layers = [Middleware(kind, public_url=ADDRESS) for kind in (SecurityHeaders, ServerSessions)]
    with TestClient(Starlette(routes=routes, middleware=layers), base_url=ADDRESS) as client:
        yield client


def give(browser: TestClient, code: str, **headers: str) -> Any:
    return browser.post(LETTER, data={"code": code}, headers=headers, follow_redirects=False)


def said(page: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.text))


def test_a_code_opens_the_persons_own_data_for_an_hour(
    browser: TestClient, code: str, ada: Employee, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = give(browser, code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "_streamlit" not in str(answer.headers.get_list("set-cookie"))
    token = browser.get("/").json()["token"]
    me = httpx.get(f"{api}/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["email"] == ada.email
    an_hour_later = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: an_hour_later)
    assert browser.get("/").json()["token"] is None


def test_a_wrong_code_opens_nothing_and_says_so(browser: TestClient, code: str) -> None:
    answer = give(browser, code[::-1])
    assert answer.status_code == 400
    assert "This code opens nothing." in said(answer)
    assert code[::-1] not in answer.text
    assert browser.get("/").json()["token"] is None


def test_another_site_can_not_sign_anybody_in(browser: TestClient, code: str) -> None:
    assert give(browser, code, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/").json()["token"] is None


def test_a_large_or_odd_form_is_refused(browser: TestClient, code: str) -> None:
    assert give(browser, "A" * LARGEST_BYTES).status_code == 413
    assert browser.post(LETTER, content=b"\xff\x00=%zz&code").status_code == 400
    assert browser.put(LETTER).status_code == 405


def test_guesses_are_counted_by_the_visitors_address(browser: TestClient, code: str) -> None:
    """The dashboard is a proxy that the API trusts, so one visitor's guesses don't shut the others out."""
    for _ in range(RATES[Kind.LETTERS][0]):
        assert give(browser, "WRONG").status_code == 400
    late = give(browser, code)
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0
    other = TestClient(browser.app, base_url=ADDRESS, client=("192.0.2.7", 50000))
    assert give(other, code).status_code == 303


def test_without_the_api_the_form_says_so(browser: TestClient, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    answer = give(browser, code)
    assert answer.status_code == 503
    assert "Try again in a minute" in said(answer)


def test_signing_in_again_asks_for_the_code_and_leads_back(browser: TestClient, code: str) -> None:
    give(browser, code)
    step_up.ask(browser.get("/").json()["reference"], "/requests")
    again = browser.get(LOGIN, follow_redirects=False)
    assert (again.status_code, again.headers["location"]) == (302, LETTER)
    assert give(browser, code).headers["location"] == "/requests"
