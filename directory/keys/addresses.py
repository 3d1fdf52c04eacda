"""Seals addresses that are secret, such as a person's webhook: with a key that follows from the master key, and changes
with it. Whose address it is, is authenticated with it, so that it can't be given to somebody else."""

from __future__ import annotations

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from directory.keys.master import read_master_keys

PURPOSE = b"open-book address"
NONCE_BYTES = 12


def seal_address(subject: UUID, address: str) -> bytes:
    """Raises HomeUnavailable."""
    nonce = os.urandom(NONCE_BYTES)
    cipher = _cipher(read_master_keys().wanted)
    return nonce + cipher.encrypt(nonce, address.encode(), subject.bytes)


def open_address(subject: UUID, sealed: bytes) -> str | None:
    """None: no master key that is known now sealed it for them. Raises HomeUnavailable."""
    for key in read_master_keys().keys:
        try:
            return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], subject.bytes).decode()
        except (InvalidTag, ValueError):
            continue
    return None


def _cipher(master: bytes) -> AESGCM:
    return AESGCM(hmac.digest(master, PURPOSE, hashlib.sha256))
