"""Session-revoked events of CAEP: the person's tokens are dead at once, and errors have RFC 8935's form."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

import clock
from dashboard.sign_in import sessions
from directory.sign_outs import revocations
from tests.support.issuer import OF_OTHERS, Issuer, serving_issuer
from tests.support.people import Company

PLACE = "/caep/events"
REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
TokenFor = Callable[..., str]


@pytest.fixture(autouse=True)
def people(person: Company) -> None:
    person("ada@example.com")
    person("bo@example.com")


def told(api: TestClient, token: str, media_type: str = "application/secevent+jwt") -> Any:
    return api.post(PLACE, content=token.encode(), headers={"Content-Type": media_type})


def me(api: TestClient, token: str) -> int:
    return api.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def now() -> int:
    return int(clock.now().timestamp())


def ada_of(issuer: Issuer, **claims: Any) -> dict[str, Any]:
    return {"format": "iss_sub", "iss": issuer.url, "sub": "ada", **claims}


USERS: list[Callable[[Issuer], dict[str, Any]]] = [
    ada_of,
    lambda _: {"format": "email", "email": "Ada@example.com"},
    lambda _: {"format": "opaque", "id": "ada"},
    lambda issuer: {"format": "complex", "user": ada_of(issuer)},
    lambda issuer: {"format": "complex", "user": ada_of(issuer), "device": {"format": "opaque", "id": "laptop"}},
    lambda issuer: {"subject_type": "iss_sub", "iss": issuer.url, "sub": "ada"},
]


@pytest.mark.parametrize("place", ["sub_id", "subject"])
@pytest.mark.parametrize("user", range(len(USERS)))
def test_every_earlier_token_of_the_person_is_dead(
    user: int, place: str, unknown: TestClient, issuer: Issuer, token_for: TokenFor
) -> None:
    ada, bo = token_for("ada"), token_for("bo")
    assert [me(unknown, ada), me(unknown, bo)] == [200, 200]
    subject = USERS[user](issuer)
    event = {"sub_id": subject} if place == "sub_id" else {"events": {REVOKED: {"subject": subject}}}
    answer = told(unknown, issuer.event(**event))
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (202, b"", "no-store")
    assert [me(unknown, ada), me(unknown, bo)] == [401, 200]


@pytest.mark.parametrize("complete", [False, True])
def test_a_session_alone_ends_that_session(
    complete: bool, unknown: TestClient, issuer: Issuer, token_for: TokenFor
) -> None:
    first, second, linked = token_for("ada", sid="one"), token_for("ada", sid="two"), token_for("ada", jti="3")
    sessions.begin({"sub": "ada", "sid": "one", "exp": now() + 600}, {"access_token": linked})
    session = {"format": "opaque", "id": "one"}
    assert (
        told(
            unknown, issuer.event(sub_id={"format": "complex", "session": session} if complete else session)
        ).status_code
        == 202
    )
    assert [me(unknown, token) for token in (first, second, linked)] == [401, 200, 401]


def test_user_and_session_end_both(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    unnamed, named = token_for("ada", iat=now() - 5), token_for("bo", sid="one")
    subject = {"format": "complex", "user": ada_of(issuer), "session": {"format": "opaque", "id": "one"}}
    assert told(unknown, issuer.event(sub_id=subject)).status_code == 202
    assert [me(unknown, unnamed), me(unknown, named)] == [401, 401]


def test_the_time_of_the_event_counts(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    before, after = token_for("ada", iat=now() - 61), token_for("ada", iat=now() - 59)
    told(unknown, issuer.event(events={REVOKED: {"event_timestamp": now() - 60}}, sub_id=ada_of(issuer)))
    assert [me(unknown, before), me(unknown, after)] == [401, 200]


def test_a_repeated_event_is_accepted_without_effect(
    unknown: TestClient, issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = issuer.event(sub_id={"format": "complex", "session": {"format": "opaque", "id": "one"}}, jti="same")
    other = issuer.event(sub_id=ada_of(issuer), jti="same")
    assert [told(unknown, event).status_code, told(unknown, event).status_code] == [202, 202]
    assert told(unknown, other).status_code == 202
    assert me(unknown, token_for("ada")) == 200
    later = clock.now() + timedelta(seconds=revocations.LONGEST_AGE - 60)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert told(unknown, other).status_code == 202
    assert me(unknown, token_for("ada", iat=now() - revocations.LONGEST_AGE + 30)) == 200


def test_a_delayed_event_still_ends_earlier_tokens(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    old, new = token_for("ada", iat=now() - 2 * 86_400), token_for("ada")
    assert told(unknown, issuer.event(sub_id=ada_of(issuer), iat=now() - 86_400)).status_code == 202
    assert [me(unknown, old), me(unknown, new)] == [401, 200]


@pytest.mark.parametrize(
    "claims",
    [
        {"sub_id": {"format": "email", "email": "nobody@example.com"}},
        {"sub_id": {"format": "iss_sub", "iss": "https://elsewhere.example.com", "sub": "ada"}},
        {"events": {"https://schemas.openid.net/secevent/ssf/event-type/verification": {"state": "x"}}},
        {"events": {"https://schemas.openid.net/secevent/caep/event-type/device-compliance-change": {}}},
    ],
)
def test_what_concerns_nobody_is_accepted_and_changes_nothing(
    claims: dict[str, Any], unknown: TestClient, issuer: Issuer, token_for: TokenFor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    token = token_for("ada")
    answer = told(unknown, issuer.event(**{"sub_id": ada_of(issuer), **claims}))
    assert (answer.status_code, me(unknown, token)) == (202, 200)
    assert "nobody@" not in caplog.text
    assert ("names nobody" in caplog.text) == ("sub_id" in claims)


@pytest.mark.parametrize(
    ("claims", "err"),
    [
        *((claims, "invalid_issuer" if "iss" in claims else "invalid_audience") for claims, _ in OF_OTHERS),
        ({"jti": None}, "invalid_request"),
        ({"jti": 7}, "invalid_request"),
        ({"iat": None}, "invalid_request"),
        ({"iat": True}, "invalid_request"),
        ({"iat": 4102444800}, "invalid_request"),
        ({"events": None}, "invalid_request"),
        ({"events": {}}, "invalid_request"),
        ({"events": [REVOKED]}, "invalid_request"),
        ({"events": {REVOKED: []}}, "invalid_request"),
        ({"events": {REVOKED: {"event_timestamp": "now"}}}, "invalid_request"),
        ({"events": {REVOKED: {"event_timestamp": 1800000000000}}}, "invalid_request"),
        ({"sub_id": None}, "invalid_request"),
        ({"sub_id": "ada"}, "invalid_request"),
        ({"sub_id": {}}, "invalid_request"),
        ({"sub_id": {"format": "phone_number", "phone_number": "+1"}}, "invalid_request"),
        ({"sub_id": {"format": ["email"]}}, "invalid_request"),
        ({"sub_id": {"format": "email"}}, "invalid_request"),
        ({"sub_id": {"format": "opaque", "id": ""}}, "invalid_request"),
        ({"sub_id": {"format": "complex"}}, "invalid_request"),
        ({"sub_id": {"format": "complex", "tenant": {"format": "opaque", "id": "t"}}}, "invalid_request"),
        ({"sub_id": {"format": "complex", "session": {"format": "email", "email": "a@b"}}}, "invalid_request"),
        ({"sub_id": {"format": "complex", "user": {"format": "complex", "user": {}}}}, "invalid_request"),
    ],
)
def test_events_that_are_refused(
    claims: dict[str, Any], err: str, unknown: TestClient, issuer: Issuer, token_for: TokenFor
) -> None:
    token = token_for("ada")
    answer = told(unknown, issuer.event(**{"sub_id": ada_of(issuer), **claims}))
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert answer.json()["err"] == err
    assert "Nobody was signed out" in answer.json()["description"]
    assert me(unknown, token) == 200


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "logout+jwt"])
def test_tokens_of_other_types_are_no_events(unknown: TestClient, issuer: Issuer, typ: str | None) -> None:
    answer = told(unknown, issuer.event(typ, sub_id=ada_of(issuer)))
    assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")


def test_a_forged_event_signs_nobody_out(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    forger = Issuer(issuer.url)
    forger.signing = RSAKey.generate_key(2048, {"kid": "first"})
    token = token_for("ada")
    answer = told(unknown, forger.event(sub_id=ada_of(issuer)))
    assert (answer.status_code, answer.json()["err"], me(unknown, token)) == (400, "invalid_key", 200)


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
def test_another_media_type_is_refused(unknown: TestClient, issuer: Issuer, media_type: str) -> None:
    answer = told(unknown, issuer.event(sub_id=ada_of(issuer)), media_type)
    assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")


@pytest.mark.parametrize("body", ["", "x", "a.b.c", "\xff.\xfe.\x00"])
def test_a_body_without_a_token_is_refused(unknown: TestClient, body: str) -> None:
    answer = told(unknown, body)
    assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")


def test_an_event_is_no_logout_or_access_token(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    event = issuer.event(sub_id=ada_of(issuer), sub="ada", exp=now() + 600)
    assert me(unknown, event) == 401
    assert unknown.post("/back-channel-logout", data={"logout_token": event}).status_code == 400
    assert told(unknown, issuer.logout_token(sub="ada")).status_code == 400
    assert me(unknown, token_for("ada")) == 200


def test_another_sender_has_its_own_keys_and_audience(
    unknown: TestClient, issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for("ada")
    with serving_issuer() as sender:
        sender.rotate()
        monkeypatch.setenv("OPENBOOK_EVENT_ISSUER", sender.url)
        monkeypatch.setenv("OPENBOOK_EVENT_METADATA_URL", f"{sender.url}/.well-known/openid-configuration")
        monkeypatch.setenv("OPENBOOK_EVENT_AUDIENCE", "https://open-book.example.com/events")
        assert told(unknown, issuer.event(sub_id=ada_of(issuer))).json()["err"] == "invalid_key"
        assert told(unknown, sender.event(sub_id=ada_of(issuer))).json()["err"] == "invalid_audience"
        assert me(unknown, token) == 200
        event = sender.event(sub_id=ada_of(issuer), aud=["https://open-book.example.com/events"])
        assert told(unknown, event).status_code == 202
    assert me(unknown, token) == 401


def test_without_the_senders_keys_it_says_try_again(
    unknown: TestClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = issuer.event(sub_id=ada_of(issuer))
    monkeypatch.setenv("OPENBOOK_EVENT_ISSUER", "http://localhost:9")
    answer = told(unknown, event)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
