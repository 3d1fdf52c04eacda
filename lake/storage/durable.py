"""Atomic, crash-safe writes of small files: written to a draft, synchronised, then renamed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

DRAFT = ".draft"
CHUNK_BYTES = 1 << 20


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a small file, readable only by its owner. On OSError the previous file stays."""
    draft = path.with_name(path.name + DRAFT)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def overwrite(path: Path) -> None:
    """Overwrite a file with zeros, durably. Raises OSError."""
    with path.open("rb+") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(left, CHUNK_BYTES)))
        file.flush()
        os.fsync(file.fileno())
