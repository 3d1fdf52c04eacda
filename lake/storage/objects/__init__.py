"""Pictures beside the tables: one sealed file for each capture that has one.

    pictures/ab/ab12….picture           the picture of the capture with that id
    pictures/ab/ab12….0f3c9a1e.draft    written by an ingestion that hasn't stored its rows yet

A file is AES-256-GCM under the subject's content key, and its name and bytes don't say whose it is or what is on it. A
row of `captures` has a picture if its signal is `screenshot` and it has x and y: those are its width and height.

The file is durable before its row. An ingestion writes drafts, and renames them under the write lock just before it
stores the rows. So whoever has the write lock may delete every file without a row (`delete_orphans`, which each purge
does): what an erasure, retention or an interrupted ingestion left.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage.connection import data_folder
from lake.storage.durable import DRAFT, sync_folder

ENDING = ".picture"
DRAFT_SECONDS = 86_400
"""Older drafts were left by ingestions that died."""


def folder() -> Path:
    return data_folder() / "pictures"


def place(capture_id: UUID) -> Path:
    return folder() / capture_id.hex[:2] / f"{capture_id.hex}{ENDING}"


def write_draft(capture_id: UUID, sealed: bytes) -> Path:
    """Raises OSError; then there is no draft."""
    target = place(capture_id)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_suffix(f".{secrets.token_hex(4)}{DRAFT}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def settle(drafts: Iterable[Path]) -> list[UUID]:
    """Give drafts their names, durably; the ids of the captures that had no picture before. For the writer, before it
    stores the rows. Raises OSError.
    """
    new: list[UUID] = []
    folders: set[Path] = set()
    for draft in drafts:
        capture_id = UUID(hex=draft.name.partition(".")[0])
        target = place(capture_id)
        if target.exists():
            draft.unlink()
            continue
        draft.replace(target)
        folders.add(target.parent)
        new.append(capture_id)
    for changed in folders:
        sync_folder(changed)
    return new


def discard(drafts: Iterable[Path]) -> None:
    for draft in drafts:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def delete_without_row(connection: DuckDBPyConnection, capture_ids: Sequence[UUID]) -> None:
    """Of these, delete the pictures that no row has. For the writer."""
    for name in _without_row(connection, [each.hex for each in capture_ids]):
        place(UUID(hex=name)).unlink(missing_ok=True)


def delete_orphans(connection: DuckDBPyConnection) -> None:
    """Delete every picture without a row, and what interrupted ingestions left. For the writer."""
    names: list[str] = []
    old = time.time() - DRAFT_SECONDS
    for path in _files():
        if path.suffix == ENDING:
            names.append(path.stem)
        elif path.suffix == DRAFT:
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < old:
                    path.unlink()
    changed = set()
    for name in _without_row(connection, names):
        path = place(UUID(hex=name))
        path.unlink(missing_ok=True)
        changed.add(path.parent)
    for each in changed:
        sync_folder(each)


def files() -> list[Path]:
    """Every stored picture. For the writer, or while writers are blocked."""
    return sorted(path for path in _files() if path.suffix == ENDING)


def _files() -> Iterator[Path]:
    with suppress(FileNotFoundError):
        for part in os.scandir(folder()):
            if part.is_dir():
                yield from (Path(entry.path) for entry in os.scandir(part.path))


def _without_row(connection: DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    connection.register("pictures_there", pa.table({"name": pa.array(names, pa.string())}))
    try:
        return [name for (name,) in connection.execute(statement("pictures_without_row")).fetchall()]
    finally:
        connection.unregister("pictures_there")
