"""When a failed request is retried, and which requests can be started now.

After each failure in a row the pause is twice as long, at most `LONGEST_PAUSE`; it is retried until it succeeds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

import clock
from governance.db.database import due, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.requests.filing import move
from governance.requests.work_tables import WorkRow, let_go

LONGEST_PAUSE = timedelta(hours=1)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures in a row: 5 seconds, doubled each time, at most an hour."""
    return min(timedelta(seconds=5 << min(attempts - 1, 16)), LONGEST_PAUSE)


def waiting() -> Select[RequestRow]:
    """The requests that can be started now: new ones, failed ones that are due, and those that were reopened.

    In a fair order: the first of each person, then the second of each, and so on.
    """
    turn = func.row_number().over(partition_by=RequestRow.subject, order_by=(RequestRow.received_at, RequestRow.id))
    return (
        select(RequestRow)
        .outerjoin(WorkRow, WorkRow.request_id == RequestRow.id)
        .where(
            ~RequestRow.awaits_decision,
            ~RequestRow.waits,
            due(RequestRow.retry_at, LONGEST_PAUSE),
            or_(
                RequestRow.state.in_((State.RECEIVED, State.VERIFYING, State.FAILED)),
                and_(RequestRow.state == State.IN_PROGRESS, WorkRow.workflow.is_(None)),
            ),
        )
        .order_by(turn, RequestRow.received_at, RequestRow.id)
    )


def begin_later(request_id: UUID, attempts: int) -> None:
    """Schedule the next attempt, with an id of its own, after an attempt that ended before it could start.

    Does nothing unless the request is still waiting for that attempt.
    """
    with writing() as session:
        row = session.scalar(waiting().where(RequestRow.id == request_id, RequestRow.attempts == attempts))
        if row is not None:
            row.attempts += 1
            row.retry_at = clock.now_utc() + pause_after(row.attempts)


def fail(request_id: UUID, reason: str, attempts: int) -> None:
    """Show on the request that this attempt failed, and schedule the next.

    `attempts` is what `begin` returned; does nothing if a later attempt is already running.
    """
    fail_all([(str(request_id), attempts)], reason)


def fail_all(taken: Iterable[tuple[str, int]], reason: str) -> None:
    """`fail` for each."""
    with writing() as session:
        for request_id, attempts in taken:
            row = session.get_one(RequestRow, UUID(request_id))
            if row.state == State.IN_PROGRESS and row.attempts == attempts:
                row.attempts += 1
                row.retry_at = clock.now_utc() + pause_after(row.attempts)
                row.failure = reason
                move(row, State.FAILED, reason)
                let_go(row)
