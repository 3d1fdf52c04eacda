"""The tables of what only the workers need to know."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from governance.db.tables import Base


class WorkRow(Base):
    """How work on a request stands."""

    __tablename__ = "work"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    workflow: Mapped[str | None] = mapped_column(String(50), index=True)
    """The workflow that works on it; None: none does."""
    cleared: Mapped[bool] = mapped_column(default=False)
    """An erasure: what it took out is in no export either, so that exports may be written again."""
    tombstone_open: Mapped[bool] = mapped_column(default=False)
    """An erasure of everything: its tombstone has no end in time yet."""
    key_print: Mapped[str | None] = mapped_column(String(32))
    """The fingerprint of the content key that it destroyed or, as long as that key is there, is about to."""


class SweepRow(Base):
    """A day whose sweep is done and in the ledger."""

    __tablename__ = "sweep"

    day: Mapped[date] = mapped_column(primary_key=True)
    counted_until: Mapped[datetime]
    """When retention took out the last of what its entry in the ledger tells."""
    listed: Mapped[bool] = mapped_column(default=False)
    """Whether the moments that it tells of are in `SweptMomentRow`."""


class SweptMomentRow(Base):
    """A moment, by the clock as it was, at which retention took captures out that an entry of the ledger tells of."""

    __tablename__ = "swept_moment"

    at: Mapped[datetime] = mapped_column(primary_key=True)


def work_row(session: Session, request_id: UUID) -> WorkRow:
    """What is known of the work on a request; in a writing session."""
    row = session.get(WorkRow, request_id)
    if row is None:
        row = WorkRow(request_id=request_id, workflow=None, cleared=False, tombstone_open=False, key_print=None)
        session.add(row)
    return row
