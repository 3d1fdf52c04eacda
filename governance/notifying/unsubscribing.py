"""The link in each e-mail that ends them: signed, without an end in time, and used without signing in (RFC 8058)."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from directory.keys import is_signed, sign_link
from errors import NotFound
from governance.notifying import choices
from settings import settings

PATH = "/no-more-mail"
USE = b"no more mail "


class UnknownLink(NotFound):
    """It isn't one of ours, or the key that signed it has been replaced."""

    def __init__(self) -> None:
        super().__init__(
            "This link isn't valid, or not any more. Nothing was changed. You can choose how you are told on Overview."
        )


def link(subject: UUID) -> str:
    """Raises HomeUnavailable."""
    token = base64.urlsafe_b64encode(subject.bytes + sign_link(USE + subject.bytes)).decode()
    return f"{settings().api_base_url.rstrip('/')}{PATH}?token={token}"


def owner(token: str) -> UUID:
    """Whose link it is. Raises UnknownLink, HomeUnavailable."""
    try:
        read = base64.urlsafe_b64decode(token.encode("ascii"))
    except (binascii.Error, UnicodeError):
        raise UnknownLink from None
    if len(read) != 48 or not is_signed(USE + read[:16], read[16:]):
        raise UnknownLink
    return UUID(bytes=read[:16])


def unsubscribe(token: str) -> None:
    """Safe to repeat. Raises UnknownLink, HomeUnavailable."""
    choices.no_mail(owner(token))
