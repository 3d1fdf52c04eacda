"""Where the lake's catalog is, and what depends on that: locks, turns to write, and how erased rows leave it.

    sqlite      a file in the home, with kernel locks: one machine; the default
    postgres    a schema of a PostgreSQL database (`OPENBOOK_LAKE_CATALOG`), with its locks: any number of machines

Each shard (`lake.storage.shards`) has one: a further one is a file in a folder of its own, or a schema with its number.
Everything else of the lake is the same for both.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from lake.storage.catalogs.locks import Lock
from lake.storage.catalogs.sqlite import SqliteCatalog
from lake.storage.shards import FIRST, entered, folder_of
from lake.storage.unavailable import LakeUnavailable
from settings import settings

__all__ = ["Catalog", "Lock", "catalog"]


class Catalog(Protocol):
    """A place of the catalog. Each method may raise LakeUnavailable."""

    extension: str
    """DuckDB's extension for it."""

    def source(self, *, writing: bool) -> tuple[str, str]:
        """What DuckLake attaches, and the options for that. `writing`: for the holder of the turn."""

    def exists(self) -> bool:
        """Whether it is where it should be."""

    def stamp(self) -> tuple[str, int, int]:
        """Changes when it is replaced. Raises FileNotFoundError if it is missing."""

    def state(self) -> tuple[int, ...]:
        """Changes whenever the lake does."""

    def prepare(self) -> None:
        """Before DuckLake creates its tables in it, in a turn. Raises LakeUnavailable if there is a lake already."""

    def finish(self) -> None:
        """After DuckLake created its tables in it, in the same turn."""

    def clear_away(self) -> None:
        """Remove what an interrupted first start of this home created; nothing was ever stored in it."""

    def turn(self, patience: float | None) -> AbstractContextManager[None]:
        """The turn to write, for one process of all that use the lake. Raises LakeBusy."""

    def require_turn(self) -> None:
        """For the holder of the turn: raises LakeUnavailable unless it still has it."""

    def lock(self, name: str) -> Lock:
        """A lock that all processes share which use the lake."""

    def watch(self) -> None:
        """For who waits: see to it that a holder of the turn that has stopped loses it."""

    def rebuild(self, patience: float) -> bool:
        """Leave no byte of a deleted row in it; nothing may have it attached in this process. False if reads were in
        the way for `patience` seconds."""

    def mark_purge_due(self) -> None:
        """Record that deleted rows are stored from now on."""

    def mark_purged(self) -> None:
        """The opposite."""

    def purge_is_due(self) -> bool: ...


def catalog(shard: int | None = None) -> Catalog:
    """The one that the settings name; of the shard that this code is about if none is given. Raises LakeUnavailable for
    data elsewhere without a database."""
    now = settings()
    if now.lake_data and not now.lake_catalog:
        raise LakeUnavailable("OPENBOOK_LAKE_DATA needs OPENBOOK_LAKE_CATALOG, which this process lacks.")
    number = entered() if shard is None else shard
    schema = now.lake_schema if number == FIRST else f"{now.lake_schema}_{number}"
    return _of(now.home / "lake" / folder_of(number), now.lake_catalog, schema)


@lru_cache(maxsize=64)
def _of(folder: Path, url: str, schema: str) -> Catalog:
    if not url:
        return SqliteCatalog(folder)
    from lake.storage.catalogs.postgres import PostgresCatalog  # takes a moment to load

    return PostgresCatalog(folder, url, schema)
