"""What people are told, what they chose, and the messages that carry it. No content and no names."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base


class MessageRow(Base):
    """An e-mail or a call of a webhook, until it is sent or given up. The same id is sent with every attempt."""

    __tablename__ = "message"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID | None] = mapped_column(index=True)
    """To whom, at their address in the directory or their webhook when it is sent."""
    week: Mapped[date | None]
    """A digest of the week that begins on this Monday; None: it carries notifications."""
    place: Mapped[str] = mapped_column(String(64))
    """`person` (their e-mail) or `chat` (their webhook); of digests `officer`, `digest` (the address of the settings),
    or the SHA-256 of a webhook's URL."""
    made_at: Mapped[datetime]
    attempts: Mapped[int]
    retry_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    sent: Mapped[bool]


class NotificationRow(Base):
    """Something that a person is told, once."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("subject", "kind", "about"),
        Index("ix_notification_subject_at", "subject", "at"),
        Index("ix_notification_to_mail", "to_mail"),
        Index("ix_notification_to_chat", "to_chat"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    """Counts the notifications of everybody: it never leaves this database."""
    subject: Mapped[UUID]
    number: Mapped[int] = mapped_column(server_default="0")
    """Counted from 1 for this person."""
    kind: Mapped[str] = mapped_column(String(30))
    about: Mapped[str] = mapped_column(String(64))
    """An id or a digest of what happened."""
    at: Mapped[datetime]
    in_app: Mapped[bool]
    to_mail: Mapped[bool]
    """It waits for an e-mail."""
    to_chat: Mapped[bool] = mapped_column(server_default=false())
    """It waits for a message to their webhook."""
    seen_at: Mapped[datetime | None]
    message: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"), index=True)
    """The e-mail that carries it."""
    chat_message: Mapped[UUID | None] = mapped_column(
        ForeignKey("message.id", name="fk_notification_chat_message"), index=True
    )


class ChoiceRow(Base):
    """How a person wants to be told: comma-separated groups. No row: the defaults."""

    __tablename__ = "notification_choice"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    app: Mapped[str] = mapped_column(String(200))
    mail: Mapped[str] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(5))
    """Of their messages; None: they chose none."""
    chat: Mapped[str] = mapped_column(String(200), server_default="")
    chat_host: Mapped[str | None] = mapped_column(String(255))
    """Of their webhook of Slack or Teams; None: they connected none."""
    sealed_webhook: Mapped[bytes | None]
    """Its URL (`directory.keys.seal_address`)."""
    chosen_at: Mapped[datetime]


class DigestRow(Base):
    """The digest of the week that begins on a Monday, the same for everybody who gets it."""

    __tablename__ = "digest"

    week: Mapped[date] = mapped_column(primary_key=True)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class ToldUntilRow(Base):
    """How far the worker has looked for what to tell."""

    __tablename__ = "told_until"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
