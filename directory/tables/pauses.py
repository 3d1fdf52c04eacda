"""When people paused the recording of their work."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import Base


class PauseRow(Base):
    """Times naive UTC. Rows stay: a recorder may send what is from a pause long after it."""

    __tablename__ = "pause"

    pause: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(index=True)
    begins_at: Mapped[datetime]
    until_at: Mapped[datetime]
    """The first moment that is not in it."""


class PauseHoursRow(Base):
    """Hours of days of the week in which the person pauses. Rows stay, also when they have ended."""

    __tablename__ = "pause_hours"

    hours: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(index=True)
    days: Mapped[str] = mapped_column(String(7))
    """Digits: 1 is Monday."""
    begins: Mapped[int]
    ends: Mapped[int]
    """Minutes of the local day; the first that is not in it."""
    zone: Mapped[str] = mapped_column(String(64))
    """IANA; that of the person when they set it."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """From when on it is no longer in force; None: it is."""
