"""The newest anchor of the access logs, and the end of each person's chain in it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base


class AnchorRow(Base):
    """The newest anchor. Earlier ones are deleted: their roots stay in the ledger."""

    __tablename__ = "access_anchor"

    number: Mapped[int] = mapped_column(primary_key=True)
    """Counted from 1."""
    day: Mapped[date]
    position: Mapped[int] = mapped_column(ForeignKey("ledger_entry.position"))
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    """The salts of its leaves follow from it."""
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
    """Their hashes, 32 bytes each, in increasing order."""


class ChainRow(Base):
    """The end of a person's chain in the newest anchor; none if there were no entries."""

    __tablename__ = "access_chain"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    entries: Mapped[int]
    head: Mapped[bytes] = mapped_column(LargeBinary(32))
