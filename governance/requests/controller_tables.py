"""Tables of requests that another controller sent over OpenDSR, and whom to call back. No identities."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from governance.db.tables import Base, RequestRow


class ControllerRequestRow(Base):
    """A request received over OpenDSR, and our own request that was created for it."""

    __tablename__ = "controller_request"
    __table_args__ = (UniqueConstraint("controller", "subject_request_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    controller: Mapped[str] = mapped_column(String(253))
    """The domain of the controller."""
    subject_request_id: Mapped[UUID]
    subject_request_type: Mapped[str] = mapped_column(String(20))
    regulation: Mapped[str] = mapped_column(String(20))
    submitted_at: Mapped[datetime]
    received_at: Mapped[datetime]
    expected_at: Mapped[datetime]
    """The date in the first answer; repeated requests get the same one."""
    callback_urls: Mapped[list[str]] = mapped_column(JSON)

    request: Mapped[RequestRow] = relationship()
    callbacks: Mapped[list[CallbackRow]] = relationship(order_by="CallbackRow.id")


class CallbackRow(Base):
    """One address to call back, and how far its controller has been notified."""

    __tablename__ = "status_callback"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("controller_request.request_id"), index=True)
    url: Mapped[str]
    told_event: Mapped[int] = mapped_column(default=0)
    """The last entry of the request's history that needs no further notification."""
    told_status: Mapped[str] = mapped_column(String(20), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    """Failures in a row."""
    retry_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    """Nothing more to send, or given up."""


def vouched_for(session: Session, request_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who vouches that a request is the person's own wish, in words; absent if they filed it themselves."""
    rows = session.scalars(select(ControllerRequestRow).where(ControllerRequestRow.request_id.in_(request_ids)))
    return {row.request_id: f"{row.controller} signed this and vouches that it is your wish." for row in rows}
