"""The newest register, and the one before it until the ledger has the newest. Older ones are deleted: their entries and
roots stay in the ledger."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base


class RegisterRow(Base):
    """The register of a day."""

    __tablename__ = "register"

    day: Mapped[date] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(ForeignKey("ledger_entry.position"))
    members: Mapped[bytes] = mapped_column(LargeBinary(32))
    """A digest of who was in it, to see whether that changed."""
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    """The salts of its leaves follow from it."""
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
    """Their hashes, 32 bytes each, in increasing order."""
