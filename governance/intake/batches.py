"""What became of each body, for the service that sent it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

import clock
from errors import NotFound
from governance.db.database import reading, writing
from governance.intake.tables import STORED, WAITING, IntakeBatchRow
from governance.schemas.recording import CaptureBatch, CaptureCounts, QuarantinedLine

KEPT = timedelta(days=30)
"""How long a batch, and with it its `Idempotency-Key`, is remembered after nothing of it waits any more."""


class NoSuchBatch(NotFound):
    """There is no such batch, or another service sent it."""


def of_service(batch: UUID, service: str) -> CaptureBatch:
    """Raises NoSuchBatch."""
    with reading() as session:
        row = session.get(IntakeBatchRow, batch)
    if row is None or row.service != service:
        raise NoSuchBatch("There is no such batch of this service, or it was forgotten after 30 days.")
    return CaptureBatch(
        batch=row.id,
        state=row.state,
        received_at=row.received_at,
        settled_at=row.settled_at,
        read=row.read,
        waiting=0 if row.state == STORED else row.read - sum(row.counts.values()),
        counts=CaptureCounts(**row.counts),
        reasons=row.reasons,
        quarantined=[QuarantinedLine(line=line, reason=reason) for line, reason in row.lines],
    )


def oldest_waiting() -> datetime | None:
    """When the oldest body that waits was received; naive UTC."""
    with reading() as session:
        return session.scalar(select(func.min(IntakeBatchRow.received_at)).where(IntakeBatchRow.state == WAITING))


def forget_old() -> None:
    """Those that ended long ago."""
    with writing() as session:
        old = IntakeBatchRow.state != WAITING, IntakeBatchRow.settled_at <= clock.now_utc() - KEPT
        session.execute(delete(IntakeBatchRow).where(*old))
