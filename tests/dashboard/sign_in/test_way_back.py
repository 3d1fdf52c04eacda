"""Signing in at a real provider leads to the page of ours that somebody had opened, and never elsewhere."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.responses import Response
from streamlit.auth_util import encode_provider_token

from dashboard.pages import EVERY
from dashboard.sign_in import way_back
from tests.dashboard.sign_in.real_sign_in import ADDRESS, Browser, browser
from tests.support.people import Company

CHOSEN = "/captured?from=2026-03-02T09%3A00Z&application=Acme+%26+Sons&kind=keystroke"


@pytest.fixture(autouse=True)
def ada(person: Company) -> None:
    person("ada@example.com")


def leads_to(person: Browser, came_from: str) -> str:
    person.dashboard.headers["referer"] = came_from
    answer = person.sign_in()
    assert answer.status_code == 302
    assert person.session() is not None
    return str(answer.headers["location"])


def asked_from(person: Browser, place: str) -> Any:
    """How the provider is asked, when a sign-in begins there."""
    login = f"/auth/login?provider={encode_provider_token('default')}"
    return person.dashboard.get(login, headers={"referer": ADDRESS + place})


def test_a_bookmark_with_choices_is_opened_after_signing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(monkeypatch) as person:
        assert leads_to(person, ADDRESS + CHOSEN) == CHOSEN
        assert way_back.COOKIE not in person.dashboard.cookies
        assert leads_to(person, f"{ADDRESS}/models?kind=message") == "/models?kind=message"
        assert leads_to(person, f"{ADDRESS}/") == "/"


@pytest.mark.parametrize(
    "came_from",
    [
        "https://evil.example/captured",
        "http://dashboard.localhost.evil.example/captured",
        "http://dashboard.localhost@evil.example/captured",
        "//evil.example/captured",
        f"{ADDRESS}//evil.example/captured",
        f"{ADDRESS}/\\evil.example",
        f"{ADDRESS}/captured/../export/1",
        f"{ADDRESS}/letter",
        f"{ADDRESS}/auth/logout",
        "http://[",
        "",
    ],
)
def test_nobody_is_led_elsewhere(monkeypatch: pytest.MonkeyPatch, came_from: str) -> None:
    with browser(monkeypatch) as person:
        assert leads_to(person, came_from) == "/"


def test_every_page_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_DASHBOARD_URL", ADDRESS)
    for name, *_ in EVERY:
        assert way_back.page_of_ours(f"{ADDRESS}/{name}?x=1") == f"/{name}?x=1"
    assert way_back.page_of_ours(f"{ADDRESS}/captured?{'x' * way_back.MOST_CHARACTERS}") == "/captured"
    assert way_back.page_of_ours(f"{ADDRESS}/captured?é") == "/captured"


def test_the_browser_can_neither_read_nor_change_nor_reuse_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(monkeypatch) as person:
        answer = asked_from(person, CHOSEN)
        [line] = [each for each in answer.headers.get_list("set-cookie") if each.startswith(way_back.COOKIE)]
        for attribute in ("httponly", "path=/oauth2callback", "samesite=lax"):
            assert attribute in line.casefold()
        value = line.partition("=")[2].partition(";")[0].strip('"')
        assert b"captured" not in base64.urlsafe_b64decode(value)
        state = parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]

        def taken(cookie: str, state: str) -> str:
            return way_back.take(Response(), {way_back.COOKIE: cookie}, f"code=1&state={state}", "/oauth2callback")

        assert taken(value, state) == CHOSEN
        assert taken(value, "another") == ""
        assert taken(f"{'B' if value[0] == 'A' else 'A'}{value[1:]}", state) == ""
        for invented in ("/captured", "x", "é", base64.urlsafe_b64encode(b"/captured").decode()):
            assert taken(invented, state) == ""


def test_a_sign_in_that_fails_leaves_people_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(monkeypatch) as person:
        answer = asked_from(person, CHOSEN)
        state = parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]
        answer = person.dashboard.get(f"/oauth2callback?error=access_denied&state={state}")
        assert (answer.status_code, answer.headers["location"]) == (302, CHOSEN)
        assert person.session() is None


def test_neither_the_log_nor_another_sign_in_has_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "dashboard")
    with browser(monkeypatch) as person:
        asked_from(person, CHOSEN)
        assert leads_to(person, "") == "/"
    assert "Acme" not in caplog.text
