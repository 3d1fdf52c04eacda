"""A scope: which captures of one subject a request, tombstone or hold is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SIGNAL_NAMES = {
    "mouse_move": "mouse movements",
    "mouse_click": "clicks",
    "scroll": "scrolls",
    "keystroke": "typed text",
    "clipboard": "copy and paste",
    "dropdown": "dropdown choices",
    "navigation": "pages visited",
    "form_edit": "form entries",
    "window_focus": "window changes",
    "screenshot": "screenshots",
    "message": "messages",
    "ticket": "tickets",
    "afk": "at the computer or away",
}
"""What people read for each, in notices as on the screens."""
SIGNALS = tuple(SIGNAL_NAMES)


CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far ahead a recorder's clock may be: a capture in the lake may have a time that is this much later than when it
was ingested."""


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

    def same_as(self, other: Scope) -> bool:
        """Whether both cover the same, with names in any order."""
        return self._unordered() == other._unordered()

    def covers(self, signal: str, application: str, at: datetime) -> bool:
        """Whether it covers a capture."""
        return (
            (self.signals is None or signal in self.signals)
            and (self.applications is None or application in self.applications)
            and (self.from_at is None or at >= self.from_at)
            and (self.until_at is None or at < self.until_at)
        )

    def overlaps(self, other: Scope) -> bool:
        """Whether a capture can fall under both."""
        begins = max((scope.from_at for scope in (self, other) if scope.from_at is not None), default=None)
        ends = min((scope.until_at for scope in (self, other) if scope.until_at is not None), default=None)
        return (
            _meet(self.signals, other.signals)
            and _meet(self.applications, other.applications)
            and (begins is None or ends is None or begins < ends)
        )

    def _unordered(self) -> tuple[object, ...]:
        names = (None if each is None else frozenset(each) for each in (self.signals, self.applications))
        return (*names, self.from_at, self.until_at)

    def parameters(self) -> dict[str, Any]:
        """The bound parameters `$signals, $applications, $from_at, $until_at` of the .sql files."""
        return {
            "signals": list(self.signals) if self.signals is not None else None,
            "applications": list(self.applications) if self.applications is not None else None,
            "from_at": self.from_at,
            "until_at": self.until_at,
        }


def _meet(some: tuple[str, ...] | None, others: tuple[str, ...] | None) -> bool:
    return some is None or others is None or not set(some).isdisjoint(others)
