"""A scope: which captures of one subject a request, tombstone or hold is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SIGNALS = (
    "mouse_move", "mouse_click", "scroll", "keystroke", "clipboard", "dropdown", "navigation", "form_edit",
    "window_focus", "screenshot", "message", "ticket", "afk",
)  # fmt: skip


CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far ahead of ours the clock of a recorder may be: a capture that is in the lake may bear a time that is
this much later than when it was ingested."""


@dataclass(frozen=True)
class Scope:
    """Signals x applications x time range; None does not restrict. Times are naive UTC, end exclusive."""

    signals: tuple[str, ...] | None = None
    applications: tuple[str, ...] | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None

    @property
    def everything(self) -> bool:
        return self == Scope()

    def parameters(self) -> dict[str, Any]:
        """The bound parameters `$signals, $applications, $from_at, $until_at` of the .sql files."""
        return {
            "signals": list(self.signals) if self.signals is not None else None,
            "applications": list(self.applications) if self.applications is not None else None,
            "from_at": self.from_at,
            "until_at": self.until_at,
        }
