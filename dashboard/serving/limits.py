"""How many of something each caller may hold at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class TooMany(Exception):
    """One more would exceed the limit."""


class Held:
    """Counts how many of something each key holds now."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @contextmanager
    def one_more(self, limits: dict[str, int]) -> Iterator[None]:
        """Holds one under each key of `limits` until the block ends. Raises TooMany and holds none if any is full."""
        if any(self._held[key] >= most for key, most in limits.items()):
            raise TooMany
        self._held.update(limits.keys())
        try:
            yield
        finally:
            self._held.subtract(limits.keys())
            self._held += Counter()  # drops keys that hold none

    def __len__(self) -> int:
        return len(self._held)
