"""Seals addresses that are secret, such as a person's webhook: with a key that follows from the master key, and changes
with it. Whose address it is, is authenticated with it, so that it can't be given to somebody else."""

from __future__ import annotations

from uuid import UUID

from directory.keys.master import read_master_keys
from directory.keys.ring import derive
from directory.sealing import Sealer, Unreadable

PURPOSE = "open-book address"


def seal_address(subject: UUID, address: str) -> bytes:
    """Raises HomeUnavailable."""
    return _sealer(read_master_keys().wanted).seal(subject, {"address": address})


def open_address(subject: UUID, sealed: bytes) -> str | None:
    """None: no master key that is known now sealed it for them. Raises HomeUnavailable."""
    for key in read_master_keys().keys:
        try:
            return _sealer(key).open(subject, sealed)["address"]
        except Unreadable:
            continue
    return None


def _sealer(master: bytes) -> Sealer:
    return Sealer(derive(master, PURPOSE))
