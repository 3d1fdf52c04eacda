"""Tables for the workers only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from governance.db.tables import Base, RequestRow


class WorkRow(Base):
    """The state of the work on a request."""

    __tablename__ = "work"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    workflow: Mapped[str | None] = mapped_column(String(50), index=True)
    """The workflow that works on it; None: none."""
    cleared: Mapped[bool] = mapped_column(default=False)
    """For an erasure: what it removed is in no export either, so exports may be written again."""
    tombstone_open: Mapped[bool] = mapped_column(default=False)
    """For an erasure of everything: its tombstone has no end in time yet."""
    key_print: Mapped[str | None] = mapped_column(String(32))
    """The fingerprint of the content key that it destroyed or, while that key still exists, is about to destroy."""
    made_before: Mapped[datetime | None]
    """For an erasure: model versions made before then can't have learned from what it removed. Worked out before it is
    removed; a time of models, not of captures. None: dates rule nothing out."""


class SweepRow(Base):
    """A day whose sweep is done and recorded in the ledger."""

    __tablename__ = "sweep"

    day: Mapped[date] = mapped_column(primary_key=True)
    counted_until: Mapped[datetime]
    """When retention removed the last of what its ledger entry covers."""
    listed: Mapped[bool] = mapped_column(default=False)
    """Whether the moments that it covers are in `SweptMomentRow`."""


class SweptMomentRow(Base):
    """A moment, by the clock at the time, at which retention removed captures that a ledger entry covers."""

    __tablename__ = "swept_moment"

    at: Mapped[datetime] = mapped_column(primary_key=True)


def work_row(session: Session, request_id: UUID) -> WorkRow:
    """The record of the work on a request; in a writing session."""
    row = session.get(WorkRow, request_id)
    return _new(session, request_id) if row is None else row


def work_rows(session: Session, request_ids: Collection[UUID]) -> dict[UUID, WorkRow]:
    """`work_row` of several requests. While the caller has them, `work_row` asks the database for none of them."""
    rows = {row.request_id: row for row in session.scalars(select(WorkRow).where(WorkRow.request_id.in_(request_ids)))}
    return {one: rows[one] if one in rows else _new(session, one) for one in request_ids}


def _new(session: Session, request_id: UUID) -> WorkRow:
    row = WorkRow(request_id=request_id, workflow=None, cleared=False, tombstone_open=False, key_print=None)
    session.add(row)
    return row


def let_go(row: RequestRow) -> None:
    """No workflow works on this request any more. In a writing session."""
    session = object_session(row)
    assert session is not None
    work_row(session, row.id).workflow = None
