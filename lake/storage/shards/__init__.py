"""Shards: parts of the lake by person. Each has its own catalog, its own data files and its own turn to write.

    shard 0       the lake itself. It has the tables that are about nobody or about several people: policies, rules of
                  people (holds, tombstones, objections), mentions, datasets, models. And by default all captures
    shard 1, 2…   the tables of `TABLES` alone, for the people of some slots

A person is in one of `SLOTS` slots, by the last byte of their id, and a slot is in one shard. Which one is in the
catalog of shard 0 (`lake.storage.shards.placing`); a lake that was never divided has one shard and says nothing of it.

A connection to one shard has it as the database `lake`, and shard 0, if that is another one, as `common`, which it
reads. A connection to the whole lake has shard 0 as `lake`, and each of `TABLES` is a view of it in all shards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

SLOTS = 256
TABLES = ("captures", "capture_rollup", "batches", "refused", "refused_names", "removals", "indirect_captures")
"""What each shard has of its people. `indirect_captures` is with the record, not with whom it concerns."""
FIRST = 0
SHARDS = "shards"


def folder_of(shard: int) -> PurePosixPath:
    """Where a shard is below the folder of the lake, that of its data, or a bucket; the first one is in that itself."""
    return PurePosixPath() if shard == FIRST else PurePosixPath(SHARDS, str(shard))


def slot_of(subject: UUID) -> int:
    return subject.bytes[-1]


@dataclass(frozen=True)
class Doubled:
    """Rows of these slots in this shard don't count: they are being copied to it or deleted from it."""

    slots: tuple[int, ...]
    shard: int


@dataclass(frozen=True)
class Placing:
    """In which shard each slot is."""

    lakes: tuple[UUID, ...] = ()
    """The ids of the shards from 1 on."""
    slots: tuple[int, ...] = (FIRST,) * SLOTS
    """The shard of each slot."""
    doubled: Doubled | None = None
    """While people are moved, or after a move that was interrupted."""

    @property
    def shards(self) -> range:
        return range(len(self.lakes) + 1)

    @property
    def is_divided(self) -> bool:
        return bool(self.lakes)

    def of(self, subject: UUID) -> int:
        """The shard of a person."""
        return self.slots[slot_of(subject)]


UNDIVIDED = Placing()

_entered: ContextVar[int] = ContextVar("shard", default=FIRST)


def entered() -> int:
    """The shard that this code is about: its catalog, data files, locks and identity."""
    return _entered.get()


@contextmanager
def entering(shard: int) -> Iterator[None]:
    """Code in the block is about this shard."""
    token = _entered.set(shard)
    try:
        yield
    finally:
        _entered.reset(token)
