"""When people paused the recording of their work."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

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
