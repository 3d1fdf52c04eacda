"""The ledger's head, as you verified it and as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SeenHead:
    """How many entries the ledger had when you last verified it, and their root hash in hexadecimal."""

    size: int
    root: str


@dataclass(frozen=True)
class MyLedger:
    """What you last verified (None: nothing yet) and when, the current checkpoint, and the proof (RFC 9162,
    hexadecimal) that the current one only appends to it.
    """

    seen: SeenHead | None
    checkpoint: str
    consistency: tuple[str, ...]
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Inclusion:
    """The proof (RFC 9162, hexadecimal) that an entry, by its leaf hash, is in the ledger of this size."""

    index: int
    size: int
    leaf: str
    proof: tuple[str, ...]
    checkpoint: str


@dataclass(frozen=True)
class Link:
    """An earlier head, and the proof that a later one continues it."""

    size: int
    root: str
    proof: tuple[str, ...]


@dataclass(frozen=True)
class Head:
    """A head of the ledger with everything needed to check it; `witnessed`: the newest checkpoint with a witness's
    signature; `datasets`: the list of dataset versions (version, root of the manifest, index of the entry) to which the
    checkpoint commits, where it is needed.
    """

    key: str
    checkpoint: str
    size: int
    root: str
    earlier: tuple[Link, ...]
    witnessed: str | None
    datasets: tuple[tuple[Any, ...], ...] | None = None


@dataclass(frozen=True)
class PublicEntry:
    """An entry about no single person. Its commitment is the SHA-256 of its canonical statement."""

    index: int
    statement: dict[str, Any]


@dataclass(frozen=True)
class PublicEntries:
    """A page of public entries; `next` is the index where the next one starts, `size` that of the whole ledger."""

    entries: tuple[PublicEntry, ...]
    next: int | None
    size: int


@dataclass(frozen=True)
class Consistency:
    """The proof that the ledger is append-only."""

    format: str
    head: Head
