"""Access tokens as the usual providers issue them, from a real provider that is configured like each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from directory import InvalidToken, sign_in
from tests.support.people import Company
from tests.support.real_provider import SECRET, RealProvider, serving_provider

TENANT = "0b8b6f4e-0000-4000-8000-1234567890ab"


@dataclass(frozen=True)
class Kind:
    """How a provider is configured, and Open Book for it."""

    provider: dict[str, Any]
    settings: dict[str, str] = field(default_factory=dict)


def jwt(audience: Any, *, typ: str = "JWT", **claims: Any) -> dict[str, Any]:
    return {"audience": audience, "format": "jwt", "header": {"typ": typ}, "claims": claims}


KINDS = {
    "Entra v2": Kind(
        {"path": f"/{TENANT}/v2.0", "resource": jwt("open-book", azp="open-book", oid="1", tid=TENANT, ver="2.0")},
    ),
    "Entra v1": Kind(
        {
            "path": f"/{TENANT}/v2.0",
            "tokenIssuer": f"/{TENANT}/",
            "resource": jwt("api://open-book", appid="open-book", appidacr="1", tid=TENANT, ver="1.0"),
        },
        {"OPENBOOK_AUDIENCE": "api://open-book", "OPENBOOK_TOKEN_ISSUER": f"{{base}}/{TENANT}/"},
    ),
    "Keycloak": Kind(
        {
            "path": "/realms/company",
            "resource": jwt("account", azp="open-book", typ="JWT", acr="1", scope="openid email", sid="one"),
        },
        {"OPENBOOK_AUDIENCE": "account"},
    ),
    "Okta": Kind(
        {"path": "/oauth2/default", "resource": jwt("api://default", cid="open-book", uid="00u1", ver=1)},
        {"OPENBOOK_AUDIENCE": "api://default"},
    ),
    "Auth0": Kind(
        {
            "path": "/",
            "resource": jwt("https://open-book.example.com", typ="at+jwt", azp="open-book", gty="authorization_code"),
        },
        {"OPENBOOK_AUDIENCE": "https://open-book.example.com"},
    ),
    "opaque": Kind(
        {"resource": {"audience": "https://open-book.example.com", "format": "opaque"}},
        {
            "OPENBOOK_AUDIENCE": "https://open-book.example.com",
            "OPENBOOK_INTROSPECTION_URL": "{base}/token/introspection",
        },
    ),
    "opaque without audience": Kind({}, {"OPENBOOK_INTROSPECTION_URL": "{base}/token/introspection"}),
}


@pytest.fixture(autouse=True)
def ada(person: Company) -> None:
    person("ada@example.com")


@contextmanager
def configured(kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealProvider]:
    with serving_provider(**KINDS[kind].provider) as provider:
        monkeypatch.setenv("OPENBOOK_ISSUER", provider.issuer)
        monkeypatch.setenv("OPENBOOK_CLIENT_ID", "open-book")
        monkeypatch.setenv("OPENBOOK_CLIENT_SECRET", SECRET)
        for name, value in KINDS[kind].settings.items():
            monkeypatch.setenv(name, value.format(base=provider.base))
        yield provider


@pytest.mark.parametrize("kind", KINDS)
def test_the_tokens_of_a_provider_are_accepted(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with configured(kind, monkeypatch) as provider:
        given = provider.tokens()
        assert sign_in(given["access_token"]).employee.email == "ada@example.com"
        with pytest.raises(InvalidToken):
            sign_in(given["id_token"])


@pytest.mark.parametrize("kind", [name for name in KINDS if name.startswith("opaque")])
def test_an_opaque_token_of_another_client_is_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with configured(kind, monkeypatch) as provider:
        monkeypatch.setenv("OPENBOOK_TOKEN_CLIENTS", "open-book")
        with pytest.raises(InvalidToken, match="an application that isn't accepted"):
            sign_in(provider.tokens("another")["access_token"])
