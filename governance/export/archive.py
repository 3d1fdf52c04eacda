"""The ZIP of an export, streamed to an unseekable file, with size and SHA-256 of each entry.

Entries are written one after the other; content for a later entry waits in a `Spool`.
"""

from __future__ import annotations

import hashlib
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, BinaryIO, Protocol, Self, cast
from uuid import UUID

from governance.export.sealed_file import SealedReader, SealedWriter
from lake.storage.objects import Area

COMPRESSION_LEVEL = 4
"""On captures, half the time of zlib's own default for 10 % more bytes."""


class Sink(Protocol):
    """Something that can be written to."""

    def write(self, data: bytes, /) -> int: ...


@dataclass(frozen=True)
class ArchivedFile:
    """One entry of the ZIP: its name, and size and SHA-256 of its uncompressed content."""

    name: str
    size: int
    sha256: str


class Archive:
    """A ZIP being written to `out`, which needs no `seek`. `files` are the completed entries."""

    def __init__(self, out: IO[bytes], made_at: datetime) -> None:
        """`made_at` is the timestamp of the entries, naive UTC."""
        self._zip = zipfile.ZipFile(out, "w", allowZip64=True)
        self._made_at = made_at
        self.files: list[ArchivedFile] = []

    @contextmanager
    def entry(self, name: str, *, compressed: bool = True) -> Iterator[Sink]:
        """Write one entry, of any size. Raises OSError."""
        information = zipfile.ZipInfo(name, self._made_at.timetuple()[:6])
        information.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        information._compresslevel = COMPRESSION_LEVEL  # type: ignore[attr-defined]  # no public way before 3.13
        information.external_attr = 0o600 << 16
        with self._zip.open(information, "w", force_zip64=True) as file:
            sink = _Measured(file)
            yield sink
        self.files.append(ArchivedFile(name, sink.size, sink.digest.hexdigest()))

    def add(self, name: str, content: bytes) -> None:
        """Write a small entry."""
        with self.entry(name) as file:
            file.write(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error the end is written too, where possible: an unfinished ZipFile would try it later.
        with suppress(*(() if kind is None else (OSError,))):
            self._zip.close()


class Spool:
    """A temporary file to be copied into the archive, sealed under a key that only this process has.

    Write to `writer`, then `copy` or read its `parts`. Leaving the `with` block removes it.
    """

    def __init__(self) -> None:
        """Raises OSError."""
        self._file = _Unnamed()
        self._key = secrets.token_bytes(32)
        self._id = UUID(bytes=secrets.token_bytes(16))
        self.writer = SealedWriter(self._file, self._key, self._id)

    def copy(self, sink: Sink) -> None:
        self.writer.close()
        for chunk in SealedReader(self._file.file, self._key, self._id).read():
            sink.write(chunk)

    def parts(self, sizes: Iterable[int]) -> Iterator[bytes]:
        """The same in parts of these sizes, one after the other."""
        self.writer.close()
        reader = SealedReader(self._file.file, self._key, self._id)
        start = 0
        for size in sizes:
            yield b"".join(reader.read(start, start + size))
            start += size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.discard()
        self._file.discard()


class _Unnamed:
    """A draft on the disk of the exports that never gets a name: it ends with its process."""

    def __init__(self) -> None:
        """Raises OSError."""
        self.file = cast("BinaryIO", TemporaryFile(dir=Area.EXPORTS.folder))  # noqa: SIM115 (closed by discard)

    def write(self, data: bytes, /) -> int:
        return self.file.write(data)

    def keep(self) -> None:
        self.file.seek(0)

    def release(self) -> None:
        pass

    def discard(self) -> None:
        with suppress(OSError):  # a full disk rejects what is still buffered
            self.file.close()


class _Measured:
    """Counts and hashes everything written through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes, /) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)
