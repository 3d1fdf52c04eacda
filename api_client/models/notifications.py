"""What you were told, and how you want to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Notification:
    """That something happened. What it was is on the page."""

    id: int
    kind: str
    words: str
    page: str
    """The path of the page of the dashboard where to look; empty: Overview."""
    at: datetime
    seen_at: datetime | None


@dataclass(frozen=True)
class NotificationChoice:
    """Groups of notifications: those shown in the app, and those sent by e-mail."""

    app: tuple[str, ...]
    mail: tuple[str, ...]
    language: str | None
    """In which e-mail is written, as ISO 639-1; None: none was chosen."""
    chosen_at: datetime | None
    """None: these are the defaults."""
    mail_available: bool
    """Whether the installation sends e-mail."""
