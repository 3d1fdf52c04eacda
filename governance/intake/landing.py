"""Landing files: records that were accepted and wait to be stored, sealed.

    file   = magic (8), version (2), batch id (16), then frames
    frame  = subject (16), print of their key (16), records (4), size (4), nonce (12), AES-256-GCM of the lines and tag
    lines  = line number, a space and what is kept of the line (`governance.intake.records`), joined by line feeds

The key is derived from the content key of the person, so what waits can't be read once that is destroyed; the print
(`KeyRing.fingerprint`, hashed) tells a destroyed key from damage. Head and frame number are authenticated. A file is
written as a draft, which gets its name when it is complete (`lake.storage.objects`). Its writer holds it until its
batch is in the database, so a file that no batch names and nobody holds is one of a killed process, and can be deleted.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from directory.keys import derive
from lake.storage.objects import Area, File, Stored, store

MAGIC = b"OBLANDED"
VERSION = 1
SUFFIX = ".landed"
NONCE_BYTES, TAG_BYTES = 12, 16
_HEAD = struct.Struct(">8sH16s")
_FRAME = struct.Struct(">16s16sII")


class Unreadable(Exception):
    """A frame can't be opened: its key was destroyed, or it is damaged."""


@dataclass(frozen=True)
class Frame:
    """Where some records of one person are in a landing file."""

    subject: UUID
    key_print: bytes
    records: int
    number: int
    offset: int
    """Of its nonce."""
    size: int
    """Of its ciphertext with tag."""

    @property
    def head(self) -> bytes:
        return _FRAME.pack(self.subject.bytes, self.key_print, self.records, self.size)


def file_of(batch: UUID) -> File:
    return File(store(Area.LANDING), f"{batch}{SUFFIX}")


def print_of(fingerprint: str | None) -> bytes:
    """16 bytes that stand for a `KeyRing.fingerprint`."""
    return hashlib.blake2b((fingerprint or "").encode(), digest_size=16).digest()


def cipher_of(content_key: bytes) -> AESGCM:
    return AESGCM(derive(content_key, "landing"))


class LandingFile:
    """Writes a landing file. `written`: its bytes so far."""

    def __init__(self, batch: UUID) -> None:
        """Raises OSError, PartUnavailable."""
        self._batch = batch
        self._draft = file_of(batch).draft()
        self._draft.write(_HEAD.pack(MAGIC, VERSION, batch.bytes))
        self.written = _HEAD.size
        self._frames = 0

    def add(self, subject: UUID, key_print: bytes, cipher: AESGCM, lines: list[bytes]) -> None:
        """Seal and write lines of one person, each with its number. Raises OSError."""
        plain = b"\n".join(lines)
        frame = Frame(subject, key_print, len(lines), self._frames, 0, len(plain) + TAG_BYTES)
        nonce = os.urandom(NONCE_BYTES)
        self._draft.write(frame.head + nonce + cipher.encrypt(nonce, plain, _bound(self._batch, frame)))
        self._frames += 1
        self.written += _FRAME.size + NONCE_BYTES + frame.size

    def land(self) -> None:
        """Put it under its name, durably. Raises OSError, PartUnavailable."""
        self._draft.keep()

    def release(self) -> None:
        """Its batch is in the database: whoever stores it may delete it."""
        self._draft.release()

    def discard(self) -> None:
        self._draft.discard()


def frames_of(file: BinaryIO) -> Iterator[Frame]:
    """The frames of a landing file, or of a draft: up to where it ends or makes no sense."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or not head.startswith(MAGIC):
        return
    end = file.seek(0, os.SEEK_END)
    file.seek(_HEAD.size)
    number = 0
    while len(packed := file.read(_FRAME.size)) == _FRAME.size:
        subject, key_print, records, size = _FRAME.unpack(packed)
        frame = Frame(UUID(bytes=subject), key_print, records, number, file.tell(), size)
        if frame.offset + NONCE_BYTES + size > end:
            return
        yield frame
        file.seek(frame.offset + NONCE_BYTES + size)
        number += 1


def opened(file: BinaryIO, batch: UUID, frame: Frame, cipher: AESGCM) -> list[tuple[int, bytes]]:
    """The lines of a frame, with their numbers. Raises Unreadable."""
    file.seek(frame.offset)
    nonce, sealed = file.read(NONCE_BYTES), file.read(frame.size)
    try:
        plain = cipher.decrypt(nonce, sealed, _bound(batch, frame))
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
    parts = (line.partition(b" ") for line in plain.split(b"\n"))
    return [(int(number), line) for number, _, line in parts]


def names() -> list[str]:
    """All of them, and drafts that have names. Raises PartUnavailable."""
    return [stored.name for stored in _all()]


def batch_of(name: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(name.partition(".")[0])
    return None


def holding(subjects: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """The batches of files, also of drafts, with records of these people, by person; who has none is absent."""
    found: dict[UUID, set[UUID]] = {}
    for name in names():
        batch = batch_of(name)
        with suppress(FileNotFoundError), store(Area.LANDING).open(name) as file:
            for frame in frames_of(file) if batch is not None else ():
                if batch is not None and frame.subject in subjects:
                    found.setdefault(frame.subject, set()).add(batch)
    return found


def size() -> int:
    """Bytes that all of them take."""
    return sum(stored.size for stored in _all())


def delete_abandoned(name: str, is_needed: Callable[[UUID | None], bool]) -> None:
    """Delete a file unless its writer still holds it, or has just let go of it with its batch in the database."""
    store(Area.LANDING).delete_unheld(name, lambda: is_needed(batch_of(name)))


def _all() -> list[Stored]:
    return [stored for stored in store(Area.LANDING).all() if SUFFIX in stored.name]


def _bound(batch: UUID, frame: Frame) -> bytes:
    return batch.bytes + frame.number.to_bytes(4, "big") + frame.head
