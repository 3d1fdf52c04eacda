"""A secret key of 32 bytes: configured, or made by the first start and kept in a file that its owner alone can read."""

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
    """The base64 that `variable` configures, or else the bytes of the file in home.

    Raises HomeUnavailable where there is none, and ValueError, which names the variable or the file.
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
    """Make the file, unless there is one; for the first start of a home alone."""
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
