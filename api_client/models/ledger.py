"""The ledger's head, as you have seen it and as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SeenHead:
    """How many entries the ledger had when you last verified it, and their root hash in hexadecimal."""

    size: int
    root: str


@dataclass(frozen=True)
class MyLedger:
    """What you last verified (None: nothing yet) and when, the checkpoint of now, and the proof (RFC 9162,
    hexadecimal) that the one only adds to the other."""

    seen: SeenHead | None
    checkpoint: str
    consistency: tuple[str, ...]
    seen_at: datetime | None = None
