"""Any token, signed or not, is either accepted or an InvalidToken; nothing else is ever raised."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from directory import InvalidToken, UnknownPerson, sign_in
from directory.access_tokens import LONGEST_TOKEN
from directory.sign_outs.logout_tokens import InvalidLogoutToken, sign_out
from directory.tokens.sign_in_times import SignInTime
from tests.support.issuer import Issuer
from tests.support.people import Company

fuzzing = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def ada(person: Company) -> None:
    person("ada@example.com")


def part(text: str | bytes) -> str:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(issuer: Issuer, header: str, claims: str) -> str:
    """Signed by the issuer, with any content."""
    assert isinstance(issuer.signing, RSAKey)
    said = f"{part(header)}.{part(claims)}"
    signature = issuer.signing.private_key.sign(said.encode(), PKCS1v15(), SHA256())  # type: ignore[union-attr]
    return f"{said}.{part(signature)}"


def outcome(token: str) -> str:
    try:
        return sign_in(token).employee.email
    except (InvalidToken, UnknownPerson) as error:
        return type(error).__name__


HEADER = {"alg": "RS256", "kid": "first"}
names = st.sampled_from(
    ["alg", "kid", "typ", "crit", "b64", "jku", "jwk", "x5u", "x5c", "cty", "zip", "enc", "iss", "aud", "sub"]
)
times = st.sampled_from(["exp", "nbf", "iat", "auth_time"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9) | names, inner, max_size=3),
    max_leaves=6,
)
ODD = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "-1",
    "1e30",
    "9" * 400,
    "9" * 5000,
    "true",
    '"1"',
    "[]",
    "{}",
]


@pytest.mark.parametrize("crit", [None, 7, "exp", [], [7], ["exp"], ["b64"], {"a": 1}, [[]], ["alg", "alg"]])
@pytest.mark.parametrize("is_signed", [True, False])
def test_a_token_with_critical_extensions_is_refused(issuer: Issuer, crit: Any, is_signed: bool) -> None:
    token = signed(
        issuer, json.dumps({**HEADER, "crit": crit, "exp": 1, "b64": True}), json.dumps(issuer.claims_for("ada"))
    )
    assert outcome(token if is_signed else token.rpartition(".")[0] + ".AAAA") == "InvalidToken"


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("odd", ODD)
def test_invalid_times_are_refused(issuer: Issuer, name: str, odd: str) -> None:
    claims = json.dumps({**issuer.claims_for("ada"), name: "odd"}).replace('"odd"', odd)
    assert outcome(signed(issuer, json.dumps(HEADER), claims)) == "InvalidToken"


def test_fractional_times_are_accepted(issuer: Issuer) -> None:
    claims = issuer.claims_for("ada")
    fractions = {name: claims[name] + 0.5 for name in ("exp", "iat")} | {"nbf": 0}
    assert outcome(signed(issuer, json.dumps(HEADER), json.dumps({**claims, **fractions}))) == "ada@example.com"


@fuzzing
@given(header=st.dictionaries(names, anything), claims=st.dictionaries(names | times, anything))
def test_signed_tokens_are_accepted_or_invalid(issuer: Issuer, header: dict[str, Any], claims: dict[str, Any]) -> None:
    token = signed(issuer, json.dumps({**HEADER, **header}), json.dumps({**issuer.claims_for("ada"), **claims}))
    assert outcome(token) in ("ada@example.com", "InvalidToken", "UnknownPerson")


@fuzzing
@given(header=anything, claims=anything, signature=st.binary(max_size=300))
def test_unsigned_tokens_are_invalid(issuer: Issuer, header: Any, claims: Any, signature: bytes) -> None:
    assert outcome(f"{part(json.dumps(header))}.{part(json.dumps(claims))}.{part(signature)}") == "InvalidToken"


@fuzzing
@given(token=st.text(max_size=100) | st.lists(st.text(alphabet="abcAB-_=é ", max_size=20), max_size=6).map(".".join))
def test_arbitrary_text_is_an_invalid_token(issuer: Issuer, token: str) -> None:
    assert outcome(token) == "InvalidToken"


@pytest.mark.parametrize(
    "sub", ["x" * 256, "\ud800", "a\x00b", "a\nb", "é" * 300], ids=["long", "surrogate", "null", "line", "wide"]
)
def test_invalid_subs_are_refused(issuer: Issuer, sub: str) -> None:
    assert (
        outcome(signed(issuer, json.dumps(HEADER), json.dumps({**issuer.claims_for("ada"), "sub": sub})))
        == "InvalidToken"
    )


@pytest.mark.parametrize("sid", ["x\ud800", "\udfff", "a\x00b"], ids=["surrogate", "low surrogate", "null"])
def test_invalid_sessions_are_refused(issuer: Issuer, sid: str) -> None:
    claims = json.dumps({**issuer.claims_for("ada"), "sid": sid})
    assert outcome(signed(issuer, json.dumps(HEADER), claims)) == "InvalidToken"


@pytest.mark.parametrize("name", ["sid", "jti", "sub", "iat", "exp", "aud", "events"])
@pytest.mark.parametrize("odd", [*ODD, '"\\ud800"'])
def test_hostile_logout_tokens_sign_out_nobody(issuer: Issuer, name: str, odd: str) -> None:
    events: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    claims = {**issuer.claims_for("ada"), "sid": "one", "jti": "jti", "events": events, name: "odd"}
    if odd == '"1"' and name in ("sid", "sub", "jti"):
        claims["iat"] = 1  # it is a name; only refused as too old
    with pytest.raises(InvalidLogoutToken):
        sign_out(signed(issuer, json.dumps(HEADER), json.dumps(claims).replace('"odd"', odd)))


@pytest.mark.parametrize("odd", [odd for odd in ODD if len(odd) < 4000])
def test_odd_times_of_a_sign_in_count_as_unsaid(odd: str) -> None:
    said = SignInTime.said_by(json.loads(f'{{"auth_time": {odd}, "acr": "\\ud800"}}'))
    assert said == SignInTime()


def test_an_overlong_token_is_refused_unread(issuer: Issuer, token_for: Callable[..., str]) -> None:
    assert outcome(token_for("ada", padding="x" * 8000)) == "ada@example.com"
    for token in (token_for("ada", padding="x" * LONGEST_TOKEN), "a" * 10_000_000, "." * 10_000_000):
        assert outcome(token) == "InvalidToken"


def test_deep_nesting_is_refused(issuer: Issuer) -> None:
    deep = "[" * 5000 + "]" * 5000
    assert outcome(signed(issuer, json.dumps(HEADER), f'{{"exp":{deep}}}')) == "InvalidToken"
    assert outcome(f'{part(f"""{{"alg":{deep}}}""")}.e30.AAAA') == "InvalidToken"
