"""Security event tokens (RFC 8417) by push (RFC 8935): "session revoked" of CAEP ends sign-ins, as a logout token does.

    the subject names            what ends
    a person                     every sign-in of theirs up to `event_timestamp`, or else up to `iat`
    a session (opaque)           that session
    a person and a session       both: see `revocations.carry_out`
    by an opaque id alone        the person and the session of that name: the format doesn't say which it is

An event that was carried out before is accepted again without an effect, so the sender may repeat it. Other kinds of
events are accepted and have no effect.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import clock
from directory.access_tokens import decoded, keys_of, named_key
from directory.people import Directory, UnknownEmployee
from directory.sign_outs.revocations import LEEWAY_SECONDS, LONGEST_AGE, AlreadyUsed, Notice, NoticeRefused
from directory.tokens.claims import InvalidToken, is_a_name, named
from settings import settings

log = logging.getLogger("directory")

SESSION_REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
TYPE = "secevent+jwt"


class Err(StrEnum):
    """RFC 8935, 2.4."""

    INVALID_REQUEST = "invalid_request"
    INVALID_KEY = "invalid_key"
    INVALID_ISSUER = "invalid_issuer"
    INVALID_AUDIENCE = "invalid_audience"


class EventRefused(NoticeRefused):
    """A security event token that we don't accept, with RFC 8935's error code."""

    def __init__(self, err: Err, reason: str) -> None:
        super().__init__(f"{reason} Nobody was signed out.")
        self.err = err


@dataclass(frozen=True)
class _Named:
    sub: str | None = None
    sid: str | None = None


def receive(token: str) -> None:
    """Carry out a security event token; a repeated one changes nothing.

    Raises EventRefused, IdentityProviderUnavailable, HomeUnavailable, PartUnavailable.
    """
    claims = _verified(token)
    event = _the_event(claims)
    if event is None:
        return
    revoked_at = _revoked_at(claims, event)
    with Directory.open() as directory:
        found = _subject(claims.get("sub_id", event.get("subject")), directory)
        if found == _Named():
            log.warning("a session-revoked event names nobody in the directory, or a subject of another issuer")
            return
        try:
            directory.sign_out(Notice(found.sub, found.sid, revoked_at, f"set {claims['jti']}", LONGEST_AGE))
        except AlreadyUsed:
            log.info("a security event was sent again")


def _verified(token: str) -> Mapping[str, Any]:
    issuer = settings().event_issuer or settings().issuer_url
    try:
        kid = named_key(token)
    except InvalidToken:
        raise EventRefused(Err.INVALID_REQUEST, "The body is not a security event token.") from None
    try:
        verified = decoded(token, keys_of(issuer, settings().event_metadata_url).for_token(kid))
    except InvalidToken:
        raise EventRefused(Err.INVALID_KEY, "The signature can't be verified with the sender's keys.") from None
    claims = verified.claims
    if str(verified.header.get("typ", "")).lower().removeprefix("application/") != TYPE:
        raise EventRefused(Err.INVALID_REQUEST, f"The `typ` in the header is not {TYPE}.")
    if claims.get("iss") != issuer:
        raise EventRefused(Err.INVALID_ISSUER, "The security event token was issued by somebody else.")
    audiences = {settings().event_audience} if settings().event_audience else {settings().client, *settings().audiences}
    if not named(claims.get("aud")) & audiences:
        raise EventRefused(Err.INVALID_AUDIENCE, "The security event token is for somebody else.")
    if not is_a_name(claims.get("jti")):
        raise EventRefused(Err.INVALID_REQUEST, "The security event token has no `jti`.")
    _time(claims, "iat")
    return dict(claims)


def _the_event(claims: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The payload of "session revoked"; None if only other events are in it."""
    events = claims.get("events")
    if not isinstance(events, dict) or not events:
        raise EventRefused(Err.INVALID_REQUEST, "The security event token has no `events`.")
    event = events.get(SESSION_REVOKED, {})
    if not isinstance(event, dict):
        raise EventRefused(Err.INVALID_REQUEST, "The event is not an object.")
    return event if SESSION_REVOKED in events else None


def _revoked_at(claims: Mapping[str, Any], event: Mapping[str, Any]) -> float:
    return _time(event if event.get("event_timestamp") is not None else claims, "event_timestamp", "iat")


def _time(claims: Mapping[str, Any], *names: str) -> float:
    name = next(name for name in names if name in claims or name == names[-1])
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EventRefused(Err.INVALID_REQUEST, f"`{name}` is not a time.")
    if not 0 <= value <= clock.now().timestamp() + LEEWAY_SECONDS:
        raise EventRefused(Err.INVALID_REQUEST, f"`{name}` is from the future.")
    return float(value)


def _subject(given: Any, directory: Directory) -> _Named:
    """Whom a subject (RFC 9493) names; nobody if it is of another issuer or not in the directory."""
    if not isinstance(given, dict):
        raise EventRefused(Err.INVALID_REQUEST, "The event has no subject.")
    match given.get("format", given.get("subject_type")):
        case "iss_sub":
            sub = _name(given, "sub")
            return _Named(sub) if given.get("iss") in _issuers() else _Named()
        case "email":
            return _Named(_sub_of(_name(given, "email"), directory))
        case "opaque":
            return _Named(_name(given, "id"), _name(given, "id"))
        case "complex":
            return _complex(given, directory)
    raise EventRefused(Err.INVALID_REQUEST, "The format of the subject isn't iss_sub, email, opaque or complex.")


def _complex(given: Mapping[str, Any], directory: Directory) -> _Named:
    user, session = given.get("user"), given.get("session")
    if user is None and session is None:
        raise EventRefused(Err.INVALID_REQUEST, "The subject names neither a user nor a session.")
    if any(isinstance(part, dict) and part.get("format") == "complex" for part in (user, session)):
        raise EventRefused(Err.INVALID_REQUEST, "The subject is complex in itself.")
    person = _Named() if user is None else _subject(user, directory)
    return _Named(person.sub, None if session is None else _session(session))


def _session(given: Any) -> str:
    if not isinstance(given, dict) or given.get("format", given.get("subject_type")) != "opaque":
        raise EventRefused(Err.INVALID_REQUEST, "The format of the session isn't opaque.")
    return _name(given, "id")


def _name(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not is_a_name(value):
        raise EventRefused(Err.INVALID_REQUEST, f"The subject's `{name}` is not a name.")
    return str(value)


def _issuers() -> set[str]:
    return {settings().issuer_url, settings().token_issuer_url}


def _sub_of(email: str, directory: Directory) -> str | None:
    try:
        return directory.sub_of(directory.by_email(email).subject)
    except UnknownEmployee:
        return None
