"""What all work on requests shares: starting, running steps, and ending. `retries` says what follows a failure.

A workflow takes the request whose id it has; the workflow of an erasure takes all waiting erasures (`begin_all`),
because much of the work costs the same for one as for many. The taken requests are recorded in `WorkRow`, so that no
one else starts them, and they are not stranded if the workflow fails.

A step is a function of one or several request ids, and is safe to repeat: it may run again from its start after a
crash. It never holds a transaction of the governance database while it waits for the lake. A failure is a value with
words for the person; the details go to the log, and neither contains captured content.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import lazyload

import clock
import tracing
from directory.keys import WrongMasterKey
from governance import receipts
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.domain.scopes import RequestScope
from governance.logs import log_unexpected
from governance.requests.controller_tables import vouched_for
from governance.requests.filing import move
from governance.requests.retries import waiting
from governance.requests.work_tables import WorkRow, let_go, work_rows
from home import HomeUnavailable
from lake.rules.scope import Scope
from lake.storage.connection import LakeUnavailable
from languages import mark
from parts import DiskFull, PartUnavailable, explained

logger = logging.getLogger("governance")

AT_MOST = 200
ALONE_AFTER = 3
"""Failures after which a request is processed alone: if it is the cause, it no longer holds up the others."""
MISSING = mark("A part of Open Book is missing or damaged just now; the people who run it have to restore it.")
RETRYING = mark("We retry automatically; you need not do anything.")
DISK_FULL = mark("The disk is full.")
KEPT = mark("Your request is kept; we retry automatically.")
NOTHING_LOST = mark("We retry automatically; nothing is lost.")
FILED_SIGNED_IN = mark("You were signed in when you filed this, so we know that it is yours.")

Of = TypeVar("Of")
Step = Callable[[UUID], None]
JointStep = Callable[[Sequence[UUID]], None]
Taken = list[tuple[str, int]]
"""Requests that a workflow works on: the id, and the number of failures before this attempt, which identifies it."""


class ManyStep(Protocol):
    """A step of one request, or of several at about the cost of one. Raises PostponedSome after it was done for the
    others; after any other failure it may not have been done for any."""

    __name__: str

    def __call__(self, *request_ids: UUID) -> None: ...


class Postponed(Exception):
    """This can't be done just now; the message gives the person the reason."""


class PostponedSome(Postponed):
    """This can't be done just now for these requests, each with its own reason for its person."""

    def __init__(self, reasons: Mapping[UUID, str]) -> None:
        super().__init__(" ".join(dict.fromkeys(reasons.values())))
        self.reasons = reasons


@dataclass(frozen=True)
class Work:
    """What a step needs to know about its request. Times are naive UTC."""

    id: UUID
    subject: UUID
    type: str
    scope: Scope
    received_at: datetime
    outcome: dict[str, Any]


def read_work(request_id: UUID) -> Work:
    [work] = read_works([request_id])
    return work


def read_works(request_ids: Sequence[UUID]) -> list[Work]:
    """In the order of these requests, without their histories."""
    rows = select(RequestRow).where(RequestRow.id.in_(request_ids)).options(lazyload("*"))
    with reading() as session:
        works = {row.id: work_of(row) for row in session.scalars(rows)}
    return [works[request_id] for request_id in request_ids]


def work_of(row: RequestRow) -> Work:
    scope = RequestScope.model_validate(row.scope).of_the_lake()
    return Work(row.id, row.subject, row.type, scope, row.received_at, row.outcome or {})


def first_end(row: RequestRow) -> datetime | None:
    """When it first ended (naive UTC), even if work on it resumed since."""
    return min((event.at for event in row.history if State(event.state).final), default=None)


def begin(request_id: UUID, workflow: str | None = None) -> Taken:
    """Let a workflow (default: the first one, which has the request's id) start or retry a request.

    Empty: there is nothing to do. It was withdrawn, has ended, waits for a decision, or another workflow has it.
    """
    return _begin(request_id, workflow or str(request_id), at_most=1)


def begin_all(request_id: UUID, workflow: str) -> Taken:
    """`begin`, together with all waiting requests of the same type, in the order of `waiting`, at most `AT_MOST` in
    total; but one that has failed `ALONE_AFTER` times is alone.
    """
    return _begin(request_id, workflow, at_most=AT_MOST)


def _begin(request_id: UUID, workflow: str, at_most: int) -> Taken:
    taken = select(RequestRow).join(WorkRow).where(WorkRow.workflow == workflow, RequestRow.state == State.IN_PROGRESS)
    with writing() as session:
        rows = list(session.scalars(taken.order_by(RequestRow.received_at, RequestRow.id)))
        if not rows:
            rows = list(session.scalars(waiting().where(RequestRow.id == request_id)))
        if rows and len(rows) < at_most and rows[0].attempts < ALONE_AFTER:
            others = waiting().where(
                RequestRow.type == rows[0].type,
                RequestRow.attempts < ALONE_AFTER,
                RequestRow.id.not_in([row.id for row in rows]),
            )
            rows += session.scalars(others.limit(at_most - len(rows)))
        works = work_rows(session, [row.id for row in rows])
        vouched = vouched_for(session, [row.id for row in rows])
        for row in rows:
            _take(row, vouched.get(row.id, FILED_SIGNED_IN))
            works[row.id].workflow = workflow
        return [(str(row.id), row.attempts) for row in rows]


def _take(row: RequestRow, vouched: str) -> None:
    if row.state == State.RECEIVED:
        move(row, State.VERIFYING, vouched)
    if row.state == State.VERIFYING:
        move(row, State.IN_PROGRESS, mark("Work has begun."))
    elif row.state == State.FAILED:
        move(row, State.IN_PROGRESS, mark("We are trying again."))
    row.failure = row.retry_at = None


def trying(begins: Callable[[UUID, str], Taken], request_id: UUID, workflow: str) -> Taken:
    """`begin` or `begin_all`; empty also if that failed: then the requests wait until a worker calls `begin_later`."""
    try:
        return begins(request_id, workflow)
    except Exception as error:
        log_unexpected(error)
        return []


def begin_again(row: RequestRow, words: str) -> None:
    """Reopen an ended request, because what withheld part of it no longer applies. In a writing session."""
    move(row, State.IN_PROGRESS, words)
    row.completed_at = None
    row.attempts += 1
    let_go(row)


def add(row: RequestRow, **counts: Any) -> None:
    """Add to the request's outcome, in a writing session."""
    row.outcome = {**(row.outcome or {}), **counts}


def end(row: RequestRow, state: State, words: str) -> None:
    """End a request and issue its receipt."""
    end_all([(row, state, words)])


def end_all(ended: Sequence[tuple[RequestRow, State, str]]) -> None:
    """`end` for each, all or none, with their receipts in this order."""
    for row, state, words in ended:
        move(row, state, words)
        row.completed_at = clock.now_utc()
        row.failure = row.retry_at = None
        let_go(row)
    if ended:
        receipts.issue(*(row for row, _, _ in ended))


def attempt(step: Callable[[Of], None], of: Of) -> str | None:
    """Run a step; returns the reason in words if it failed."""
    try:
        with tracing.step(step.__name__):
            step(of)
    except Exception as error:
        reason = _reason(error)
        logger.warning("%s failed for %s: %s", step.__name__, of, reason)
        return reason
    return None


def attempt_each(steps: Iterable[Step], request_id: UUID) -> str | None:
    """Run a request's steps in order; returns the reason in words if one failed, which is then the last.

    Runs none if it is no longer in progress: denied meanwhile, or ended before a crash.
    """
    for step in steps:
        with reading() as session:
            if session.scalar(select(RequestRow.state).where(RequestRow.id == request_id)) != State.IN_PROGRESS:
                return None
        if (reason := attempt(step, request_id)) is not None:
            return reason
    return None


def attempt_many(steps: Iterable[ManyStep], request_ids: Sequence[UUID], workflow: str) -> dict[UUID, str]:
    """Run the steps of several requests in order, each step for all of them at once; returns the reason in words for
    each request of which one failed, which is then its last.

    Takes only requests that are still in progress and that this workflow still has.
    """
    failures: dict[UUID, str] = {}
    for step in steps:
        if left := [one for one in _still_of(workflow, request_ids) if one not in failures]:
            failures |= _attempt_many(step, left, workflow)
    return failures


def _still_of(workflow: str, request_ids: Sequence[UUID]) -> list[UUID]:
    in_progress = select(RequestRow.id).join(WorkRow).where(RequestRow.state == State.IN_PROGRESS)
    with reading() as session:
        still = set(session.scalars(in_progress.where(WorkRow.workflow == workflow, RequestRow.id.in_(request_ids))))
    return [request_id for request_id in request_ids if request_id in still]


def _attempt_many(step: ManyStep, request_ids: Sequence[UUID], workflow: str) -> dict[UUID, str]:
    """If it fails for all, it runs for each alone: an odd one costs the others time, and nothing else."""
    try:
        with tracing.step(step.__name__):
            step(*request_ids)
    except PostponedSome as error:
        logger.warning("%s failed for %s: %s", step.__name__, list(error.reasons), error)
        return {request_id: f"{reason} {RETRYING}" for request_id, reason in error.reasons.items()}
    except Exception as error:
        reason = _reason(error)
        logger.warning("%s failed for %s: %s", step.__name__, request_ids, reason)
        if len(request_ids) == 1:
            return {request_ids[0]: reason}
    else:
        return {}
    alone = {request_id: attempt(step, request_id) for request_id in _still_of(workflow, request_ids)}
    return {request_id: failure for request_id, failure in alone.items() if failure is not None}


def _reason(error: Exception) -> str:
    if isinstance(error, Postponed | LakeUnavailable):
        return f"{error} {RETRYING}"
    if isinstance(error, HomeUnavailable):
        logger.error("%s", error)
        return f"{MISSING} {NOTHING_LOST}"
    reference = log_unexpected(error)
    match explained(error):
        case DiskFull():
            return f"{DISK_FULL} {NOTHING_LOST}"
        case WrongMasterKey():
            return mark(
                "The key that protects the stored data is not the right one, so nothing of yours could be opened. Your "
                "employer has to fix this; we retry automatically, and nothing is lost."
            )
        case PartUnavailable() as known:
            return f"{known} {RETRYING}"
    return f"Something went wrong on our side (reference {reference}). {KEPT}"
