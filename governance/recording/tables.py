"""Notices of capture policies: which the ledger has, and who said that they read one. And what recorders last said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base
from governance.ledger.tables import EntryRow


class NoticeToldRow(Base):
    """A notice whose hash is in the ledger."""

    __tablename__ = "notice_told"

    notice: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(ForeignKey(EntryRow.position))


class NoticeReadRow(Base):
    """A person said that they read a notice."""

    __tablename__ = "notice_read"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    notice: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    read_at: Mapped[datetime]


class RecorderRow(Base):
    """What a recorder last said: of one person, by one service token, on one device. No content and no names."""

    __tablename__ = "recorder"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(60), primary_key=True)
    device: Mapped[str] = mapped_column(String(60), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(40))
    """How its records come here: the name of a connector."""
    first_heard_at: Mapped[datetime]
    heard_at: Mapped[datetime] = mapped_column(index=True)
    told_silent_at: Mapped[datetime | None]
    """When its person was told that it is silent; None: they weren't, or it is heard again."""
