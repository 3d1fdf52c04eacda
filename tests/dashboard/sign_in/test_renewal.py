"""Access tokens are renewed on the server: people stay signed in, and whoever was signed out stays out."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

import clock
from dashboard.sign_in import renewal, sessions
from dashboard.sign_in.sessions import Session
from directory import Directory, sign_in
from directory.access_tokens import IdentityProviderUnavailable
from directory.sign_outs.revocations import Notice
from directory.tokens.renewing import RenewalRefused, Renewed
from tests.dashboard.sign_in.real_sign_in import browser
from tests.support.people import Company

LIFE = 600
RESOURCE = {"audience": "open-book", "format": "jwt", "claims": {}}
Renew = Callable[[str], Renewed]


@pytest.fixture(autouse=True)
def ada(person: Company) -> None:
    person("ada@example.com")


def now() -> float:
    return clock.now().timestamp()


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    at = clock.now() + timedelta(seconds=seconds)
    uptime = clock.uptime() + seconds
    monkeypatch.setattr(clock, "now", lambda: at)
    monkeypatch.setattr(clock, "uptime", lambda: uptime)


def begun(**user: Any) -> Session:
    claims = {"sub": "ada", "exp": now() + LIFE, **user}
    cookie, seconds = sessions.begin(claims, {"access_token": "first", "refresh_token": "refresh 1"}, LIFE)
    assert LIFE < seconds <= sessions.RENEWABLE_SECONDS
    found = sessions.find(cookie)
    assert found is not None
    return found


def answering(monkeypatch: pytest.MonkeyPatch, renew: Renew) -> list[str]:
    """The refresh tokens that are used from now on."""
    used: list[str] = []

    def renewed(token: str) -> Renewed:
        used.append(token)
        return renew(token)

    monkeypatch.setattr(renewal, "renew", renewed)
    return used


def next_one(token: str) -> Renewed:
    number = int(token.removeprefix("refresh ")) + 1
    return Renewed(f"access {number}", f"refresh {number}", LIFE)


def token_of(session: Session) -> str | None:
    """As a page or download finds it."""
    found = sessions.read(session.reference)
    return None if found is None else renewal.access_token(found)


def test_a_token_is_renewed_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    session, used = begun(), answering(monkeypatch, next_one)
    later(monkeypatch, LIFE - sessions.EARLY_SECONDS - 1)
    assert (token_of(session), used) == ("first", [])
    later(monkeypatch, 1)
    assert [token_of(session), token_of(session)] == ["access 2", "access 2"]
    later(monkeypatch, LIFE)
    assert token_of(session) == "access 3"
    assert used == ["refresh 1", "refresh 2"]
    later(monkeypatch, sessions.RENEWABLE_SECONDS)
    assert token_of(session) is None


def test_a_refresh_token_is_used_once_by_many(monkeypatch: pytest.MonkeyPatch) -> None:
    session = begun()
    arrived = threading.Barrier(8)

    def slow(token: str) -> Renewed:
        threading.Event().wait(0.2)
        return next_one(token)

    def ask(_: int) -> str | None:
        arrived.wait()
        return token_of(session)

    used = answering(monkeypatch, slow)
    later(monkeypatch, LIFE + 1)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {"access 2"}
    assert used == ["refresh 1"]


def test_a_token_that_is_still_valid_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    session, used = begun(), answering(monkeypatch, next_one)
    later(monkeypatch, LIFE - 10)
    with sessions.renewing(session.reference, 0):  # another process
        assert token_of(session) == "first"
    assert used == []


def test_a_refused_refresh_token_means_signing_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: str) -> Renewed:
        raise RenewalRefused("Sign in again.")

    session, used = begun(), answering(monkeypatch, refused)
    later(monkeypatch, LIFE - 10)
    assert [token_of(session), token_of(session)] == [None, None]
    assert not sessions.is_open(session.reference)
    assert used == ["refresh 1"]


def test_without_the_provider_a_valid_token_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_: str) -> Renewed:
        raise IdentityProviderUnavailable("The identity provider can't be reached.")

    session, used = begun(), answering(monkeypatch, unreachable)
    later(monkeypatch, LIFE - 30)
    assert [token_of(session), token_of(session)] == ["first", "first"]
    assert len(used) == 1, "it isn't asked each time"
    later(monkeypatch, 31)
    with pytest.raises(IdentityProviderUnavailable):
        token_of(session)
    answering(monkeypatch, next_one)
    assert token_of(session) == "access 2", "nothing was lost"


def test_a_sign_out_during_a_renewal_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    session = begun()

    def signed_out_meanwhile(token: str) -> Renewed:
        sessions.end(session.reference)
        return next_one(token)

    answering(monkeypatch, signed_out_meanwhile)
    later(monkeypatch, LIFE + 1)
    assert token_of(session) is None
    assert not sessions.is_open(session.reference)


@pytest.mark.parametrize("meanwhile", [False, True])
@pytest.mark.parametrize("names", [{"sub": "ada"}, {"sid": "one"}])
def test_what_the_provider_ended_is_not_renewed(
    names: dict[str, str], meanwhile: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begun(sid="one")

    def end() -> None:
        with Directory.open() as directory:
            directory.sign_out(Notice(names.get("sub"), names.get("sid"), now(), "a notice"))

    def ended_meanwhile(token: str) -> Renewed:
        end()
        return next_one(token)

    used = answering(monkeypatch, ended_meanwhile)
    if not meanwhile:
        end()
    later(monkeypatch, LIFE + 1)
    assert token_of(session) is None
    assert not sessions.is_open(session.reference)
    assert len(used) == meanwhile


def test_a_sign_in_after_a_sign_out_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    with Directory.open() as directory:
        directory.sign_out(Notice("ada", None, now() - 10, "a notice"))
    session = begun()
    answering(monkeypatch, next_one)
    later(monkeypatch, LIFE + 1)
    assert token_of(session) == "access 2"


def test_a_session_without_refresh_token_ends_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie, seconds = sessions.begin({"sub": "ada", "exp": now() + LIFE}, {"access_token": "first"}, 10)
    assert LIFE - 2 <= seconds <= LIFE
    found = sessions.find(cookie)
    assert found is not None
    assert renewal.access_token(found) == "first"
    later(monkeypatch, LIFE + 1)
    assert sessions.find(cookie) is None


def test_a_real_provider_renews_and_replaces(monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(monkeypatch, refresh=True, seconds=LIFE, resource=RESOURCE) as ada:
        ada.sign_in()
        first = ada.session()
        assert first is not None
        assert first.is_renewable
        _, seen = ada.dashboard.get("/seen").json()
        assert set(json.loads(seen)) == {"id_token", "access_token"}, "the refresh token stays on the server"
        monkeypatch.setattr(renewal, "_is_due", lambda session: session.tokens == first.tokens)
        renewed = token_of(first)
        assert renewed != first.tokens["access_token"]
        assert sign_in(str(renewed)).employee.email == "ada@example.com"
        second = ada.session()
        assert second is not None
        assert second.tokens["refresh_token"] != first.tokens["refresh_token"]
        monkeypatch.setattr(renewal, "_is_due", lambda _: True)
        ada.provider.revoke(second.tokens["refresh_token"])
        assert token_of(second) is None
        assert ada.session() is None


def test_a_provider_that_fails_is_not_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(monkeypatch, refresh=True, seconds=LIFE, resource=RESOURCE) as ada:
        ada.sign_in()
        session = ada.session()
    assert session is not None
    monkeypatch.setattr(renewal, "_is_due", lambda _: True)
    assert token_of(session) == session.tokens["access_token"]
    later(monkeypatch, LIFE + 1)
    with pytest.raises(IdentityProviderUnavailable):
        token_of(session)
    assert sessions.is_open(session.reference)


def test_five_hundred_groups_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [f"CN=group-{number:03},OU=Teams,OU=Groups,DC=company,DC=example,DC=com" for number in range(500)]
    with browser(monkeypatch, idTokenClaims={"groups": groups}, resource=RESOURCE) as ada:
        answer = ada.sign_in()
        cookies = answer.headers.get_list("set-cookie")
        assert answer.status_code == 302, answer.text
        assert sum(map(len, cookies)) < 1000
        user, tokens = ada.dashboard.get("/seen").json()
        assert json.loads(user)["groups"] == groups
        assert len(json.loads(tokens)["id_token"]) > 40_000
        session = ada.session()
        assert session is not None
        assert sign_in(session.tokens["access_token"]).employee.email == "ada@example.com"
