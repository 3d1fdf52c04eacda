"""An identity provider that hangs, drips, redirects or publishes nonsense; and who can sign in meanwhile."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from directory import InvalidToken, issuer_keys, sign_in
from directory.access_tokens import IdentityProviderUnavailable
from directory.fetching import LARGEST_DOCUMENT, fetch_json
from tests.directory.conftest import Later
from tests.directory.test_sign_in import encoded
from tests.support.bad_provider import (
    BadProvider,
    breaks_off,
    drips_its_body,
    drips_its_head,
    hangs,
    is_no_web_server,
    nests,
    sends_100_megabytes,
)
from tests.support.issuer import Issuer, first_key, serving_issuer
from tests.support.people import Company

TokenFor = Callable[..., str]


@pytest.fixture(autouse=True)
def ada(person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    person("ada@example.com")
    monkeypatch.setattr(issuer_keys, "FETCH_SECONDS", 0.5)


BAD = [hangs, drips_its_head, drips_its_body, sends_100_megabytes, breaks_off, nests, is_no_web_server]


@pytest.fixture(params=BAD, ids=lambda speak: speak.__name__)
def bad(request: pytest.FixtureRequest) -> Iterator[BadProvider]:
    provider = BadProvider(request.param)
    yield provider
    provider.close()


def named(issuer: Issuer, kid: str) -> str:
    """A token of Ada that claims another key id."""
    _, claims, signature = issuer.token_for("ada").split(".")
    return ".".join((encoded({"alg": "RS256", "kid": kid}), claims, signature))


def test_a_bad_provider_neither_admits_nor_delays_anyone(
    issuer: Issuer, bad: BadProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_ISSUER", bad.url)
    token = issuer.token_for("ada")
    for _ in range(3):
        with pytest.raises(IdentityProviderUnavailable, match="can't be reached"):
            sign_in(token)
    assert bad.connections == 1, "a failure is remembered"


def test_known_keys_stay_valid_while_the_provider_fails(
    issuer: Issuer, bad: BadProvider, token_for: TokenFor, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for("ada")
    sign_in(token)
    monkeypatch.setattr(issuer, "document", lambda _: {"jwks_uri": bad.url})
    later(3600)
    assert sign_in(token)
    assert bad.connections == 1
    for _ in range(5):
        assert sign_in(token)
        with pytest.raises(IdentityProviderUnavailable):
            sign_in(named(issuer, "unheard of"))
    assert bad.connections == 1, "not tried again within ten seconds"
    later(24 * 3600)
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(token)


def test_garbage_tokens_block_no_one_while_the_provider_hangs(
    issuer: Issuer, token_for: TokenFor, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for("ada")
    sign_in(token)
    later(60)
    asked, go_on = threading.Event(), threading.Event()

    def hanging(_: str) -> None:
        asked.set()
        go_on.wait()

    monkeypatch.setattr(issuer, "document", hanging)
    monkeypatch.setattr(issuer_keys, "FETCH_SECONDS", 60)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(sign_in, named(issuer, "unheard of"))
        asked.wait()
        for number in range(50):
            with pytest.raises(IdentityProviderUnavailable):
                sign_in(named(issuer, f"unheard of {number}"))
            with pytest.raises(InvalidToken):
                sign_in("a.b.c")
        assert sign_in(token), "while somebody waits for the provider"
        later(600)
        assert sign_in(token), "also when its keys should be fetched again"
        go_on.set()
        with pytest.raises(IdentityProviderUnavailable):
            first.result()


def test_many_callers_before_the_first_key_use_few_threads(
    issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for("ada")
    go_on = threading.Event()

    def hanging(_: str) -> None:
        go_on.wait()

    monkeypatch.setattr(issuer, "document", hanging)
    monkeypatch.setattr(issuer_keys, "FETCH_SECONDS", 60)
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(sign_in, token) for _ in range(20)]
        while sum(one.done() for one in waiting) < 20 - issuer_keys.MOST_WAITING:
            time.sleep(0.01)
        go_on.set()
        for one in waiting:
            with pytest.raises(IdentityProviderUnavailable):
                one.result()


def test_unknown_keys_are_fetched_at_a_limited_rate(issuer: Issuer, token_for: TokenFor, later: Later) -> None:
    sign_in(token_for("ada"))
    asked = issuer.requests
    for number in range(20):
        with pytest.raises(InvalidToken):
            sign_in(named(issuer, f"unheard of {number}"))
    assert issuer.requests == asked
    later(11)
    for number in range(20):
        with pytest.raises(InvalidToken):
            sign_in(named(issuer, f"unheard of {number}"))
    assert issuer.requests == asked + 2


def test_a_forged_signature_triggers_no_key_fetch(issuer: Issuer, token_for: TokenFor, later: Later) -> None:
    sign_in(token_for("ada"))
    asked = issuer.requests
    later(60)
    with pytest.raises(InvalidToken):
        sign_in(named(issuer, "first")[:-8] + "AAAAAAAA")
    assert issuer.requests == asked


def test_withdrawn_keys_are_rejected_after_five_minutes(issuer: Issuer, token_for: TokenFor, later: Later) -> None:
    old = token_for("ada")
    sign_in(old)
    issuer.rotate()
    sign_in(old)
    later(issuer_keys.FRESH_SECONDS + 1)
    with pytest.raises(InvalidToken):
        sign_in(old)


@pytest.mark.parametrize("where", ["/.well-known/openid-configuration", "/jwks.json"])
def test_redirects_are_not_followed(
    issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def leads_elsewhere(client: socket.socket, ended: threading.Event) -> None:
        client.sendall(f"HTTP/1.1 302 Found\r\nLocation: {issuer.url}{where}\r\nContent-Length: 0\r\n\r\n".encode())

    provider = BadProvider(leads_elsewhere)
    try:
        found = issuer.document
        if where == "/jwks.json":
            monkeypatch.setattr(
                issuer, "document", lambda path: {**(found(path) or {}), "jwks_uri": f"{provider.url}/jwks.json"}
            )
        else:
            monkeypatch.setenv("OPENBOOK_ISSUER", provider.url)
        with pytest.raises(IdentityProviderUnavailable):
            sign_in(token_for("ada"))
    finally:
        provider.close()
    assert provider.connections == 1


def test_keys_of_an_https_issuer_come_over_https(token_for: TokenFor, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def document(url: str, until: float) -> Any:
        asked.append(url)
        return {"jwks_uri": "http://idp.example/keys"}

    monkeypatch.setattr(issuer_keys, "fetch_json", document)
    monkeypatch.setenv("OPENBOOK_ISSUER", "https://idp.example")
    with pytest.raises(IdentityProviderUnavailable) as refused:
        sign_in(token_for("ada"))
    assert "although" in str(refused.value.__cause__)
    assert asked == ["https://idp.example/.well-known/openid-configuration"]


def test_a_key_document_at_the_size_limit_is_accepted(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x" * (LARGEST_DOCUMENT - 2)
    monkeypatch.setattr(issuer, "document", lambda _: text)
    assert fetch_json(issuer.url, time.monotonic() + 60) == text
    monkeypatch.setattr(issuer, "document", lambda _: text + "x")
    with pytest.raises(ValueError, match="too long"):
        fetch_json(issuer.url, time.monotonic() + 60)


def small() -> dict[str, Any]:
    """An RSA key of 1,024 bits, as published."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from joserfc.util import int_to_base64

    numbers = generate_private_key(65537, 1024).public_key().public_numbers()
    return {"kty": "RSA", "kid": "first", "n": int_to_base64(numbers.n), "e": int_to_base64(numbers.e)}


def public(key: RSAKey | ECKey | OctKey, **parameters: Any) -> dict[str, Any]:
    return {**key.as_dict(private=isinstance(key, OctKey)), **parameters}


UNUSABLE: list[Any] = [
    {},
    None,
    7,
    "key",
    [],
    {"kty": "RSA"},
    {"kty": "RSA", "kid": "x", "n": "not base64!", "e": "AQAB"},
    {"kty": "RSA", "kid": "x", "n": 7, "e": []},
    {"kty": "RSA", "kid": "x", "n": "AA", "e": "AA"},
    {"kty": "EC", "kid": "x", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
    {"kty": "EC", "kid": "x", "crv": "P-1", "x": "AAAA", "y": "AAAA"},
    {"kty": "AKP", "kid": "x", "alg": "ML-DSA-44"},
    {"kty": ["RSA"]},
    {"kty": "oct", "kid": "x", "k": "AAAA"},
]


def test_an_unreadable_key_does_not_affect_the_others(
    issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = issuer.document
    keys = [*UNUSABLE, public(first_key()), *UNUSABLE]
    monkeypatch.setattr(issuer, "document", lambda path: {"keys": keys} if path == "/jwks.json" else found(path))
    assert sign_in(token_for("ada"))


@pytest.mark.parametrize(
    "key",
    [
        public(first_key(), use="enc"),
        public(first_key(), alg="RSA-OAEP"),
        public(first_key(), alg="PS256"),
        public(first_key(), key_ops=["encrypt"]),
        public(ECKey.generate_key("P-384", {"kid": "first"})),
        public(OctKey.generate_key(256, {"kid": "first"})),
        small(),
    ],
    ids=["encryption", "other algorithm", "other signature", "other operation", "other curve", "secret", "1024 bits"],
)
@pytest.mark.filterwarnings("ignore:Key size")
def test_keys_for_other_uses_are_not_accepted(
    issuer: Issuer, token_for: TokenFor, later: Later, monkeypatch: pytest.MonkeyPatch, key: dict[str, Any]
) -> None:
    found, keys = issuer.document, [key]
    monkeypatch.setattr(issuer, "document", lambda path: {"keys": keys} if path == "/jwks.json" else found(path))
    with pytest.raises(IdentityProviderUnavailable) as refused:
        sign_in(token_for("ada"))
    assert "None of the issuer's keys can be used" in str(refused.value.__cause__)
    keys.append(public(first_key()))
    later(11)
    assert sign_in(token_for("ada"))


def test_a_provider_without_a_usable_key_counts_as_down(
    issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = issuer.document
    monkeypatch.setattr(issuer, "document", lambda path: {"keys": UNUSABLE} if path == "/jwks.json" else found(path))
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(token_for("ada"))


def test_the_log_says_that_keys_could_not_be_fetched(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(issuer, "document", lambda _: None)
    token = issuer.token_for("ada")
    with pytest.raises(IdentityProviderUnavailable):
        sign_in(token)
    assert "could not be fetched" in caplog.text
    assert token not in caplog.text
    assert json.dumps(issuer.claims_for("ada")["sub"]) not in caplog.text


def test_each_issuer_has_its_own_cache(issuer: Issuer, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two issuers whose keys have the same id."""
    sign_in(token_for("ada"))
    with serving_issuer() as other:
        other.signing = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        other.published = [other.signing]
        monkeypatch.setenv("OPENBOOK_ISSUER", other.url)
        assert sign_in(other.token_for("ada"))
        with pytest.raises(InvalidToken):
            sign_in(issuer.token_for("ada", iss=other.url))
    monkeypatch.setenv("OPENBOOK_ISSUER", issuer.url)
    asked = issuer.requests
    assert sign_in(token_for("ada"))
    assert issuer.requests == asked
