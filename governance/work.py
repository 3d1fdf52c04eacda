"""What every step of a request's work shares: how it begins, how it ends, and how a failure is told.

A step is a function of the request's id, safe to repeat: it may run again after a crash, from its start.
It never holds a transaction of the governance database while it waits for the lake. A failure is a value
with words for the person; what exactly happened goes to the log, and neither holds captured content.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import clock
from governance.database import reading, writing
from governance.errors import log_unexpected
from governance.lifecycle import State
from governance.models import RequestRow
from governance.requests import move
from governance.scopes import RequestScope
from lake.connection import LakeUnavailable
from lake.scope import Scope

logger = logging.getLogger("governance")

Step = Callable[[UUID], None]


class Postponed(Exception):
    """This can't be done just now, for a reason that the message gives to the person."""


@dataclass(frozen=True)
class Work:
    """What a step needs to know of its request. Times are naive UTC."""

    id: UUID
    subject: UUID
    type: str
    scope: Scope
    received_at: datetime
    outcome: dict[str, Any]


def read_work(request_id: UUID) -> Work:
    with reading() as session:
        row = session.get_one(RequestRow, request_id)
        scope = RequestScope.model_validate(row.scope).of_the_lake()
        return Work(row.id, row.subject, row.type, scope, row.received_at, row.outcome or {})


def begin(request_id: UUID) -> int | None:
    """Start a request, or try it again; the number of failures before this attempt, by which it is known.

    None: there is nothing to do, it was withdrawn or has ended.
    """
    with writing() as session:
        row = session.get_one(RequestRow, request_id)
        if row.state == State.RECEIVED:
            move(row, State.VERIFYING, "You filed this signed in, so we know that it is yours.")
        if row.state == State.VERIFYING:
            move(row, State.IN_PROGRESS, "Work has begun.")
        elif row.state == State.FAILED:
            move(row, State.IN_PROGRESS, "We are trying again.")
        row.failure = row.retry_at = None
        return None if State(row.state).final else row.attempts


def try_to_begin(request_id: UUID) -> int | None:
    """`begin`; None also where that failed. The request waits as before, until a worker calls `begin_later`."""
    try:
        return begin(request_id)
    except Exception as error:
        log_unexpected(error)
        return None


def begin_later(request_id: UUID, attempts: int) -> None:
    """An attempt ended before it could begin: the next one, which has an id of its own, gets a time.

    Does nothing unless the request still waits for that very attempt.
    """
    with writing() as session:
        row = session.get_one(RequestRow, request_id)
        if row.attempts == attempts and row.state in (State.RECEIVED, State.VERIFYING, State.FAILED):
            row.attempts += 1
            row.retry_at = clock.now_utc() + pause_after(row.attempts)


def record(request_id: UUID, **counts: Any) -> None:
    """Add to the request's outcome."""
    with writing() as session:
        row = session.get_one(RequestRow, request_id)
        row.outcome = {**(row.outcome or {}), **counts}


def end(row: RequestRow, state: State, words: str) -> None:
    """Bring a request to its end."""
    move(row, state, words)
    row.completed_at = clock.now_utc()
    row.failure = row.retry_at = None


def fail(request_id: UUID, reason: str, attempts: int) -> None:
    """Show on the request that this attempt failed, and set the time of the next.

    `attempts` is what `begin` gave; does nothing where a later attempt is already under way.
    """
    with writing() as session:
        row = session.get_one(RequestRow, request_id)
        if row.state == State.IN_PROGRESS and row.attempts == attempts:
            row.attempts += 1
            row.retry_at = clock.now_utc() + pause_after(row.attempts)
            row.failure = reason
            move(row, State.FAILED, reason)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures in a row: 5 seconds, doubled each time, at most an hour."""
    return timedelta(seconds=min(5 << min(attempts - 1, 16), 3600))


def attempt(step: Step, request_id: UUID) -> str | None:
    """Run a step; the reason in words if it failed."""
    try:
        step(request_id)
    except Exception as error:
        reason = _reason(error)
        logger.warning("request %s: %s failed: %s", request_id, step.__name__, reason)
        return reason
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, Postponed | LakeUnavailable):
        return f"{error} We try again by ourselves; you need not do anything."
    reference = log_unexpected(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. We try again by ourselves; nothing is lost."
    return f"Something went wrong on our side (reference {reference}). We try again by ourselves; nothing is lost."
