"""The secret that signs the dashboard's cookies: configured, or made once and kept in home."""

from __future__ import annotations

import os
import secrets

import home
from settings import settings


def cookie_secret() -> str:
    """`OPENBOOK_COOKIE_SECRET`, or the one in `$OPENBOOK_HOME/dashboard/cookie.secret`, made if absent.

    Raises HomeUnavailable.
    """
    if settings().cookie_secret:
        return settings().cookie_secret
    path = settings().home / "dashboard" / "cookie.secret"
    home.require()
    path.parent.mkdir(exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()
