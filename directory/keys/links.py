"""What signs links that work without signing in: a key that follows from the master key, and changes with it."""

from __future__ import annotations

import hashlib
import hmac

from directory.keys.master import read_master_keys

PURPOSE = b"open-book link"


def sign_link(of: bytes) -> bytes:
    """The signature: 32 bytes. Raises HomeUnavailable."""
    return _signature(read_master_keys().wanted, of)


def is_signed(of: bytes, signature: bytes) -> bool:
    """Whether a master key that is known now signed it. Raises HomeUnavailable."""
    return any(hmac.compare_digest(_signature(key, of), signature) for key in read_master_keys().keys)


def _signature(master: bytes, of: bytes) -> bytes:
    own = hmac.digest(master, PURPOSE, hashlib.sha256)
    return hmac.digest(own, of, hashlib.sha256)
