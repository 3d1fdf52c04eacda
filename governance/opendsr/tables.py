"""Tables of OpenDSR: requests from controllers, whom to call back, notices to processors. No identities."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base


class ProcessorNoticeRow(Base):
    """The notice of one erasure to one processor."""

    __tablename__ = "processor_notice"
    __table_args__ = (UniqueConstraint("request_id", "domain"),)

    subject_request_id: Mapped[UUID] = mapped_column(primary_key=True)
    """Created for this processor alone, so that two of them can't compare ids."""
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), index=True)
    domain: Mapped[str] = mapped_column(String(253))
    state: Mapped[str] = mapped_column(String(20), index=True)
    changed_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    """How often the notice failed."""
    acknowledged_at: Mapped[datetime | None]
    acknowledgement: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Its 201 without the identity in it, the SHA-256 of the whole answer, and its signature over that."""
    status: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The last status it signed, only codes and times."""
    asked: Mapped[int] = mapped_column(default=0)
    ask_at: Mapped[datetime | None] = mapped_column(index=True)
    """When to poll next; null: no more."""
