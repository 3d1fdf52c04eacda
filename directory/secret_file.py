"""A secret key of 32 bytes: configured, or made once and kept in a file that its owner alone can read."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def secret_key(configured: str, variable: str, path: Path) -> bytes:
    """The base64 that `variable` configures, or else the file's bytes; the file is made now if there is none.

    Several processes that make it at once get the same key. Raises ValueError, which names the variable.
    """
    if configured:
        try:
            key = base64.b64decode(configured, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise ValueError(f"{variable} must be the base64 of exactly {KEY_BYTES} bytes.")
        return key
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
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
    return path.read_bytes()
