"""Access tokens are renewed on the server before they expire, so that nobody is thrown out in the middle of a request.

One renewal at a time for a session, in all processes: a refresh token that the provider replaces at each use would
otherwise be used twice, which providers take for a theft. A sign-in that ended, here or at the provider, is not
renewed, and one that ends meanwhile stays ended.
"""

from __future__ import annotations

from filelock import Timeout

import clock
import queries
from dashboard.sign_in import sessions
from dashboard.sign_in.sessions import Session
from directory.access_tokens import IdentityProviderUnavailable
from directory.tokens.renewing import RenewalRefused, renew

PATIENCE_SECONDS = 15.0
"""How long to wait for a renewal that somebody else has begun."""
PAUSE_SECONDS = 15.0
"""Until the provider is asked again after it didn't answer, while the token is still valid."""
MOST_TRIED = 10_000

_tried_at: dict[str, float] = {}


def access_token(session: Session) -> str | None:
    """The session's access token, renewed if it ends soon; None: the person has to sign in again.

    Raises IdentityProviderUnavailable if it has expired and can't be renewed now; HomeUnavailable, PartUnavailable.
    """
    if not session.is_renewable or not _is_due(session):
        return session.tokens.get("access_token") or None
    valid = clock.now().timestamp() < session.access_ends_at
    if valid and clock.uptime() - _tried_at.get(session.reference, -PAUSE_SECONDS) < PAUSE_SECONDS:
        return session.tokens["access_token"]
    try:
        with sessions.renewing(session.reference, 0 if valid else PATIENCE_SECONDS):
            return _renewed(session.reference)
    except Timeout:
        if valid:
            return session.tokens["access_token"]
        raise IdentityProviderUnavailable("The identity provider takes too long to renew your sign-in.") from None
    except IdentityProviderUnavailable:
        if len(_tried_at) >= MOST_TRIED:
            _tried_at.clear()
        _tried_at[session.reference] = clock.uptime()
        if valid:
            return session.tokens["access_token"]
        raise


def _is_due(session: Session) -> bool:
    return clock.now().timestamp() >= session.renew_at


def _renewed(reference: str) -> str | None:
    session = sessions.read(reference)  # as whoever had the turn before left it
    if session is None or not _is_due(session):
        return session.tokens["access_token"] if session else None
    asked_at = clock.now().timestamp()
    try:
        if _has_ended(session):
            sessions.end(reference)
            return None
        given = renew(session.tokens["refresh_token"])
    except RenewalRefused:
        sessions.end(reference)
        return None
    _tried_at.pop(reference, None)
    queries.remember_sign_in(given.access_token, session.user)
    kept = sessions.replace(session, given.access_token, given.refresh_token, asked_at, given.seconds)
    if kept and _has_ended(session):  # while the provider was asked
        sessions.end(reference)
        return None
    return given.access_token if kept else None


def _has_ended(session: Session) -> bool:
    """Whether the provider has ended the sign-in since the access token was issued."""
    user = session.user
    return queries.has_ended(session.tokens["access_token"], user["sub"], user.get("sid"), session.access_issued_at)
