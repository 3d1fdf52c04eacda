"""Which records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Scope:
    """Which records a request is about: signals x applications x time; a missing field doesn't restrict.

    `from_at` is inclusive, `until_at` exclusive; a naive time is treated as UTC.
    """

    signals: Sequence[str] | None = None
    applications: Sequence[str] | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """In the API's format."""
        values = {
            "signals": None if self.signals is None else list(self.signals),
            "applications": None if self.applications is None else list(self.applications),
            "from": _text(self.from_at),
            "until": _text(self.until_at),
        }
        return {name: value for name, value in values.items() if value is not None}


def _text(time: datetime | None) -> str | None:
    """RFC 3339; a naive time is UTC."""
    if time is None:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()
