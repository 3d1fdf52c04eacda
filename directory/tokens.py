"""Sign-in: from an access token to a `Subject`, the only way to a person's data.

Accepted: RS256 or ES256, signed by a key of the issuer's JWKS, with `iss`, `aud`, `exp` and `sub`. The issuer
signs id tokens and logout tokens for the same audience with the same keys, so a token of another `typ`, or with
a claim of those two kinds, is refused. `auth_time` says nothing: RFC 9068 allows it in access tokens and the
demo's provider puts it there. Roles come from the directory by `sub`; what the token says of groups is ignored.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

import clock
from directory.people import Directory, Employee
from settings import settings

ALGORITHMS = ["RS256", "ES256"]
ACCESS_TOKEN_TYPES = ("at+jwt", "application/at+jwt", "jwt")
OTHER_TOKENS_CLAIMS = {"nonce", "at_hash", "c_hash", "events"}
"""What id and logout tokens have and access tokens have not; RFC 9068 lets these carry auth_time, acr and amr."""
JWKS_SECONDS = 300
LEEWAY_SECONDS = 30


class InvalidToken(Exception):
    """Not a token that we accept. `expired` says that signing in again is all that is needed."""

    def __init__(self, reason: str, *, expired: bool = False) -> None:
        super().__init__(reason)
        self.expired = expired


class UnknownPerson(Exception):
    """A valid token of somebody who isn't in the directory."""


class IdentityProviderUnavailable(Exception):
    """The identity provider's keys can't be fetched, so nobody can be let in."""


@dataclass(frozen=True)
class Subject:
    """The pseudonymous key of one employee. Made only by `sign_in`, from a verified token."""

    key: UUID


@dataclass(frozen=True)
class SignedIn:
    """Who a verified token belongs to."""

    subject: Subject
    employee: Employee
    expires_at: int
    """Unix seconds."""


def sign_in(token: str) -> SignedIn:
    """Verify an access token and find its owner.

    Raises InvalidToken, UnknownPerson, IdentityProviderUnavailable.
    """
    claims = verify_access_token(token)
    with Directory.open() as directory:
        employee = directory.by_sub(claims["sub"])
    if employee is None:
        raise UnknownPerson("You are signed in, but you are not in the directory of this company.")
    return SignedIn(Subject(employee.subject), employee, int(claims["exp"]))


def verify_access_token(token: str) -> dict[str, Any]:
    """The claims of a token that we accept. Raises InvalidToken, IdentityProviderUnavailable."""
    issuer = settings().issuer_url
    try:
        try:
            decoded = jwt.decode(token, _jwks(issuer), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have rotated its keys since we last asked.
            decoded = jwt.decode(token, _jwks(issuer, fresh=True), algorithms=ALGORITHMS)
    except (JoseError, ValueError) as error:
        raise InvalidToken("The access token is malformed or not signed by the identity provider.") from error
    claims = decoded.claims
    now = clock.now().timestamp()
    if claims.get("iss") != issuer:
        raise InvalidToken("The access token was issued by somebody else.")
    audience = claims.get("aud")
    if settings().audience not in (audience if isinstance(audience, list) else [audience]):
        raise InvalidToken("The access token was issued for another application.")
    if not isinstance(claims.get("exp"), int | float):
        raise InvalidToken("The access token has no expiry.")
    if now > claims["exp"] + LEEWAY_SECONDS:
        raise InvalidToken("Your sign-in has expired.", expired=True)
    if not isinstance(claims.get("nbf", 0), int | float):
        raise InvalidToken("The access token is malformed.")
    if now < claims.get("nbf", 0) - LEEWAY_SECONDS:
        raise InvalidToken("The access token is not valid yet.")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise InvalidToken("The access token names nobody.")
    if str(decoded.header.get("typ", "JWT")).lower() not in ACCESS_TOKEN_TYPES:
        raise InvalidToken("The token is of another type than an access token.")
    if found := sorted(OTHER_TOKENS_CLAIMS & claims.keys()):
        raise InvalidToken(f"An id token or logout token is not an access token (it has {', '.join(found)}).")
    return dict(claims)


_jwks_lock = threading.Lock()
_jwks_cache: dict[str, tuple[float, KeySet]] = {}


def _jwks(issuer: str, *, fresh: bool = False) -> KeySet:
    """The issuer's public keys, kept for five minutes; a fresh look is taken at most every ten seconds."""
    with _jwks_lock:
        fetched_at, keys = _jwks_cache.get(issuer, (0.0, None))
        if keys is None or time.monotonic() - fetched_at > (10 if fresh else JWKS_SECONDS):
            try:
                configuration = _get_json(f"{issuer}/.well-known/openid-configuration")
                keys = KeySet.import_key_set(_get_json(configuration["jwks_uri"]))
            except (OSError, HTTPException, JoseError, ValueError, LookupError, TypeError) as error:
                raise IdentityProviderUnavailable("The identity provider can't be reached.") from error
            _jwks_cache[issuer] = (time.monotonic(), keys)
        return keys


def _get_json(url: str) -> Any:
    if not url.startswith(("https://", "http://")):
        raise ValueError("The identity provider's URL is neither https nor http.")
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 (checked above)
        return json.load(response)
