"""Server-side sessions: the browser has only a random number.

A session is called PERSON.NUMBER: a keyed hash of the provider's `sub`, and the hash of the browser's number. It is
what the identity provider gave (claims and tokens), encrypted with a key derived from the cookie secret, and kept with
its end in `directory.web_sessions`. So sessions survive a restart, all dashboards of a home share them, ending one
deletes it, and changing the cookie secret ends them all, unless the one before it is still accepted.

When the identity provider ends a sign-in, the access token in its sessions is refused (`directory.sign_outs`), so
every page and route asks to sign in again. `begin` notes which session of the provider (`sid`) the token belongs to.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeGuard

from cryptography.exceptions import InvalidTag

import clock
import queries
from dashboard.sign_in import sealing
from dashboard.sign_in.cookie_secret import cookie_secret
from directory.web_sessions import store
from home import HomeUnavailable
from parts import PartUnavailable

SCOPE_KEY = "openbook.session"
"""The key in an ASGI scope for the browser's `Session`, or None."""

CLAIM = "open_book_session"
"""The claim of `st.user` with the session's reference."""

MOST_OF_A_PERSON = 20
"""Sessions per person; a new one replaces the one that ends first."""
MOST = 100_000
"""Sessions of all people."""
LARGEST_BYTES = 100_000
"""Size limit for claims and tokens."""

RENEWABLE_SECONDS = 12 * 3600
"""How long a session with a refresh token lasts; then the person signs in again."""
EARLY_SECONDS = 60
"""How long before its end an access token is renewed, or after two thirds of its life, whichever is later."""
CHANGE_SECONDS = 5

LAST_SECOND = 2**33
"""The latest end of a session (Unix time) that is accepted."""

LETTER_SUB = "letter:"
"""Before the subject of somebody who signed in with the code of a letter."""

_COOKIE = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")
_REFERENCE = re.compile(r"[0-9a-f]{32}\.[0-9a-f]{64}")


_not_removed: set[str] = set()
"""Sessions that were ended while they could not be removed."""


class TooManySessions(Exception):
    """The limit of sessions is reached; nobody else can sign in until some end."""


@dataclass(frozen=True)
class Session:
    """An open session. `reference` names it but grants no access; `user` has the claims of the id token."""

    reference: str
    user: Mapping[str, Any]
    tokens: Mapping[str, str]
    access_issued_at: float
    """Unix seconds: no later than the access token was issued."""
    access_ends_at: float
    renew_at: float
    """When to renew it, if there is a refresh token."""
    wanted: Mapping[str, Any] | None = None
    """What the person was about to do when they were asked to sign in again (`step_up`)."""

    @property
    def is_renewable(self) -> bool:
        return bool(self.tokens.get("refresh_token") and self.tokens.get("access_token"))

    @property
    def is_by_letter(self) -> bool:
        """Whether it began with the code of a letter, not at the identity provider."""
        return str(self.user["sub"]).startswith(LETTER_SUB)

    @property
    def person(self) -> str:
        return self.reference.partition(".")[0]


def begin(
    user: Mapping[str, Any],
    tokens: Mapping[str, str],
    access_seconds: float | None = None,
    wanted: Mapping[str, Any] | None = None,
) -> tuple[str, int]:
    """Stores a new session. Returns the browser's cookie value and its lifetime in seconds.

    It ends with the id token; with a refresh token, after `RENEWABLE_SECONDS`. `access_seconds`: how long the access
    token is valid, if that is known; otherwise as long as the id token.
    Raises ValueError if the claims have no `sub`, no expiry or are too large; TooManySessions, OSError,
    HomeUnavailable, PartUnavailable.
    """
    ends_at = _end(user)
    if ends_at is None or not isinstance(user.get("sub"), str):
        raise ValueError("The claims lack a subject or a valid expiry.")
    now = clock.now().timestamp()
    issued_at = min(now, user["iat"]) if isinstance(user.get("iat"), int | float) else now
    access = _access(issued_at, now + access_seconds if access_seconds else ends_at)
    if tokens.get("refresh_token"):
        ends_at = now + RENEWABLE_SECONDS
    content = _content(user, tokens, access, wanted)
    person, number = person_of(user["sub"]), secrets.token_urlsafe(32)
    reference = f"{person}.{_hash(number)}"
    _make_place(person)
    if tokens.get("access_token"):
        queries.remember_sign_in(tokens["access_token"], user)
    store().write(reference, sealing.seal(content, reference), ends_at)
    return f"{person}.{number}", int(ends_at - clock.now().timestamp())


def find(cookie: str) -> Session | None:
    """The session for a browser's cookie; None if there is none, it has ended, or the home is missing. Raises
    PartUnavailable.
    """
    return read(reference_of(cookie))


def reference_of(cookie: str) -> str | None:
    """The reference in a browser's cookie, whether there is such a session or not; None if it is no such cookie."""
    match = _COOKIE.fullmatch(cookie)
    return match and f"{match[1]}.{_hash(match[2])}"


def read(reference: object) -> Session | None:
    """The open session of this name; None as in `find`. Raises PartUnavailable."""
    if not _may_be_open(reference):
        return None
    try:
        kept = store().read(reference)
        if kept is None or kept.ends_at <= clock.now().timestamp():
            return None
        content = json.loads(sealing.unseal(kept.content, reference))
    except (InvalidTag, ValueError, HomeUnavailable):
        return None
    unknown = _access(0, 0)  # in a session of an earlier version, which has no refresh token
    access = content.get("access", unknown)
    return Session(reference, content["user"], content["tokens"], **access, wanted=content.get("wanted"))


def renewing(reference: str, patience: float) -> AbstractContextManager[object]:
    """The turn to renew the access token of a session, among all processes. Raises filelock.Timeout,
    PartUnavailable.
    """
    return store().turn(reference, "renewing", patience)


def replace(session: Session, access_token: str, refresh_token: str, asked_at: float, seconds: float | None) -> bool:
    """Puts renewed tokens into a session; False if it has ended meanwhile, and stays so.

    `asked_at`: when they were asked for, Unix time. `seconds`: how long the access token is valid; None: as before.
    """
    tokens = {**session.tokens, "access_token": access_token, "refresh_token": refresh_token}
    access = _access(asked_at, asked_at + (seconds or session.access_ends_at - session.access_issued_at))
    with _changing(session.reference):
        now = read(session.reference)
        if now is not None:
            _rewrite(now.reference, _content(session.user, tokens, access, now.wanted))
    return now is not None


def want(reference: str, wanted: Mapping[str, Any] | None) -> None:
    """Notes in a session what the person was about to do; None: nothing any more. Raises ValueError if it is large."""
    with _changing(reference):
        now = read(reference)
        if now is not None:
            access = {name: getattr(now, name) for name in _access(0, 0)}
            _rewrite(reference, _content(now.user, now.tokens, access, wanted))


def is_open(reference: object) -> bool:
    """Whether a session is open now. Raises PartUnavailable."""
    if not _may_be_open(reference):
        return False
    try:
        ends_at = store().ends_at(reference)
    except HomeUnavailable:
        return False
    return ends_at is not None and ends_at > clock.now().timestamp()


def _may_be_open(reference: object) -> TypeGuard[str]:
    return isinstance(reference, str) and bool(_REFERENCE.fullmatch(reference)) and reference not in _not_removed


def end(reference: str) -> None:
    """Ends a session; does nothing if it has already ended.

    Raises OSError or PartUnavailable where it can't be removed: then this process refuses it, but would accept it after
    a restart.
    """
    try:
        with _changing(reference):
            store().remove(reference)
    except FileNotFoundError:
        return  # nobody of this name has a session
    except (OSError, PartUnavailable):
        _not_removed.add(reference)
        raise


def end_all_of(person: str) -> None:
    """Ends all sessions of one person (`person_of`)."""
    for reference, _ in store().of_person(person):
        store().remove(reference)


def person_of(sub: str) -> str:
    """The pseudonym of a person in the names of their sessions."""
    return hmac.new(sealing.key_for(b"person", cookie_secret()), sub.encode(), hashlib.sha256).hexdigest()[:32]


def remove_ended() -> int:
    """Removes the sessions that have ended; returns how many are left."""
    return store().remove_ended(clock.now().timestamp())


def _content(
    user: Mapping[str, Any], tokens: Mapping[str, str], access: Mapping[str, float], wanted: Mapping[str, Any] | None
) -> bytes:
    """Raises ValueError."""
    content = json.dumps({"user": dict(user), "tokens": dict(tokens), "access": access, "wanted": wanted}).encode()
    if len(content) > LARGEST_BYTES:
        raise ValueError("The claims are too large.")
    return content


def _rewrite(reference: str, content: bytes) -> None:
    store().write(reference, sealing.seal(content, reference), store().ends_at(reference) or 0.0)


def _access(issued_at: float, ends_at: float) -> dict[str, float]:
    early = min(EARLY_SECONDS, (ends_at - issued_at) / 3)
    return {"access_issued_at": issued_at, "access_ends_at": ends_at, "renew_at": ends_at - early}


def _changing(reference: str) -> AbstractContextManager[object]:
    """Held for a moment while a session is replaced or ended, so that no session that has ended is written again."""
    return store().turn(reference, "changing", CHANGE_SECONDS)


def _make_place(person: str) -> None:
    if remove_ended() >= MOST:
        raise TooManySessions
    theirs = sorted(store().of_person(person), key=itemgetter(1))
    for reference, _ in theirs[: max(0, len(theirs) - MOST_OF_A_PERSON + 1)]:
        store().remove(reference)


def _end(user: Mapping[str, Any]) -> float | None:
    ends_at = user.get("exp")
    if isinstance(ends_at, bool) or not isinstance(ends_at, int | float):
        return None
    return float(ends_at) if clock.now().timestamp() < ends_at < LAST_SECOND else None


def _hash(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()
