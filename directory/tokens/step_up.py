"""Some steps need a recent sign-in (RFC 9470): `OPENBOOK_STEP_UP_MINUTES` and `OPENBOOK_STEP_UP_ACR` say which.

Whoever finds an open laptop, or has copied an access token, can then not take them. A sign-in of which nobody knows
when it was isn't recent.
"""

from __future__ import annotations

from directory.access_tokens import verify_access_token
from directory.people import Directory
from directory.tokens import letters
from directory.tokens.sign_in_times import SignInTime
from errors import OpenBookError
from languages import mark
from languages.saying import say
from settings import settings


class SignInNotRecent(OpenBookError):
    """The token is good, and its owner has to sign in again for this step. Nothing was changed."""


def require_recent(token: str) -> None:
    """Raises SignInNotRecent, InvalidToken, IdentityProviderUnavailable, PartUnavailable."""
    wanted = settings()
    if not wanted.step_up_minutes and not wanted.step_up_acrs:
        return
    if letters.is_one(token):
        _require_recent_letter(token, wanted.step_up_minutes)
        return
    said = SignInTime.said_by(verify_access_token(token))
    with Directory.open() as directory:
        noted = directory.sign_in_time(token)
    if wanted.step_up_minutes and not any(each.is_recent(wanted.step_up_minutes) for each in (said, noted)):
        raise SignInNotRecent(
            say(
                "This needs a sign-in of the last {step_up_minutes} minutes, and yours is older, or nobody knows "
                "when it was. Nothing was changed. Sign in again, and repeat it.",
                step_up_minutes=wanted.step_up_minutes,
            )
        )
    if wanted.step_up_acrs and not {said.acr, noted.acr} & set(wanted.step_up_acrs):
        raise SignInNotRecent(
            mark(
                "This needs a stronger sign-in than yours, such as one with a second factor. Nothing was changed. Sign "
                "in again, and repeat it."
            )
        )


def _require_recent_letter(token: str, minutes: int) -> None:
    """The code of a letter can be given again, and has no `acr`."""
    with Directory.open() as directory:
        found = directory.letter_sign_in(token)
    if minutes and (found is None or not SignInTime(found.issued_at).is_recent(minutes)):
        raise SignInNotRecent(
            say(
                "This needs a sign-in of the last {minutes} minutes. Nothing was changed. Send the code of your "
                "letter again, and repeat it with the new token.",
                minutes=minutes,
            )
        )
