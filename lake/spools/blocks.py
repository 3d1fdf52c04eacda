"""Blocks of bytes in a temporary file that only this process can read.

Each is encrypted with AES-256-GCM under a key that is nowhere but in this process's memory. The file has no name, so
it is gone when the process ends, however that happens.
"""

from __future__ import annotations

import os
import weakref

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lake.spools.spill import unnamed_file
from settings import settings

NONCE_BYTES = 12


class Blocks:
    """Bytes by number, in the order in which they were added. There is no file before the first."""

    def __init__(self) -> None:
        self._opened: tuple[int, AESGCM] | None = None
        self._ends = [0]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, data: bytes) -> int:
        """Its number. Raises OSError if it can't be written."""
        if self._opened is None:
            self._opened = unnamed_file(settings().home / "lake"), AESGCM(AESGCM.generate_key(256))
            weakref.finalize(self, os.close, self._opened[0])
        file, cipher = self._opened
        nonce = os.urandom(NONCE_BYTES)
        rest = memoryview(nonce + cipher.encrypt(nonce, data, None))
        place = self._ends[-1]
        while rest:
            written = os.pwrite(file, rest, place)
            place, rest = place + written, rest[written:]
        self._ends.append(place)
        return len(self) - 1

    def read(self, number: int) -> bytes:
        """The block. Raises OSError if it can't be read, cryptography.exceptions.InvalidTag if it was altered."""
        assert self._opened is not None, "only a file has blocks"
        file, cipher = self._opened
        start, end = self._ends[number : number + 2]
        block = os.pread(file, end - start, start)
        return cipher.decrypt(block[:NONCE_BYTES], block[NONCE_BYTES:], None)
