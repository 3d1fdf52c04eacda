"""Lists of values of which only a part is in memory, in the order of adding or sorted."""

from __future__ import annotations

import heapq
import pickle
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from lake.spools.blocks import Blocks

IN_MEMORY = 16 << 20
"""About how much of one list is in memory, as its sizes say."""
OF_EACH_RUN = 200
"""Values of a sorted part that are in memory at once."""

Item = TypeVar("Item")
Row = TypeVar("Row", bound=tuple[Any, ...])


class Spool(Generic[Item]):
    """Values in the order in which they were added; may be read more than once. `pack`: what to write of each to the
    file, of which `unpack` makes it again."""

    def __init__(
        self, pack: Callable[[Item], object] | None = None, unpack: Callable[[Any], Item] | None = None
    ) -> None:
        self._pack, self._unpack = pack, unpack
        self._blocks = Blocks()
        self._fresh: list[Item] = []
        self._size = 0

    def add(self, item: Item, size: int) -> None:
        """`size`: about how many bytes it takes. Raises OSError."""
        self._fresh.append(item)
        self._size += size
        if self._size > IN_MEMORY:
            packed = list(map(self._pack, self._fresh)) if self._pack else self._fresh
            self._blocks.add(pickle.dumps(packed, pickle.HIGHEST_PROTOCOL))
            self._fresh, self._size = [], 0

    def __iter__(self) -> Iterator[Item]:
        """Raises OSError."""
        for number in range(len(self._blocks)):
            values = _values(self._blocks, number)
            yield from map(self._unpack, values) if self._unpack else values
        yield from self._fresh


class Sorted(Generic[Row]):
    """Tuples in ascending order; no two may be equal."""

    def __init__(self) -> None:
        self._blocks = Blocks()
        self._runs: list[range] = []
        """Of numbers of blocks."""
        self._fresh: list[Row] = []
        self._size = 0

    def add(self, item: Row, size: int) -> None:
        """`size`: about how many bytes it takes. Raises OSError."""
        self._fresh.append(item)
        self._size += size
        if self._size > IN_MEMORY:
            self._fresh.sort()
            numbers = [
                self._blocks.add(pickle.dumps(self._fresh[start : start + OF_EACH_RUN], pickle.HIGHEST_PROTOCOL))
                for start in range(0, len(self._fresh), OF_EACH_RUN)
            ]
            self._runs.append(range(numbers[0], numbers[-1] + 1))
            self._fresh, self._size = [], 0

    def __iter__(self) -> Iterator[Row]:
        """Raises OSError."""
        self._fresh.sort()
        return heapq.merge(*map(self._run, self._runs), self._fresh)

    def _run(self, numbers: range) -> Iterator[Row]:
        for number in numbers:
            yield from _values(self._blocks, number)


def _values(blocks: Blocks, number: int) -> list[Any]:
    values: list[Any] = pickle.loads(blocks.read(number))  # noqa: S301 - its own, authenticated
    return values
