"""Sealing sessions: with keys derived from the cookie secret."""

from __future__ import annotations

import os
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dashboard.sign_in.cookie_secret import accepted_secrets, cookie_secret

_NONCE_BYTES = 12


def key_for(purpose: bytes, secret: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=b"open-book dashboard sessions " + purpose)
    return derived.derive(secret.encode())


def seal(content: bytes, reference: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key_for(b"content", cookie_secret())).encrypt(nonce, content, reference.encode())


def unseal(sealed: bytes, reference: str) -> bytes:
    """Raises InvalidTag, ValueError, HomeUnavailable."""
    for secret in accepted_secrets():
        with suppress(InvalidTag):
            cipher = AESGCM(key_for(b"content", secret))
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], reference.encode())
    raise InvalidTag
