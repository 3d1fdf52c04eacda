"""What a store of sealed files can do, wherever it keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class Stored:
    """A file of a store: its name, with folders if it has some, its bytes, and when it was written (Unix time)."""

    name: str
    size: int
    written: float


class Draft(Protocol):
    """A file being written. Only `keep` gives it its name; call `release` or `discard` in any case."""

    def write(self, data: bytes, /) -> int:
        """Raises OSError."""

    def keep(self) -> None:
        """Put it under its name, durably, in place of an earlier one. It stays held. Raises OSError,
        PartUnavailable.
        """

    def release(self) -> None:
        """Let go of what was kept."""

    def discard(self) -> None:
        """Delete it, also if it was kept. Raises PartUnavailable."""


class Store(Protocol):
    """Every call raises PartUnavailable if the store can't be used; a folder's raise OSError for that."""

    def draft(self, name: str) -> Draft:
        """Begin a file that may be large."""

    def write(self, name: str, content: bytes) -> None:
        """A small file, as a whole or not at all."""

    def read(self, name: str) -> bytes:
        """A small file. Raises FileNotFoundError."""

    def open(self, name: str) -> BinaryIO:
        """A file that was a draft, to read at any offset. Raises FileNotFoundError."""

    def exists(self, name: str) -> bool:
        """Whether there is a small file of this name."""

    def rename(self, moves: Sequence[tuple[str, str]]) -> None:
        """Small files get other names, durably; each is there under one of its names at any time. Raises
        FileNotFoundError.
        """

    def delete(self, names: Iterable[str]) -> None:
        """Small files; those that are gone are ignored. After that, no byte of them is in the store."""

    def delete_file(self, name: str) -> None:
        """The same for one that was a draft, and for what killed writers of it left."""

    def delete_folder(self, name: str) -> None:
        """The same for everything in a folder, which holds small files only, and the folder."""

    def delete_unheld(self, name: str, is_needed: Callable[[], bool]) -> None:
        """The same unless somebody holds it, or `is_needed` says so, which is asked while nobody holds it. `name`: as
        listed.
        """

    def all(self) -> list[Stored]:
        """Everything that is there, drafts too."""
