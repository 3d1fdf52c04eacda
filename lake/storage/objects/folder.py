"""Sealed files in a folder of this machine."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lake.storage.durable import DRAFT, sync_folder, write_bytes
from lake.storage.objects.kinds import Stored


class FolderDraft:
    def __init__(self, target: Path) -> None:
        """Raises OSError."""
        self._target = target
        self._current = draft_path(target)
        self._file = os.fdopen(os.open(self._current, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def write(self, data: bytes, /) -> int:
        return self._file.write(data)

    def keep(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._current.replace(self._target)
        self._current = self._target
        sync_folder(self._target.parent)

    def release(self) -> None:
        self._file.close()

    def discard(self) -> None:
        self._current.unlink(missing_ok=True)
        with suppress(OSError):  # a full disk rejects what is still buffered
            self._file.close()


@dataclass(frozen=True)
class Folder:
    path: Path

    def draft(self, name: str) -> FolderDraft:
        return FolderDraft(self._made(name))

    def write(self, name: str, content: bytes) -> None:
        write_bytes(self._made(name), content)

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def open(self, name: str) -> BinaryIO:
        return (self.path / name).open("rb")

    def exists(self, name: str) -> bool:
        return (self.path / name).exists()

    def rename(self, moves: Sequence[tuple[str, str]]) -> None:
        for old, new in moves:
            (self.path / old).replace(self._made(new))
        self._sync(new for _, new in moves)

    def delete(self, names: Iterable[str]) -> None:
        gone = []
        for name in names:
            with suppress(FileNotFoundError):
                (self.path / name).unlink()
                gone.append(name)
        self._sync(gone)

    def delete_file(self, name: str) -> None:
        path = self.path / name
        drafts = [draft.relative_to(self.path).as_posix() for draft in path.parent.glob(f"{path.name}.*{DRAFT}")]
        self.delete([name, *drafts])

    def delete_folder(self, name: str) -> None:
        self.delete([stored.name for stored in _listed(self.path / name, f"{name}/")])
        with suppress(FileNotFoundError):
            (self.path / name).rmdir()
            self._sync([name])

    def delete_unheld(self, name: str, is_needed: Callable[[], bool]) -> None:
        with suppress(FileNotFoundError, BlockingIOError), self.open(name) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not is_needed():
                self.delete([name])

    def all(self) -> list[Stored]:
        return sorted(_listed(self.path, ""), key=lambda stored: stored.name)

    def _made(self, name: str) -> Path:
        path = self.path / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _sync(self, names: Iterable[str]) -> None:
        for folder in {(self.path / name).parent for name in names}:
            with suppress(FileNotFoundError):
                sync_folder(folder)


def draft_path(path: Path) -> Path:
    """A new name for a draft of `path`, in the same folder."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}{DRAFT}")


def _listed(folder: Path, start: str) -> Iterator[Stored]:
    with suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            if entry.is_dir():
                yield from _listed(Path(entry.path), f"{start}{entry.name}/")
                continue
            with suppress(FileNotFoundError):
                found = entry.stat()
                yield Stored(f"{start}{entry.name}", found.st_size, found.st_mtime)
