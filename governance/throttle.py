"""Regular work that a process does only now and then, though its rounds come every few seconds."""

from __future__ import annotations

import time
from pathlib import Path

from settings import settings


class Throttle:
    """What may be done again in this home, by key; at first everything. Changes to the clock have no effect on it."""

    def __init__(self) -> None:
        self._until: dict[tuple[Path, str], float] = {}

    def allows(self, key: str = "") -> bool:
        """Whether its pause is over, or it has none."""
        return time.monotonic() >= self._until.get((settings().home, key), 0.0)

    def pause(self, seconds: float, key: str = "") -> None:
        """Allow it again only after so long from now."""
        self._until[settings().home, key] = time.monotonic() + seconds

    def resume(self, key: str = "") -> None:
        """Allow it at once."""
        self._until.pop((settings().home, key), None)
