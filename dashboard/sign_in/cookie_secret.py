"""The secret that protects the dashboard's cookies and sessions: configured, or generated once and stored in home."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

import home
from errors import OpenBookError
from settings import settings

SHORTEST_BYTES = 32


class UnusableSecret(OpenBookError):
    """The secret is missing or too short; the message says what to do."""


def cookie_secret() -> str:
    """`OPENBOOK_COOKIE_SECRET`, or the one in `$OPENBOOK_HOME/dashboard/cookie.secret`, generated if absent.

    Raises UnusableSecret if it is empty, shorter than 32 bytes, not text or not readable; HomeUnavailable.
    """
    given = settings().cookie_secret
    if given:
        return _checked(given, "OPENBOOK_COOKIE_SECRET")
    home.require()
    path = settings().home / "dashboard" / "cookie.secret"
    try:
        if not path.exists():
            if not home.missing_to_share():
                raise UnusableSecret(
                    "This home can be on several machines, and all its dashboards need the same secret for cookies: "
                    "set OPENBOOK_COOKIE_SECRET to the same value for each. Nothing was started. To generate one: "
                    "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
                )
            _make(path)
        return _checked(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UnusableSecret(
            f"The cookie secret can't be read from {path}, or made there ({why}). Nothing was changed. Fix that, "
            "or set OPENBOOK_COOKIE_SECRET. If the file is damaged, delete it: another one is made, and everybody then "
            "signs in again."
        ) from error


def accepted_secrets() -> list[str]:
    """The secrets whose sessions are accepted: `cookie_secret`, and `OPENBOOK_COOKIE_SECRET_PREVIOUS` if it is set.
    Raises as `cookie_secret`.
    """
    previous = settings().cookie_secret_previous
    return [cookie_secret(), *([_checked(previous, "OPENBOOK_COOKIE_SECRET_PREVIOUS")] if previous else [])]


def _make(path: Path) -> None:
    """Creates the file atomically. If another process created it first, that one is used."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)


def _checked(secret: str, where: str) -> str:
    if len(secret.strip().encode()) < SHORTEST_BYTES:
        raise UnusableSecret(
            f"The cookie secret in {where} has fewer than {SHORTEST_BYTES} bytes. Anyone who guesses it can sign in as "
            "somebody else, so nothing was started. Set one of at least 32 random bytes; everybody then has to sign in "
            "again. To generate one: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return secret
