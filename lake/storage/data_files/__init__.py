"""Where the lake's encrypted data files are. Everything else of the lake is the same for both.

    folder    `lake/data` in home, or the folder `OPENBOOK_LAKE_DATA`, for processes that share a disk; the default
    bucket    `lake/` below `OPENBOOK_OBJECTS_URL`, if `OPENBOOK_LAKE_DATA` is `bucket`: any number of machines

Those of a further shard (`lake.storage.shards`) are in `shards/NUMBER` in that folder, or below that URL.

A file that isn't there is FileNotFoundError, or a 404 of DuckDB's; a bucket that can't be reached, or isn't this
home's, is LakeUnavailable.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from duckdb import DuckDBPyConnection

import home
from home import Part
from lake.storage.data_files.folder import FolderData
from lake.storage.shards import FIRST, entered, folder_of
from settings import settings


class DataFiles(Protocol):
    """Each method may raise LakeUnavailable; a folder's raise OSError, too."""

    @property
    def place(self) -> str:
        """Where DuckLake puts its files: a folder, or a URL that ends with a slash."""

    def open_for(self, connection: DuckDBPyConnection) -> None:
        """Let a new connection reach them, before the lake is attached."""

    def begin(self) -> None:
        """Make the place of a new lake, which has to be empty."""

    def require_empty(self) -> None:
        """Raises LakeUnavailable if `begin` would refuse the place."""

    def clear_away(self) -> None:
        """Remove what an interrupted first start of this home created; nothing was ever stored in it."""

    def identity(self) -> bytes:
        """What was noted beside them. Raises OSError if nothing was."""

    def note(self, content: bytes) -> None:
        """Note it in place of what was noted before."""

    def size(self, table: str, path: str) -> int:
        """Bytes of a file, as the catalog names it. Raises OSError."""

    def files(self) -> dict[str, int]:
        """Every data file: its path, and its bytes."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of one. Raises FileNotFoundError."""

    def put(self, path: str, source: Path) -> None:
        """A copy of a file becomes one, which no catalog names yet. For the writer."""

    def delete_orphans(self, connection: DuckDBPyConnection) -> None:
        """Delete every file that no snapshot has. Afterwards no byte of them is there. For the writer."""

    def require_ours(self) -> None:
        """Raises LakeUnavailable unless the place is there and belongs to this home."""


def data_files() -> DataFiles:
    """Those that the settings name, of the shard that this code is about. Raises LakeUnavailable for a bucket that they
    don't describe completely."""
    now = settings()
    shard = entered()
    if home.lake_is_in_bucket():
        from lake.storage.data_files.bucket import BucketData  # takes time to load

        return BucketData.of(now, shard)
    if shard == FIRST:
        return FolderData(Part.DATA.path.parent, now.home / "lake" / "data.making" if now.lake_data else None)
    return FolderData(Part.DATA.path.parent / folder_of(shard), None)


__all__ = ["DataFiles", "FolderData", "data_files"]
