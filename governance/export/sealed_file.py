"""A file sealed in frames, so that a large export is never on disk in clear and can be read in pieces.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", 2015) over AES-256-GCM, laid out as in age:

    file   = header, frame 0, frame 1, … last frame
    header = magic (8), version (2), frame size (4), request id (16), salt (32), tag (16)
    frame  = AES-256-GCM of up to 65,536 plain bytes: ciphertext, then a tag of 16 bytes

The key is HKDF-SHA256 (RFC 5869) of the subject's content key with the file's own random salt, so destroying the
content key destroys it too. A frame's nonce is its number (11 bytes, big-endian) and one byte that is 1 on the last
frame: altered, moved, missing or truncated frames don't open. The header is authenticated with every frame. Its tag
seals the empty text under a nonce that no frame uses, which distinguishes a wrong key from damage. Only the last frame
may be short, and it is empty only if the whole file is.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import Iterator
from datetime import timedelta
from types import TracebackType
from typing import BinaryIO, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lake.storage.objects import Draft

KEPT = timedelta(days=7)
"""How long the file of an export can be downloaded."""
FRAME_BYTES = 65_536
TAG_BYTES = 16
MAGIC = b"OPENBOOK"
VERSION = 1
_HEADER = struct.Struct(">8sHI16s32s")
HEADER_BYTES = _HEADER.size + TAG_BYTES
_HEADER_NONCE = b"\xff" * 12


class SealedFileError(Exception):
    """A sealed file can't be read. Nothing from the faulty part was returned."""


class NotASealedFile(SealedFileError):
    """Not a sealed file, or one with a version that this program doesn't know."""


class OtherRequest(SealedFileError):
    """A sealed file of another request."""


class WrongKey(SealedFileError):
    """The wrong key: another subject's, destroyed and created again, or the header was altered."""


class Truncated(SealedFileError):
    """The end of the file is missing."""


class Altered(SealedFileError):
    """A frame was altered or is not in its place."""


class SealedWriter:
    """Writes a sealed file: file-like, unseekable, and visible under its name only once it was closed completely.

    Only sealed bytes reach the disk, in a draft until then. In a `with` statement, an error discards the draft. `size`
    and `sha256` describe the plain bytes written so far.
    """

    def __init__(self, draft: Draft, content_key: bytes, request_id: UUID) -> None:
        """Raises OSError, PartUnavailable."""
        salt = secrets.token_bytes(32)
        self._draft = draft
        self._cipher = _cipher(content_key, salt)
        self._header = _HEADER.pack(MAGIC, VERSION, FRAME_BYTES, request_id.bytes, salt)
        self._pending = bytearray()
        self._frames = 0
        self._digest = hashlib.sha256()
        self.size = 0
        self.closed = False
        try:
            self._draft.write(self._header + self._cipher.encrypt(_HEADER_NONCE, b"", self._header))
        except BaseException:
            self.discard()
            raise

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Accept plain bytes; full frames are sealed and written. Raises OSError."""
        if self.closed:
            raise ValueError("This sealed file is closed.")
        view = memoryview(data).cast("B")
        self._digest.update(view)
        self.size += len(view)
        self._pending += view
        # The last frame must not be empty, so a full one waits for more bytes.
        whole = max(0, len(self._pending) - 1) // FRAME_BYTES * FRAME_BYTES
        for start in range(0, whole, FRAME_BYTES):
            self._write_frame(bytes(self._pending[start : start + FRAME_BYTES]), last=False)
        del self._pending[:whole]
        return len(view)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Does nothing: a frame is written when it is full."""

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        """Write the last frame and put the file under its name, durably. Raises OSError, PartUnavailable."""
        if self.closed:
            return
        try:
            self._write_frame(bytes(self._pending), last=True)
            self._draft.keep()
            self._draft.release()
        except BaseException:
            self.discard()
            raise
        self.closed = True

    def discard(self) -> None:
        """Remove the draft, unless the file was closed completely before."""
        if not self.closed:
            self.closed = True
            self._draft.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _write_frame(self, plain: bytes, *, last: bool) -> None:
        self._draft.write(self._cipher.encrypt(_nonce(self._frames, last=last), plain, self._header))
        self._frames += 1


class SealedReader:
    """Reads a sealed file from any offset. `size` is the number of plain bytes.

    Opening it checks the key, the request and the end of the file, so a wrong or truncated file is refused before its
    first byte is returned. A damaged frame is refused when it is reached.
    """

    def __init__(self, file: BinaryIO, content_key: bytes, request_id: UUID) -> None:
        """Closes the file at the end. Raises NotASealedFile, OtherRequest, WrongKey, Truncated, Altered, OSError,
        PartUnavailable.
        """
        self._file = file
        try:
            self._header = self._file.read(_HEADER.size)
            salt = _salt(self._header, request_id)
            self._cipher = _cipher(content_key, salt)
            try:
                self._cipher.decrypt(_HEADER_NONCE, self._file.read(TAG_BYTES), self._header)
            except (InvalidTag, ValueError) as error:
                raise WrongKey("This export can't be opened with the key of its owner.") from error
            sealed = self._file.seek(0, os.SEEK_END) - HEADER_BYTES
            self._frames = max(1, -(-sealed // (FRAME_BYTES + TAG_BYTES)))
            self.size = sealed - self._frames * TAG_BYTES
            self._check_end()
        except BaseException:
            self._file.close()
            raise

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The plain bytes from `start` (inclusive) to `stop` (exclusive; None: the end), one frame at a time.

        Raises Altered, or ValueError for a range outside the file.
        """
        stop = self.size if stop is None else stop
        if not 0 <= start <= stop <= self.size:
            raise ValueError(f"The range {start} to {stop} is not within the file's {self.size} bytes.")
        for number in range(start // FRAME_BYTES, -(-stop // FRAME_BYTES)):
            offset = number * FRAME_BYTES
            yield self._frame(number)[max(0, start - offset) : stop - offset]

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_end(self) -> None:
        if self.size < 0 or (self._frames > 1 and self.size == (self._frames - 1) * FRAME_BYTES):
            raise Truncated("The end of this export is missing.")
        last = self._frames - 1
        try:
            self._frame(last)
        except Altered:
            # It opens as a middle frame exactly if everything after it was cut off.
            if self._opens_as_inner(last):
                raise Truncated("The end of this export is missing.") from None
            raise

    def _opens_as_inner(self, number: int) -> bool:
        try:
            self._cipher.decrypt(_nonce(number, last=False), self._sealed(number), self._header)
        except (InvalidTag, ValueError):
            return False
        return True

    def _frame(self, number: int) -> bytes:
        nonce = _nonce(number, last=number == self._frames - 1)
        try:
            return self._cipher.decrypt(nonce, self._sealed(number), self._header)
        except (InvalidTag, ValueError) as error:
            raise Altered(
                f"Part {number + 1} of {self._frames} of this export was altered or is not in its place."
            ) from error

    def _sealed(self, number: int) -> bytes:
        self._file.seek(HEADER_BYTES + number * (FRAME_BYTES + TAG_BYTES))
        return self._file.read(FRAME_BYTES + TAG_BYTES)


def _salt(header: bytes, request_id: UUID) -> bytes:
    if len(header) < _HEADER.size or not header.startswith(MAGIC):
        raise NotASealedFile("This is not a sealed export.")
    _, version, frame_bytes, request, salt = _HEADER.unpack(header)
    if (version, frame_bytes) != (VERSION, FRAME_BYTES):
        raise NotASealedFile(f"This export is sealed in version {version}, which this program doesn't know.")
    if request != request_id.bytes:
        raise OtherRequest("This export belongs to another request.")
    return bytes(salt)


def _cipher(content_key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"open-book sealed file 1").derive(content_key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
