"""`/.well-known/security.txt` (RFC 9116): whom to tell about a vulnerability of this installation."""

from __future__ import annotations

from datetime import timedelta

import clock
from settings import settings

PLACE = "/.well-known/security.txt"
LASTS = timedelta(days=180)


def security_text() -> str | None:
    """The file; None if OPENBOOK_SECURITY_CONTACT names nobody."""
    contact = settings().security_contact
    if not contact:
        return None
    return f"Contact: {contact}\nExpires: {clock.now() + LASTS:%Y-%m-%dT00:00:00Z}\nPreferred-Languages: en\n"
