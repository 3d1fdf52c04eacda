"""Data files in a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage.catalogs import catalog
from lake.storage.durable import sync_folder, write_bytes
from lake.storage.unavailable import LakeUnavailable

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class FolderData:
    folder: Path
    making: Path | None
    """In home, notes that a folder of the settings is this home's before anything is in it; None: it is in home."""

    @property
    def place(self) -> str:
        return str(self.folder)

    def open_for(self, connection: DuckDBPyConnection) -> None:
        """Nothing."""

    def begin(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.require_empty()
        if self.making is not None:
            write_bytes(self.making, bytes(self.folder))

    def require_empty(self) -> None:
        if self.making is not None and self.folder.exists() and any(self.folder.iterdir()):
            raise LakeUnavailable("The folder OPENBOOK_LAKE_DATA is not empty. Nothing was changed. Name an empty one.")

    def clear_away(self) -> None:
        if self.making is not None and self.making.exists() and self.making.read_bytes() == bytes(self.folder):
            shutil.rmtree(self.folder)

    def identity(self) -> bytes:
        return (self.folder / "identity").read_bytes()

    def note(self, content: bytes) -> None:
        write_bytes(self.folder / "identity", content)

    def size(self, table: str, path: str) -> int:
        return (self.folder / "main" / table / path).stat().st_size

    def files(self) -> dict[str, int]:
        found = self.folder.glob("main/**/*.parquet")
        return {path.relative_to(self.folder).as_posix(): path.stat().st_size for path in found}

    def chunks(self, path: str) -> Iterator[bytes]:
        with (self.folder / path).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def put(self, path: str, source: Path) -> None:
        target = self.folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with source.open("rb") as file, target.open("wb") as to:
            shutil.copyfileobj(file, to, CHUNK_BYTES)
            to.flush()
            os.fsync(to.fileno())
        sync_folder(target.parent)

    def delete_orphans(self, connection: DuckDBPyConnection) -> None:
        orphans = connection.execute(statement("find_orphaned_files")).fetchall()
        catalog().require_turn()  # so no other writer made one of them while they were listed
        for (path,) in orphans:
            if Path(path).is_relative_to(self.folder / "main"):  # other shards may be beside it
                Path(path).unlink(missing_ok=True)

    def require_ours(self) -> None:
        """Nothing: whoever opens the lake compares its identity."""
