"""How many equal ones were before each of many identities, without keeping them in memory.

They are kept in the order in which they came, and divided by their first byte when there are many. Equal ones are in
the same division, so that one division after the other tells which of its identities are repeated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lake.spools.blocks import Blocks

IDENTITY_BYTES = 16
IN_MEMORY = 100_000
"""Identities."""
DIVISIONS = 64
ENTRY = np.dtype([("high", "<u8"), ("low", "<u8"), ("place", "<i8")])

Entries = NDArray[np.void]


class Ordinals:
    """Identities are added first; then ordinals are asked for."""

    def __init__(self) -> None:
        self._fresh = bytearray()
        self._before = 0
        self._blocks = Blocks()
        self._numbers: list[list[int]] = [[] for _ in range(DIVISIONS)]
        self._repeated: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    def add(self, identity: bytes) -> int:
        """Its place among all. Raises OSError."""
        assert len(identity) == IDENTITY_BYTES, identity
        place = self._before + len(self._fresh) // IDENTITY_BYTES
        self._fresh += identity
        if len(self._fresh) == IN_MEMORY * IDENTITY_BYTES:
            self._divide()
        return place

    def ascending(self) -> Callable[[int], int]:
        """Tells how many equal ones were before the one at a place. To be asked for places in ascending order; -1 has
        none before it."""
        if self._repeated is None:
            self._repeated = self._find()
        places, ordinals = self._repeated
        next_one, count = 0, len(places)

        def ordinal(place: int) -> int:
            nonlocal next_one
            while next_one < count and places[next_one] < place:
                next_one += 1
            return int(ordinals[next_one]) if next_one < count and places[next_one] == place else 0

        return ordinal

    def _entries(self) -> Entries:
        """Those in memory, which are emptied."""
        words = np.frombuffer(bytes(self._fresh), "<u8").reshape(-1, 2)
        entries = np.empty(len(words), ENTRY)
        entries["high"], entries["low"] = words[:, 0], words[:, 1]
        entries["place"] = np.arange(self._before, self._before + len(words))
        self._before += len(words)
        self._fresh = bytearray()
        return entries

    def _divide(self) -> None:
        entries = self._entries()
        divisions = entries["high"] % DIVISIONS
        for division, numbers in enumerate(self._numbers):
            numbers.append(self._blocks.add(entries[divisions == division].tobytes()))

    def _find(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if not self._before:
            found = [_repeated(self._entries())]
        else:
            self._divide()
            found = [
                _repeated(np.frombuffer(b"".join(map(self._blocks.read, numbers)), ENTRY)) for numbers in self._numbers
            ]
        places = np.concatenate([places for places, _ in found])
        order = np.argsort(places)
        return places[order], np.concatenate([ordinals for _, ordinals in found])[order]


def _repeated(entries: Entries) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of those that have equal ones before them, and how many."""
    entries = entries[np.lexsort((entries["place"], entries["low"], entries["high"]))]
    is_first = np.ones(len(entries), bool)
    is_first[1:] = (entries["high"][1:] != entries["high"][:-1]) | (entries["low"][1:] != entries["low"][:-1])
    numbers = np.arange(len(entries))
    ordinals = numbers - np.maximum.accumulate(np.where(is_first, numbers, 0))
    return entries["place"][~is_first], ordinals[~is_first]
