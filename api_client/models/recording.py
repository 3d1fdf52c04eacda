"""Whether your work may be recorded now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Pause:
    """`until_at` is the first moment that is not in it."""

    pause: UUID
    begins_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class Recording:
    paused_until: datetime | None
    """None: no pause is in force."""
    longest_pause_hours: int
    """0: your employer's settings allow no pauses."""
    pauses: tuple[Pause, ...]
