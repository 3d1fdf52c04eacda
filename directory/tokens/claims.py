"""What the claims of an access token must say, whether it was signed or introspected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import clock
from directory.sign_outs.revocations import LEEWAY_SECONDS, LONGEST_AGE
from errors import OpenBookError
from languages import mark
from languages.saying import say
from settings import settings

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, in Unix seconds."""
LONGEST_SUB = 255
"""Characters; OpenID Connect Core 2 allows no more."""
CLIENT_CLAIMS = ("azp", "cid", "client_id", "appid")
"""Who got the token: OpenID Connect and Keycloak, Okta, RFC 9068, Entra v1."""
SHARED_AUDIENCES = {"account", "api://default"}
"""Every client of a Keycloak realm or of an Okta server can get tokens for these: only the dashboard's are accepted,
unless the settings name others."""


class InvalidToken(OpenBookError):
    """A token that we don't accept. `expired`: signing in again is enough."""

    def __init__(self, reason: str, *, expired: bool = False) -> None:
        super().__init__(f"{reason} Sign in again.")
        self.expired = expired


def require_acceptable(claims: Mapping[str, Any], *, audience_optional: bool = False) -> None:
    """Raises InvalidToken. `audience_optional`: RFC 7662 lets it out, but then the client counts."""
    if claims.get("iss") != settings().token_issuer_url:
        raise InvalidToken(mark("The access token was issued by somebody else."))
    _require_for_us(claims, audience_optional)
    _require_current(claims)
    if not is_a_name(claims.get("sub")):
        raise InvalidToken(mark("The access token names no one."))
    if isinstance(claims.get("sid"), str) and not claims["sid"].isprintable():
        raise InvalidToken(mark("The access token is malformed: its `sid` is not a name."))


def named(value: Any) -> set[str]:
    """The names in a claim that is one or several, such as `aud`."""
    return {name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)}


def is_a_name(sub: Any) -> TypeGuard[str]:
    return isinstance(sub, str) and 0 < len(sub) <= LONGEST_SUB and sub.isprintable()


def is_a_time(value: Any) -> TypeGuard[int | float]:
    """Whether it can be a time in Unix seconds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LAST_SECOND


def _require_for_us(claims: Mapping[str, Any], audience_optional: bool) -> None:
    met = named(claims.get("aud")) & settings().audiences
    if not met and not (audience_optional and claims.get("aud") is None):
        raise InvalidToken(mark("The access token was issued for another application."))
    clients = settings().clients or (frozenset({settings().client}) if met <= SHARED_AUDIENCES else None)
    if clients is None:
        return
    issued_to = [claims[name] for name in CLIENT_CLAIMS if claims.get(name) is not None]
    if not issued_to or not all(isinstance(client, str) and client in clients for client in issued_to):
        raise InvalidToken(mark("The access token was issued to an application that isn't accepted here."))


def _require_current(claims: Mapping[str, Any]) -> None:
    now = clock.now().timestamp()
    moments = {name: _moment(claims, name) for name in ("exp", "nbf", "iat")}
    if moments["exp"] is None:
        raise InvalidToken(mark("The access token has no expiry."))
    if now > moments["exp"] + LEEWAY_SECONDS:
        raise InvalidToken(mark("Your sign-in has expired."), expired=True)
    if now < (moments["nbf"] or 0) - LEEWAY_SECONDS:
        raise InvalidToken(mark("The access token is not valid yet."))
    if moments["iat"] is None:
        raise InvalidToken(mark("The access token doesn't say when it was issued."))
    if moments["iat"] > now + LEEWAY_SECONDS:  # it would outlive a sign-out
        raise InvalidToken(
            mark("The access token is dated in the future: our clock or the identity provider's is wrong.")
        )
    if now > moments["iat"] + LONGEST_AGE:
        raise InvalidToken(mark("Your sign-in is too old."), expired=True)


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    """A claim that is a time, in Unix seconds; None if there is none. Raises InvalidToken."""
    value = claims.get(name)
    if value is None:
        return None
    if not is_a_time(value):
        words = "has no expiry" if name == "exp" else f"is malformed: its `{name}` is not a time"
        raise InvalidToken(say("The access token {words}.", words=words))
    return float(value)
