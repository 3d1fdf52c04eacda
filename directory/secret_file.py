"""A secret key of 32 bytes: configured, or created by the first start in a file that only its owner can read."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

import home
from home import Part

KEY_BYTES = 32


def secret_key(configured: str, variable: str, part: Part) -> bytes:
    """The key from the base64 in `variable`, or else from the file in home.

    Raises HomeUnavailable if there is none, and ValueError, which names the variable or the file.
    """
    if configured:
        try:
            key = base64.b64decode(configured, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise ValueError(f"{variable} must be the base64 of exactly {KEY_BYTES} bytes.")
        return key
    if not part.is_there():
        home.require(part)
    key = part.path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ValueError(f"{part.path} must be exactly {KEY_BYTES} bytes. Nothing was changed.")
    return key


def create_secret_key(path: Path) -> None:
    """Create the file if it doesn't exist; only for the first start of a home."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
