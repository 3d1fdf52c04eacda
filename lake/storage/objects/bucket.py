"""Sealed files under a prefix of a bucket of S3-compatible storage.

    PREFIX/identity                    the id of the home that the prefix belongs to
    PREFIX/AREA/NAME                   a small file
    PREFIX/AREA/NAME/0000, 0001, …     a file that was a draft, in pieces of `PIECE`; all but the last are full

Every object is put by one call, which stores all of it or nothing: there are no multipart uploads, whose parts would
stay unseen if their writer is killed. Pieces are put from the last to the first, so a file with a piece 0 is complete.

Every write says whether the bucket keeps versions of it. In such a bucket a deletion deletes nothing, so nothing is put
into it, and nothing is called deleted (`KeepsVersions`). Deletions ask again if the last answer is old.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from filelock import Timeout

from databases import locks
from lake.storage.objects import prefix
from lake.storage.objects.kinds import Stored

PIECE = 8 << 20
READ_AHEAD = 1 << 20
_ENDING = re.compile(r"/\d{4}$")


class BucketDraft:
    """Waits in a file without a name, so that it is gone when its process is."""

    def __init__(self, bucket: Bucket, name: str) -> None:
        """Raises OSError."""
        self._bucket, self._name = bucket, name
        bucket.beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=bucket.beside)  # noqa: SIM115 (closed by release or discard)
        self._held = ExitStack()
        self._is_kept = False

    def write(self, data: bytes, /) -> int:
        return self._file.write(data)

    def keep(self) -> None:
        self._held.enter_context(self._bucket.holding(self._name))
        self._is_kept = True  # from now on, a part of it may be there
        self._bucket.put_pieces(self._name, cast("BinaryIO", self._file))

    def release(self) -> None:
        self._file.close()
        self._held.close()

    def discard(self) -> None:
        with self._held, self._file:
            if self._is_kept:
                self._bucket.delete_file(self._name)


@dataclass(frozen=True)
class Bucket:
    area: str
    beside: Path
    """Where drafts wait, and locks are where locks are files."""

    def draft(self, name: str) -> BucketDraft:
        return BucketDraft(self, name)

    def write(self, name: str, content: bytes) -> None:
        prefix.connected().put(self._key(name), content)

    def read(self, name: str) -> bytes:
        try:
            return prefix.connected().get(self._key(name))
        except FileNotFoundError:
            prefix.require_ours()
            raise

    def open(self, name: str) -> BinaryIO:
        pieces = [piece for piece in self._listed(name) if piece.name.startswith(f"{name}/")]
        is_whole = [piece.name for piece in pieces] == [_piece(name, number) for number in range(len(pieces))]
        if not pieces or not is_whole:
            prefix.require_ours()
            raise FileNotFoundError(name)
        return io.BufferedReader(_Pieces(self, pieces), READ_AHEAD)

    def exists(self, name: str) -> bool:
        import obstore

        try:
            with prefix.asking():
                obstore.head(prefix.connected().store, self._key(name))
        except FileNotFoundError:
            return False
        return True

    def rename(self, moves: Sequence[tuple[str, str]]) -> None:
        import obstore

        client = prefix.connected()
        client.require_final()
        for old, new in moves:
            with prefix.asking():
                obstore.copy(client.store, self._key(old), self._key(new))
        self.delete(old for old, _ in moves)

    def delete(self, names: Iterable[str]) -> None:
        prefix.connected().delete([self._key(name) for name in names])

    def delete_file(self, name: str) -> None:
        self.delete([piece.name for piece in self._listed(name)])

    def delete_folder(self, name: str) -> None:
        self.delete([each.name for each in self._listed(name)])

    def delete_unheld(self, name: str, is_needed: Callable[[], bool]) -> None:
        try:
            with self.holding(name):
                if not is_needed():
                    self.delete_file(name)
        except Timeout:
            return

    def all(self) -> list[Stored]:
        found: dict[str, Stored] = {}
        for each in self._listed(""):
            name = each.name[:-5] if _ENDING.search(each.name) else each.name
            size = found[name].size if name in found else 0
            found[name] = Stored(name, size + each.size, each.written)
        return list(found.values())

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """Raises filelock.Timeout if somebody else holds it, PartUnavailable."""
        self.beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locks.lock(self.beside / f"{name}.lock", timeout=0):
            yield

    def put_pieces(self, name: str, file: BinaryIO) -> None:
        self.delete_file(name)
        size = file.seek(0, io.SEEK_END)
        for number in reversed(range(max(1, -(-size // PIECE)))):
            file.seek(number * PIECE)
            self.write(_piece(name, number), file.read(PIECE))

    def read_range(self, name: str, start: int, size: int) -> bytes:
        import obstore

        with prefix.asking():
            return bytes(obstore.get_range(prefix.connected().store, self._key(name), start=start, length=size))

    def _listed(self, name: str) -> list[Stored]:
        import obstore

        client, start = prefix.connected(), f"{self.area}/{name}".rstrip("/")
        with prefix.asking():
            found = [each for some in obstore.list(client.store, start) for each in some]
        listed = [
            Stored(each["path"].removeprefix(f"{self.area}/"), each["size"], each["last_modified"].timestamp())
            for each in found
        ]
        return sorted(listed, key=lambda stored: stored.name)

    def _key(self, name: str) -> str:
        return f"{self.area}/{name}"


class _Pieces(io.RawIOBase):
    """The pieces of a file as one, each read when it is needed."""

    def __init__(self, bucket: Bucket, pieces: Sequence[Stored]) -> None:
        self._bucket, self._pieces = bucket, pieces
        self._size = sum(piece.size for piece in pieces)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        number, start = divmod(self._at, PIECE)
        size = min(len(buffer), PIECE - start, self._size - self._at)
        if size <= 0:
            return 0
        data = self._bucket.read_range(self._pieces[number].name, start, size)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _piece(name: str, number: int) -> str:
    return f"{name}/{number:04}"
