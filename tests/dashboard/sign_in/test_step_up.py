"""Signing in once more at a real provider, and back to what the person was about to do."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.auth_util import encode_provider_token

import clock
from dashboard.sign_in import sessions, step_up
from directory.tokens.step_up import SignInNotRecent, require_recent
from tests.dashboard.sign_in.real_sign_in import Browser, browser
from tests.support.people import Company

DRAFT = {"type": "erasure", "scope": {"applications": ["Excel"]}}


@pytest.fixture(autouse=True)
def ada(person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    person("ada@example.com")
    monkeypatch.setenv("OPENBOOK_STEP_UP_MINUTES", "10")


def reference(person: Browser) -> str:
    session = person.session()
    assert session is not None
    return session.reference


def asked(person: Browser) -> dict[str, list[str]]:
    answer = person.dashboard.get(f"/auth/login?provider={encode_provider_token('default')}")
    return parse_qs(urlsplit(answer.headers["location"]).query)


def test_the_sign_in_is_recent_and_leads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_STEP_UP_ACR", "mfa,key")
    with browser(monkeypatch) as person:
        person.sign_in()
        before = reference(person)
        assert not {"max_age", "acr_values"} & asked(person).keys()
        step_up.ask(before, "/requests", DRAFT)
        wanted = asked(person)
        assert (wanted["max_age"], wanted["acr_values"], wanted["prompt"]) == (["600"], ["mfa key"], ["login"])
        monkeypatch.delenv("OPENBOOK_STEP_UP_ACR")
        answer = person.sign_in()
        assert (answer.status_code, answer.headers["location"]) == (302, "/requests")
        assert sessions.read(before) is None
        after = reference(person)
        assert step_up.take_draft(after) == DRAFT
        assert step_up.take_draft(after) is None
        assert "max_age" not in asked(person)


def test_the_id_token_makes_the_access_token_a_recent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = {"audience": "open-book", "format": "jwt", "claims": {}}
    with browser(monkeypatch, resource=resource) as person:
        person.sign_in()
        session = person.session()
        assert session is not None
        if "auth_time" not in session.user:
            with pytest.raises(SignInNotRecent):
                require_recent(session.tokens["access_token"])
        step_up.ask(session.reference, "/requests")
        person.sign_in()
        session = person.session()
        assert session is not None
        require_recent(session.tokens["access_token"])


def test_somebody_else_does_not_get_the_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(monkeypatch) as person:
        person.sign_in()
        step_up.ask(reference(person), "/requests", DRAFT)
        monkeypatch.setenv("OPENBOOK_AUTHORIZATION_PARAMETERS", "prompt=&login_hint=bo")
        person.at_provider.cookies.clear()
        answer = person.sign_in()
        session = person.session()
        assert session is not None
        assert session.user["sub"] == "bo"
        assert answer.headers["location"] == "/"
        assert step_up.take_draft(session.reference) is None


def test_what_was_wanted_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(monkeypatch) as person:
        person.sign_in()
        step_up.ask(reference(person), "/requests", DRAFT)
        later = clock.now().timestamp() + step_up.WANTED_SECONDS
        session = person.session()
        assert session is not None
        assert session.wanted is not None
        assert session.wanted["until"] <= later
        sessions.want(session.reference, {**session.wanted, "until": 0.0})
        assert "max_age" not in asked(person)
        assert step_up.take_draft(session.reference) is None


@pytest.mark.parametrize("unknown", [None, "", "x", 5, "0" * 32 + "." + "0" * 64])
def test_nothing_is_wanted_by_nobody(unknown: Any) -> None:
    assert step_up.take_draft(unknown) is None
