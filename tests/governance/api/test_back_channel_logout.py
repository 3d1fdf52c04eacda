"""The identity provider signs people out: their tokens are dead at the API and in the dashboard."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

import clock
from dashboard.sign_in import sessions
from directory.sign_outs import revocations
from governance.api.app import create_app
from tests.support.issuer import OF_OTHERS, Issuer
from tests.support.people import Company

PLACE = "/back-channel-logout"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TokenFor = Callable[..., str]


@pytest.fixture(autouse=True)
def people(person: Company) -> None:
    person("ada@example.com")
    person("bo@example.com")


def told(api: TestClient, token: str) -> Any:
    return api.post(PLACE, data={"logout_token": token})


def me(api: TestClient, token: str) -> int:
    return api.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def now() -> int:
    return int(clock.now().timestamp())


def test_each_earlier_token_of_a_person_is_refused(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    ada, another, bo = token_for("ada"), token_for("ada", jti="2", iat=now() - 60), token_for("bo")
    assert [me(unknown, token) for token in (ada, another, bo)] == [200, 200, 200]
    answer = told(unknown, issuer.logout_token(sub="ada"))
    assert (answer.status_code, answer.headers["cache-control"], answer.content) == (200, "no-store", b"")
    assert [me(unknown, token) for token in (ada, another, bo)] == [401, 401, 200]
    refused = unknown.get("/v1/me", headers={"Authorization": f"Bearer {ada}"})
    assert refused.json()["detail"] == "Your sign-in was ended. Sign in again."


def test_whoever_signs_in_again_is_in(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    told(unknown, issuer.logout_token(sub="ada", iat=now() - 30))
    assert me(unknown, token_for("ada", iat=now() - 31)) == 401
    assert me(unknown, token_for("ada", iat=now() - 29)) == 200


@pytest.mark.parametrize("ahead", [5, 28])
def test_a_token_ahead_of_our_clock_ends_too(
    unknown: TestClient, issuer: Issuer, token_for: TokenFor, ahead: int
) -> None:
    before, at = token_for("ada", iat=now() + ahead), now()
    assert me(unknown, before) == 200
    assert me(unknown, token_for("ada", iat=now() - 60)) == 200
    assert told(unknown, issuer.logout_token(sub="ada", iat=at)).status_code == 200
    assert me(unknown, before) == 401
    assert me(unknown, token_for("ada", iat=at + ahead + 1)) == 200


def test_a_token_ahead_outlives_only_an_older_notice(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    fresh = token_for("ada", iat=now() + 10)
    assert me(unknown, fresh) == 200
    assert told(unknown, issuer.logout_token(sub="ada", iat=now() - 60)).status_code == 200
    assert me(unknown, fresh) == 200


@pytest.mark.parametrize("ahead", [40, 4000])
def test_a_token_from_the_future_is_refused(unknown: TestClient, token_for: TokenFor, ahead: int) -> None:
    token = token_for("ada", iat=now() + ahead, exp=now() + 8000)
    assert me(unknown, token) == 401


def test_a_late_notice_undoes_no_newer_one(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    assert told(unknown, issuer.logout_token(sub="ada", iat=now() - 10)).status_code == 200
    assert told(unknown, issuer.logout_token(sub="ada", iat=now() - 60)).status_code == 200
    assert me(unknown, token_for("ada", iat=now() - 20)) == 401


def test_a_session_ends_and_the_persons_others_stay(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    first, second = token_for("ada", sid="one"), token_for("ada", sid="two")
    assert told(unknown, issuer.logout_token(sid="one")).status_code == 200
    assert [me(unknown, first), me(unknown, second)] == [401, 200]


def test_a_token_without_sid_ends_with_its_dashboard_session(
    unknown: TestClient, issuer: Issuer, token_for: TokenFor
) -> None:
    mine, other = token_for("ada", jti="1"), token_for("ada", jti="2")
    for token, sid in ((mine, "one"), (other, "two")):
        sessions.begin({"sub": "ada", "sid": sid, "exp": now() + 600}, {"access_token": token})
    told(unknown, issuer.logout_token(sid="one"))
    assert [me(unknown, mine), me(unknown, other)] == [401, 200]


def test_a_notice_with_both_names_ends_both(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    unnamed, named = token_for("ada", iat=now() - 5), token_for("bo", sid="one")
    told(unknown, issuer.logout_token(sub="ada", sid="one"))
    assert [me(unknown, unnamed), me(unknown, named)] == [401, 401]


def test_a_restart_brings_no_token_back(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    token = token_for("ada")
    told(unknown, issuer.logout_token(sub="ada"))
    with TestClient(create_app()) as restarted:
        assert me(restarted, token) == 401


@pytest.mark.parametrize("typ", ["logout+jwt", "application/logout+jwt", "JWT", None])
def test_types_of_logout_tokens_are_accepted(unknown: TestClient, issuer: Issuer, typ: str | None) -> None:
    assert told(unknown, issuer.logout_token(typ, sub="ada")).status_code == 200


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        *OF_OTHERS,
        ({"iat": None}, "`iat` is not a time"),
        ({"iat": "now"}, "`iat` is not a time"),
        ({"iat": True}, "`iat` is not a time"),
        ({"iat": float("nan")}, "`iat` is not a time"),
        ({"iat": float("inf")}, "`iat` is not a time"),
        ({"iat": 10**400}, "`iat` is not a time"),
        ({"iat": -1}, "`iat` is not a time"),
        ({"exp": float("nan")}, "`exp` is not a time"),
        ({"exp": 10**400}, "`exp` is not a time"),
        ({"iat": 1}, "has expired"),
        ({"iat": 4102444800}, "from the future"),
        ({"exp": 1}, "has expired"),
        ({"exp": "soon"}, "malformed"),
        ({"jti": None}, "no `jti`"),
        ({"jti": ""}, "`jti` is not a name"),
        ({"events": None}, "not a logout token"),
        ({"events": {}}, "not a logout token"),
        ({"events": [EVENT]}, "not a logout token"),
        ({"events": {EVENT: True}}, "not a logout token"),
        ({"events": {"https://example.com/other": {}}}, "not a logout token"),
        ({"nonce": "n"}, "nonce"),
        ({"sub": None}, "neither a person"),
        ({"sub": 7}, "`sub` is not a name"),
        ({"sid": ["one"]}, "`sid` is not a name"),
        ({"sub": "a" * 256}, "`sub` is not a name"),
    ],
)
def test_logout_tokens_that_are_refused(
    unknown: TestClient, issuer: Issuer, token_for: TokenFor, claims: dict[str, Any], reason: str
) -> None:
    token = token_for("ada")
    answer = told(unknown, issuer.logout_token(**{"sub": "ada", **claims}))
    assert answer.status_code == 400
    assert reason in answer.json()["detail"]
    assert "Nobody was signed out" in answer.json()["detail"]
    assert me(unknown, token) == 200


@pytest.mark.parametrize("typ", ["at+jwt", "secevent+jwt", "id_token", "dpop+jwt"])
def test_types_of_other_tokens_are_refused(unknown: TestClient, issuer: Issuer, typ: str) -> None:
    assert told(unknown, issuer.logout_token(typ, sub="ada")).status_code == 400


def test_a_forged_logout_token_signs_nobody_out(unknown: TestClient, issuer: Issuer, token_for: TokenFor) -> None:
    forger = Issuer(issuer.url)
    forger.signing = RSAKey.generate_key(2048, {"kid": "first"})
    token = token_for("ada")
    assert told(unknown, forger.logout_token(sub="ada")).status_code == 400
    assert me(unknown, token) == 200


def test_an_access_token_is_no_logout_token(unknown: TestClient, token_for: TokenFor) -> None:
    token = token_for("ada")
    assert told(unknown, token).status_code == 400
    assert me(unknown, token) == 200


def test_a_logout_token_works_once(unknown: TestClient, issuer: Issuer) -> None:
    token = issuer.logout_token(sub="ada")
    assert [told(unknown, token).status_code for _ in range(2)] == [200, 400]
    assert "carried out before" in told(unknown, token).json()["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"logout_token=", b"other=1", b"logout_token=a&logout_token=b", b"\xff\xfe", b"a=1&" * 50, b"{}"]
)
def test_a_body_without_one_token_is_refused(unknown: TestClient, body: bytes) -> None:
    answer = unknown.post(PLACE, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 400


def test_a_body_of_any_size_is_not_read(unknown: TestClient) -> None:
    assert unknown.post(PLACE, content=b"logout_token=" + b"a" * 70_000).status_code == 413


def test_without_the_providers_keys_it_says_try_again(
    unknown: TestClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.logout_token(sub="ada")
    monkeypatch.setenv("OPENBOOK_ISSUER", "http://localhost:9")
    answer = told(unknown, token)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


def rows(home: Path) -> dict[str, int]:
    with closing(sqlite3.connect(home / "directory" / "directory.sqlite")) as connection:
        tables = ("revocation", "notice", "session_token")
        return {table: connection.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}


def test_what_is_kept_is_bounded(
    unknown: TestClient, issuer: Issuer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        told(unknown, issuer.logout_token(sub="ada"))
        told(unknown, issuer.logout_token(sid=f"session {number}"))
        sessions.begin(
            {"sub": "ada", "sid": f"s{number}", "exp": now() + 600}, {"access_token": f"token number {number}"}
        )
    assert rows(home) == {"revocation": 4, "notice": 6, "session_token": 3}
    later = clock.now() + timedelta(seconds=revocations.LONGEST_AGE + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    told(unknown, issuer.logout_token(sid="another"))
    sessions.begin({"sub": "ada", "sid": "new", "exp": now() + 600}, {"access_token": "another token"})
    assert rows(home) == {"revocation": 2, "notice": 1, "session_token": 1}


def test_a_token_older_than_what_is_kept_is_refused(unknown: TestClient, token_for: TokenFor) -> None:
    assert me(unknown, token_for("ada", iat=now() - revocations.LONGEST_AGE - 60)) == 401
    assert me(unknown, token_for("ada", iat=None)) == 401


def test_a_directory_of_the_version_before_still_works(
    unknown: TestClient, issuer: Issuer, token_for: TokenFor, home: Path
) -> None:
    token = token_for("ada")
    with closing(sqlite3.connect(home / "directory" / "directory.sqlite")) as connection:
        for table in ("revocation", "notice", "session_token"):
            connection.execute(f"drop table {table}")
    assert me(unknown, token) == 200
    assert told(unknown, issuer.logout_token(sub="ada")).status_code == 200
    assert me(unknown, token) == 401


def test_no_name_is_kept_in_readable_form(unknown: TestClient, issuer: Issuer, home: Path) -> None:
    told(unknown, issuer.logout_token(sub="somebody-unknown-here", sid="their-session", jti="their-notice"))
    content = (home / "directory" / "directory.sqlite").read_bytes()
    assert not any(word in content for word in (b"somebody-unknown-here", b"their-session", b"their-notice"))
