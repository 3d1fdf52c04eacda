"""The table of saved views. What they say is sealed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base


class SavedViewRow(Base):
    """The id is chosen by the caller, and is one person's alone."""

    __tablename__ = "saved_view"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    """Name, page and query, sealed under the person's content key for the id."""
    saved_at: Mapped[datetime]
