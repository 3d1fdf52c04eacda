"""Accepted tokens, and every reason for refusal. Tokens are really signed, keys really fetched."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, RSAKey

import clock
from directory import Directory, InvalidToken, UnknownPerson, sign_in
from directory.access_tokens import IdentityProviderUnavailable
from directory.links import LinkDecision
from tests.directory.conftest import Later
from tests.support.issuer import OF_OTHERS, Issuer
from tests.support.people import Company

TokenFor = Callable[..., str]


@pytest.fixture(autouse=True)
def ada(person: Company) -> None:
    person("ada@example.com", role="manager")


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def refused(token: str) -> InvalidToken:
    with pytest.raises(InvalidToken) as caught:
        sign_in(token)
    return caught.value


def test_a_good_token_gives_its_owner(person: Company, token_for: TokenFor) -> None:
    grace = person("grace@example.com", department="Research")
    signed_in = sign_in(token_for(grace, exp=int(time.time()) + 60))
    assert signed_in.employee == grace
    assert signed_in.subject.key == grace.subject
    assert 0 < signed_in.expires_at - time.time() <= 60


def test_es256_is_accepted(issuer: Issuer) -> None:
    issuer.signing = ECKey.generate_key("P-256", {"kid": "curve"})
    issuer.published.append(issuer.signing)
    assert sign_in(issuer.token_for("ada")).employee.email == "ada@example.com"


def test_our_audience_among_several_is_accepted(token_for: TokenFor) -> None:
    assert sign_in(token_for("ada", aud=["other", "open-book"])).employee.email == "ada@example.com"


def test_roles_in_the_token_are_ignored(person: Company, token_for: TokenFor) -> None:
    person("grace@example.com")
    assert sign_in(token_for("grace", role="privacy_officer", groups=["managers"])).employee.role == "employee"


def test_a_leaver_keeps_access_to_their_own_data(person: Company, token_for: TokenFor) -> None:
    before = token_for("ada")
    assert sign_in(before).employee.active
    Company(person._file)("new@example.com")
    with pytest.raises(InvalidToken, match="ended"):
        sign_in(before)
    signed_in = sign_in(token_for("ada", iat=int(clock.now().timestamp()) + 1))
    assert signed_in.employee.email == "ada@example.com"
    assert not signed_in.employee.active


def test_a_person_outside_the_directory_is_unknown_not_invalid(token_for: TokenFor) -> None:
    with pytest.raises(UnknownPerson, match="not in the directory"):
        sign_in(token_for("stranger"))


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        *OF_OTHERS,
        ({"exp": None}, "no expiry"),
        ({"exp": "tomorrow"}, "no expiry"),
        ({"nbf": 4102444800}, "not valid yet"),
        ({"nbf": "soon"}, "malformed"),
        ({"sub": None}, "names no one"),
        ({"sub": ""}, "names no one"),
        ({"sub": 7}, "names no one"),
        ({"nonce": "n"}, "id token"),
        ({"at_hash": "h"}, "id token"),
        ({"c_hash": "h"}, "id token"),
        ({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}, "id token"),
    ],
)
def test_claims_that_are_refused(token_for: TokenFor, claims: dict[str, Any], reason: str) -> None:
    error = refused(token_for("ada", **claims))
    assert reason in str(error)
    assert not error.expired


def test_an_access_token_may_carry_sign_in_claims(token_for: TokenFor) -> None:
    assert sign_in(token_for("ada", auth_time=1700000000, acr="1", amr=["pwd"]))


def typed(issuer: Issuer, typ: Any) -> str:
    """A signed access token of Ada, with exactly this `typ` in its header; None leaves it out."""
    header = {"alg": "RS256", "kid": "first", "typ": typ}
    signed = ".".join(
        (
            encoded({name: value for name, value in header.items() if value is not None}),
            encoded(issuer.claims_for("ada")),
        )
    )
    assert isinstance(issuer.signing, RSAKey)
    signature = issuer.signing.private_key.sign(signed.encode(), PKCS1v15(), SHA256())  # type: ignore[union-attr]
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("typ", [None, "at+jwt", "application/at+jwt", "JWT", "AT+JWT", "jwt"])
def test_types_of_access_tokens_are_accepted(issuer: Issuer, typ: str | None) -> None:
    assert sign_in(typed(issuer, typ)).employee.email == "ada@example.com"


@pytest.mark.parametrize("typ", ["logout+jwt", "dpop+jwt", "secevent+jwt", "id_token", "application/jwt", "", 7, []])
def test_types_of_other_tokens_are_refused(issuer: Issuer, typ: Any) -> None:
    refused(typed(issuer, typ))


def test_a_leaver_signs_in_as_themselves_despite_a_reassigned_address(person: Company, token_for: TokenFor) -> None:
    john = person("j.smith@example.com", sub="sub-john")
    person("j.smith@example.com", sub="sub-jane")
    with pytest.raises(UnknownPerson, match="privacy officer has to check"):
        sign_in(token_for("sub-jane"))
    with Directory.open() as directory:
        [link] = directory.links()
        assert directory.decide_link(link.proposal, LinkDecision.OTHER)
        jane = directory.by_email("j.smith@example.com")
    assert john.subject != jane.subject
    assert sign_in(token_for("sub-john", iat=int(time.time()) + 1)).subject.key == john.subject, "signed in again"
    assert sign_in(token_for("sub-jane")).subject.key == jane.subject


def test_an_expired_token_says_that_signing_in_again_is_enough(token_for: TokenFor) -> None:
    assert refused(token_for("ada", exp=int(time.time()) - 31)).expired


def test_clocks_may_differ_by_half_a_minute(token_for: TokenFor) -> None:
    assert sign_in(token_for("ada", exp=int(time.time()) - 15, nbf=int(time.time()) + 15))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_alg_none_is_refused(issuer: Issuer, algorithm: str) -> None:
    refused(f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(issuer.claims_for('ada'))}.")


def test_hs256_with_the_public_key_as_the_secret_is_refused(issuer: Issuer) -> None:
    for secret in (issuer.signing.as_pem(private=False), json.dumps(issuer.signing.as_dict(private=False)).encode()):
        signed = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(issuer.claims_for('ada'))}"
        signature = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), hashlib.sha256)).rstrip(b"=")
        refused(f"{signed}.{signature.decode()}")


def test_a_key_in_the_token_itself_is_not_trusted(issuer: Issuer) -> None:
    own_key = RSAKey.generate_key(2048, {"kid": "first"})
    forged = Issuer(issuer.url)
    forged.signing = own_key
    refused(forged.token_for("ada"))


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "....", "é.é.é", "\x00", f"{'a' * 10_000}.b.c"])
def test_malformed_tokens_are_refused(issuer: Issuer, token: str) -> None:
    refused(token)


@pytest.mark.parametrize("payload", ["[]", "7", '"ada"', "null", "{"])
def test_a_signed_token_without_claims_is_refused(issuer: Issuer, payload: str) -> None:
    from joserfc import jws

    refused(jws.serialize_compact({"alg": "RS256", "kid": "first"}, payload, issuer.signing))


def test_altered_claims_are_refused(token_for: TokenFor, issuer: Issuer) -> None:
    header, _, signature = token_for("stranger").split(".")
    refused(f"{header}.{encoded(issuer.claims_for('ada'))}.{signature}")


def test_keys_are_fetched_once_for_many_tokens(issuer: Issuer, token_for: TokenFor) -> None:
    for _ in range(5):
        sign_in(token_for("ada"))
    assert issuer.requests == 2  # discovery and JWKS


def test_rotated_keys_are_found(issuer: Issuer, token_for: TokenFor, later: Later) -> None:
    old = token_for("ada")
    sign_in(old)
    issuer.rotate()
    later(11)
    assert sign_in(token_for("ada"))
    refused(old)


def test_forged_tokens_do_not_trigger_repeated_fetches(issuer: Issuer, token_for: TokenFor) -> None:
    sign_in(token_for("ada"))
    asked = issuer.requests
    for _ in range(5):
        refused("a.b.c")
    assert issuer.requests == asked


def test_no_one_signs_in_while_the_provider_is_down(
    person: Company, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token_for("ada")
    monkeypatch.setenv("OPENBOOK_ISSUER", "http://localhost:1")
    with pytest.raises(IdentityProviderUnavailable, match="can't be reached"):
        sign_in(token)


@pytest.mark.parametrize("answer", [None, {}, {"keys": 7}, {"keys": [{}]}, []])
def test_an_invalid_jwks_counts_as_down(
    issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    found = issuer.document
    monkeypatch.setattr(issuer, "document", lambda path: answer if path == "/jwks.json" else found(path))
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(token_for("ada"))


def test_an_issuer_with_an_invalid_url_counts_as_down(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_ISSUER", "file:///etc")
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(Issuer("file:///etc").token_for("ada"))


def test_many_may_sign_in_at_once(token_for: TokenFor) -> None:
    token = token_for("ada")
    together = threading.Barrier(8)

    def enter(_: int) -> str:
        together.wait()
        return sign_in(token).employee.email

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(enter, range(8))) == {"ada@example.com"}
