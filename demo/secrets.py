"""Secrets of the demo, generated on the first start and stored in `$OPENBOOK_HOME/demo`, readable by the owner only."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable

from joserfc.jwk import RSAKey

import home
from settings import settings


def cookie_secret() -> str:
    """Signs the dashboard's cookies; stored, so that a restart signs nobody out."""
    return _kept("cookie_secret", lambda: secrets.token_urlsafe(32))


def client_secret() -> str:
    """The dashboard's client secret at the identity provider."""
    return _kept("client_secret", lambda: secrets.token_urlsafe(32))


def session_secret() -> str:
    """Signs the identity provider's own cookies."""
    return _kept("session_secret", lambda: secrets.token_urlsafe(32))


def signing_key() -> dict[str, str]:
    """The identity provider's RSA key (a private JWK); stored, so that tokens survive its restart."""
    made = _kept("signing_key.json", lambda: json.dumps(RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)))
    key: dict[str, str] = json.loads(made)
    return key


def _kept(name: str, make: Callable[[], str]) -> str:
    path = settings().home / "demo" / name
    if not path.exists():
        home.require()
        path.parent.mkdir(exist_ok=True)
        draft = path.with_name(f"{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(make())
        draft.replace(path)
    return path.read_text()
