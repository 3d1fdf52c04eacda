"""A secret key of 32 bytes: configured, or created by the first start in a file that only its owner can read."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

import home
from home import HomeUnavailable, Part, damaged_for_people
from parts import using

KEY_BYTES = 32


class UnusableKey(HomeUnavailable, ValueError):
    """A secret key is there and can't be one: its file is damaged, or its setting is wrong. Nothing was changed."""


def secret_key(configured: str, variable: str, part: Part) -> bytes:
    """The key from the base64 in `variable`, or else from the file in home.

    Raises HomeUnavailable if there is none, UnusableKey, which names the variable or the file, and PartUnavailable.
    """
    if configured:
        return configured_key(configured, variable, part)
    if not part.is_there():
        home.require(part)
    try:
        with using(sentence(part), OSError):
            key = part.path.read_bytes()
    except FileNotFoundError:
        raise HomeUnavailable.missing(part) from None
    except IsADirectoryError:
        key = b""
    if len(key) != KEY_BYTES:
        raise damaged(part, f"it must be a file of exactly {KEY_BYTES} bytes")
    return key


def configured_key(configured: str, variable: str, part: Part) -> bytes:
    """The key from the base64 in `variable`. Raises UnusableKey, which names the variable."""
    try:
        key = base64.b64decode(configured, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        wanted = f"{variable} must be the base64 of exactly {KEY_BYTES} bytes."
        raise UnusableKey(
            f"{wanted} Nothing was changed. Set it right, and start again.",
            f"The setting of {part.words} can't be used: {wanted} Nothing was changed. The people who run Open Book"
            " have to set it right; try again later.",
        )
    return key


def damaged(part: Part, why: str) -> UnusableKey:
    return UnusableKey(
        f"{part.path}, {part.words}, is damaged: {why}. Nothing was changed. Bring the right one back, or restore a"
        " backup (docs/backup.md).",
        damaged_for_people(sentence(part)),
    )


def sentence(part: Part) -> str:
    """The name of a part, as a sentence begins with it."""
    return part.words[0].upper() + part.words[1:]


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
