"""Logout tokens of the identity provider (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6)."""

from __future__ import annotations

from typing import Any

import clock
from directory.access_tokens import InvalidToken, decoded, keys_of, named_key
from directory.people import Directory
from directory.sign_outs.revocations import LEEWAY_SECONDS, NOTICE_SECONDS, Notice, NoticeRefused
from directory.tokens.claims import is_a_name, is_a_time, named
from settings import settings

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = ("logout+jwt", "application/logout+jwt", "jwt")
"""`typ` in the header; a token without one counts as `JWT`, as providers before the final specification sent it."""


class InvalidLogoutToken(NoticeRefused):
    """A logout token that we don't accept."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Nobody was signed out.")


def sign_out(token: str) -> None:
    """End the sign-ins that a logout token names, at the dashboard and the API; `revocations` says which.

    Raises InvalidLogoutToken, AlreadyUsed, IdentityProviderUnavailable, HomeUnavailable, PartUnavailable.
    """
    notice = _notice(token)
    with Directory.open() as directory:
        directory.sign_out(notice)


def _notice(token: str) -> Notice:
    try:
        verified = decoded(token, keys_of(settings().issuer_url).for_token(named_key(token)))
    except InvalidToken as error:
        raise InvalidLogoutToken("The logout token is malformed or not signed by the identity provider.") from error
    claims = verified.claims
    if str(verified.header.get("typ", "JWT")).lower() not in TYPES:
        raise InvalidLogoutToken("The token is of another type than a logout token.")
    if claims.get("iss") != settings().issuer_url:
        raise InvalidLogoutToken("The logout token was issued by somebody else.")
    if settings().client not in named(claims.get("aud")):
        raise InvalidLogoutToken("The logout token was issued for another application.")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise InvalidLogoutToken("The token is not a logout token: its `events` lack the one of a logout.")
    if "nonce" in claims:
        raise InvalidLogoutToken("A token with a nonce is not a logout token.")
    sub, sid, jti = (_name(claims, claim) for claim in ("sub", "sid", "jti"))
    if sub is None and sid is None:
        raise InvalidLogoutToken("The logout token names neither a person (`sub`) nor a session (`sid`).")
    if jti is None:
        raise InvalidLogoutToken("The logout token has no `jti`.")
    return Notice(sub, sid, _issued_at(claims), jti)


def _issued_at(claims: dict[str, Any]) -> float:
    now = clock.now().timestamp()
    issued_at, expires_at = _time(claims, "iat"), _time({"exp": now, **claims}, "exp")
    if now > expires_at + LEEWAY_SECONDS or now > issued_at + NOTICE_SECONDS:
        raise InvalidLogoutToken("The logout token has expired.")
    if issued_at > now + LEEWAY_SECONDS:
        raise InvalidLogoutToken("The logout token is from the future.")
    return issued_at


def _time(claims: dict[str, Any], claim: str) -> float:
    value = claims.get(claim)
    if not is_a_time(value):
        raise InvalidLogoutToken(f"The logout token is malformed: its `{claim}` is not a time.")
    return float(value)


def _name(claims: dict[str, Any], claim: str) -> str | None:
    value = claims.get(claim)
    if value is None or is_a_name(value):
        return value
    raise InvalidLogoutToken(f"The logout token is malformed: its `{claim}` is not a name.")
