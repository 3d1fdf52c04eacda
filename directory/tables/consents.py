"""Consents of people to capture policies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import Base


class ConsentRow(Base):
    """Times naive UTC. Rows stay, also when the consent was withdrawn."""

    __tablename__ = "consent"

    consent: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(index=True)
    policy: Mapped[str] = mapped_column(String)
    notice: Mapped[UUID]
    """What they consented to: a version of the policy's notice."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the text that they read."""
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
