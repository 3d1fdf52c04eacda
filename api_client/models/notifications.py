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
    """Groups of notifications: those shown in the app, those sent by e-mail, and those sent to Slack or Teams."""

    app: tuple[str, ...]
    mail: tuple[str, ...]
    language: str | None
    """In which messages are written, as ISO 639-1; None: none was chosen."""
    chosen_at: datetime | None
    """None: these are the defaults."""
    mail_available: bool
    """Whether the installation sends e-mail."""
    chat: tuple[str, ...]
    chat_host: str | None
    """The host of the webhook of Slack or Teams that you connected; None: none."""
    chat_hosts: tuple[str, ...]
    """Hosts of which webhooks may be; those that begin with a dot stand for all below. Empty: none."""
