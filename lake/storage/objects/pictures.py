"""Pictures beside the tables: one sealed file for each capture that has one.

    pictures/ab/ab12….picture           the picture of the capture with that id
    pictures/ab/ab12….0f3c9a1e.draft    written by an ingestion that hasn't stored its rows yet

A file is AES-256-GCM under the subject's content key, and its name and bytes don't say whose it is or what is on it. A
row of `captures` has a picture if its signal is `screenshot` and it has x and y: those are its width and height.

The file is durable before its row. An ingestion writes drafts, and renames them just before it stores the rows
(`storing`). So while nobody stores (`nobody_stores`), every file without a row in any shard may be deleted
(`delete_orphans`, which each purge does): what an erasure, retention or an interrupted ingestion left.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import waiting
from lake.storage.catalogs import catalog
from lake.storage.durable import DRAFT
from lake.storage.objects import Area, store
from lake.storage.shards import FIRST
from parts import PartUnavailable

ENDING = ".picture"
DRAFT_SECONDS = 86_400
"""Older drafts were left by ingestions that died."""


def place(capture_id: UUID) -> str:
    """Its name in the store."""
    return f"{capture_id.hex[:2]}/{capture_id.hex}{ENDING}"


def read(capture_id: UUID) -> bytes:
    """The sealed picture. Raises FileNotFoundError, OSError, PartUnavailable."""
    return store(Area.PICTURES).read(place(capture_id))


def write_draft(capture_id: UUID, sealed: bytes) -> str:
    """The name of the draft. Raises OSError, PartUnavailable; then there is none."""
    draft = f"{place(capture_id).removesuffix(ENDING)}.{secrets.token_hex(4)}{DRAFT}"
    store(Area.PICTURES).write(draft, sealed)
    return draft


@contextmanager
def storing() -> Iterator[None]:
    """Around `settle` and the transaction that stores the rows. Waits while orphans are deleted
    (`lake.storage.waiting`). Raises LakeBusy."""
    with _lock(shared=True, patience=None):
        yield


@contextmanager
def nobody_stores(patience: float) -> Iterator[None]:
    """Around `delete_orphans`. Waits at most so many seconds. Raises LakeBusy."""
    with _lock(shared=False, patience=patience):
        yield


@contextmanager
def _lock(*, shared: bool, patience: float | None) -> Iterator[None]:
    with closing(catalog(FIRST).lock("pictures")) as lock:
        waiting.until(lambda: lock.take(shared=shared), catalog().watch, patience)
        yield


def settle(drafts: Iterable[str]) -> list[UUID]:
    """Give drafts their names, durably; the ids of the captures that had no picture before. For the writer, before it
    stores the rows. Raises OSError, PartUnavailable.
    """
    pictures = store(Area.PICTURES)
    new: dict[UUID, str] = {}
    known: list[str] = []
    for draft in drafts:
        capture_id = UUID(hex=_id_of(draft))
        if capture_id in new or pictures.exists(place(capture_id)):
            known.append(draft)
        else:
            new[capture_id] = draft
    pictures.rename([(draft, place(capture_id)) for capture_id, draft in new.items()])
    pictures.delete(known)
    return list(new)


def discard(drafts: Iterable[str]) -> None:
    """Of drafts that have no names yet; what can't be deleted now is deleted by a later purge."""
    with suppress(OSError, PartUnavailable):
        store(Area.PICTURES).delete(drafts)


def delete_without_row(connection: DuckDBPyConnection, capture_ids: Sequence[UUID]) -> None:
    """Of these, delete the pictures that no row has. For the writer."""
    names = _without_row(connection, [each.hex for each in capture_ids])
    store(Area.PICTURES).delete(place(UUID(hex=name)) for name in names)


def delete_orphans(connection: DuckDBPyConnection) -> None:
    """Delete every picture without a row, and what interrupted ingestions left. For the writer."""
    old = time.time() - DRAFT_SECONDS
    pictures = store(Area.PICTURES)
    found = pictures.all()
    pictures.delete(each.name for each in found if each.name.endswith(DRAFT) and each.written < old)
    names = [_id_of(each.name) for each in found if each.name.endswith(ENDING)]
    pictures.delete(place(UUID(hex=name)) for name in _without_row(connection, names))


def ids() -> set[str]:
    """Of every capture with a stored picture, as 32 hexadecimal digits. For the writer, or while writers are blocked.
    Raises PartUnavailable.
    """
    return {_id_of(each.name) for each in store(Area.PICTURES).all() if each.name.endswith(ENDING)}


def _id_of(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


def _without_row(connection: DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    connection.register("pictures_there", pa.table({"name": pa.array(names, pa.string())}))
    try:
        return [name for (name,) in connection.execute(statement("pictures_without_row")).fetchall()]
    finally:
        connection.unregister("pictures_there")
