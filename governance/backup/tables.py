"""The table of backups."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base


class BackupRow(Base):
    """A backup of this home. The row exists before the first byte of the backup, and outlives it."""

    __tablename__ = "backup"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    folder: Mapped[str]
    made_at: Mapped[datetime]
    """When it was started."""
    key_part_until: Mapped[date]
    """The last day (UTC) on which a key part may exist."""
    destroyed_at: Mapped[datetime | None]
    """When its key part was destroyed; null: it may still exist."""
