"""For whom and to whom an access token was issued: several audiences, and audiences that many clients share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from directory import InvalidToken, sign_in
from settings import settings
from tests.support.issuer import Issuer
from tests.support.people import Company

TokenFor = Callable[..., str]


@pytest.fixture(autouse=True)
def ada(person: Company) -> None:
    person("ada@example.com")


@pytest.mark.parametrize(
    ("given", "client", "audiences"),
    [
        ({}, "open-book", {"open-book"}),
        ({"AUDIENCE": "dashboard"}, "dashboard", {"dashboard"}),
        ({"CLIENT_ID": "dashboard"}, "dashboard", {"dashboard"}),
        ({"CLIENT_ID": "dashboard", "AUDIENCE": "api://a,b"}, "dashboard", {"api://a", "b"}),
        ({"AUDIENCE": "one,two"}, "one", {"one", "two"}),
    ],
)
def test_client_and_audiences_by_settings(
    given: dict[str, str], client: str, audiences: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"OPENBOOK_{name}", value)
    assert settings().client == client
    assert set(settings().audiences) == audiences


def test_each_of_several_audiences_is_accepted(token_for: TokenFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_CLIENT_ID", "dashboard")
    monkeypatch.setenv("OPENBOOK_AUDIENCE", "api://one,two")
    for accepted in ("api://one", "two", ["else", "two"]):
        sign_in(token_for("ada", aud=accepted))
    refused: list[Any] = ["dashboard", "open-book", "api://one,two", ["else"], [["two"]], {"two": 1}]
    for audience in refused:
        with pytest.raises(InvalidToken, match="for another application"):
            sign_in(token_for("ada", aud=audience))


@pytest.mark.parametrize("audience", ["account", "api://default"])
@pytest.mark.parametrize("claim", ["azp", "cid", "client_id", "appid"])
def test_shared_audiences_need_the_dashboards_client(
    audience: str, claim: str, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_CLIENT_ID", "open-book")
    monkeypatch.setenv("OPENBOOK_AUDIENCE", audience)
    sign_in(token_for("ada", aud=audience, **{claim: "open-book"}))
    for others in ({}, {claim: "wiki"}, {claim: ["open-book"]}, {"azp": "open-book", "cid": "wiki"}):
        with pytest.raises(InvalidToken, match="an application that isn't accepted"):
            sign_in(token_for("ada", aud=audience, **others))


def test_only_listed_clients_are_accepted(token_for: TokenFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_TOKEN_CLIENTS", "open-book,mobile")
    sign_in(token_for("ada", azp="mobile"))
    claims: list[dict[str, Any]] = [{}, {"azp": "wiki"}, {"azp": ""}, {"azp": "open-book", "client_id": "wiki"}]
    for others in claims:
        with pytest.raises(InvalidToken, match="an application that isn't accepted"):
            sign_in(token_for("ada", **others))


def test_another_token_issuer_replaces_the_first(
    issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_ISSUER", "http://localhost:1/v2.0")
    monkeypatch.setenv("OPENBOOK_TOKEN_ISSUER", issuer.url)
    sign_in(token_for("ada"))
    with pytest.raises(InvalidToken, match="by somebody else"):
        sign_in(token_for("ada", iss="http://localhost:1/v2.0"))
