"""The batches of continuous intake, in the governance database: counts and states, nobody's id."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base

WAITING, STORED, LOST = "waiting", "stored", "lost"


class IntakeBatchRow(Base):
    """One body that was accepted."""

    __tablename__ = "intake_batch"
    __table_args__ = (UniqueConstraint("service", "key_sha256", name="uq_intake_batch_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(60))
    key_sha256: Mapped[str] = mapped_column(String(64))
    """Of the `Idempotency-Key`."""
    body_print: Mapped[str] = mapped_column(String(64))
    """A hash of the body that only whoever knows the `Idempotency-Key` can make."""
    state: Mapped[str] = mapped_column(String(10), index=True)
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    read: Mapped[int]
    landed: Mapped[int]
    """How many of its records went into the landing file."""
    slots: Mapped[list[int] | None] = mapped_column(JSON)
    """The slots (`lake.storage.shards`) of the people of whom something waits; None: of anybody."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of that file."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """Records by outcome; without those that wait."""
    reasons: Mapped[dict[str, int]] = mapped_column(JSON)
    """Quarantined records by reason."""
    lines: Mapped[list[Any]] = mapped_column(JSON)
    """The first of these: line and reason."""
