"""The leases, without what is in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base


class LeaseRow(Base):
    """One that a program asked for."""

    __tablename__ = "training_lease"
    __table_args__ = (Index("ix_training_lease_program", "program", "dataset_version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dataset_version: Mapped[UUID]
    dataset: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(200))
    program: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    until: Mapped[datetime]
    attempt: Mapped[int]
    """Of writing it; a writer whose attempt is no longer this one stops."""
    ready_at: Mapped[datetime | None]
    records: Mapped[int | None]
    files: Mapped[int | None]
    fingerprint: Mapped[str | None] = mapped_column(String(40))
    """Of the records in it (`lake.datasets.training_export.fingerprint`)."""
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    reason: Mapped[str | None] = mapped_column(String(20))
    """Why it ended: `governance.schemas.datasets.Reason`."""
