"""Requests on disk: filing, following and withdrawing them. Another person's request is as good as none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from directory import Employee
from governance import answers, lifecycle
from governance.database import reading, writing
from governance.lifecycle import State, Type
from governance.models import EventRow, ExportRow, IdempotencyRow, RequestRow
from governance.scopes import RequestScope


class NoSuchRequest(LookupError):
    """There is no such request of this person."""


class KeyUsedDifferently(ValueError):
    """This Idempotency-Key came with another body before. Nothing was changed."""


@dataclass(frozen=True)
class Filed:
    """A request that is on disk; `repeated` says that an earlier call with the same key put it there."""

    request: answers.Request
    repeated: bool


def file(employee: Employee, new: answers.NewRequest, idempotency_key: str | None) -> Filed:
    """Put a request on disk; the same key and body again give the same request. Raises KeyUsedDifferently."""
    body = new.model_dump(mode="json", by_alias=True)
    digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    with writing() as session:
        used = session.get(IdempotencyRow, (employee.subject, idempotency_key)) if idempotency_key else None
        if used is not None:
            if used.body_sha256 != digest:
                raise KeyUsedDifferently(
                    "This Idempotency-Key was used for a different request. Nothing was changed; use a new key."
                )
            return Filed(_answer(session.get_one(RequestRow, used.request_id)), repeated=True)
        now = clock.now()
        due = _naive(lifecycle.due_at(employee.regime, now))
        row = RequestRow(
            id=uuid4(),
            subject=employee.subject,
            type=new.type,
            state=State.RECEIVED,
            scope=body["scope"],
            regime=employee.regime,
            received_at=_naive(now),
            due_at=due,
            first_due_at=due,
        )
        session.add(row)
        note(row, "We have your request.")
        session.flush()
        if idempotency_key:
            session.add(
                IdempotencyRow(
                    subject=employee.subject,
                    key=idempotency_key,
                    body_sha256=digest,
                    request_id=row.id,
                    used_at=row.received_at,
                )
            )
        return Filed(_answer(row), repeated=False)


def all_of(subject: UUID) -> list[answers.Request]:
    """The person's requests, newest first."""
    newest_first = (
        select(RequestRow).where(RequestRow.subject == subject).order_by(RequestRow.received_at.desc(), RequestRow.id)
    )
    with reading() as session:
        return [_answer(row) for row in session.scalars(newest_first)]


def one_of(subject: UUID, request_id: UUID) -> answers.Request:
    """Raises NoSuchRequest."""
    with reading() as session:
        return _answer(_own(session, subject, request_id))


def withdraw(subject: UUID, request_id: UUID) -> answers.Request:
    """Take a request back; withdrawing it again changes nothing. Raises NoSuchRequest, NotAllowed."""
    with writing() as session:
        row = _own(session, subject, request_id)
        if row.state != State.WITHDRAWN:
            move(row, State.WITHDRAWN, "You withdrew this request.")
            row.completed_at = clock.now_utc()
        return _answer(row)


def move(row: RequestRow, to: State, words: str) -> None:
    """Bring a request to another state, with an entry in its history. Raises NotAllowed."""
    step = lifecycle.transition(Type(row.type), State(row.state), to, clock.now_utc(), words)
    row.state = step.state
    row.history.append(EventRow(at=step.at, state=step.state, note=step.note))


def note(row: RequestRow, words: str) -> None:
    """Add to a request's history without a change of state."""
    row.history.append(EventRow(at=clock.now_utc(), state=row.state, note=words))


def _own(session: Session, subject: UUID, request_id: UUID) -> RequestRow:
    row = session.scalar(select(RequestRow).where(RequestRow.id == request_id, RequestRow.subject == subject))
    if row is None:
        raise NoSuchRequest("There is no such request of yours.")
    return row


def _answer(row: RequestRow) -> answers.Request:
    return answers.Request(
        id=row.id,
        type=lifecycle.Type(row.type),
        state=State(row.state),
        scope=RequestScope.model_validate(row.scope),
        regime=row.regime,
        received_at=row.received_at,
        note=None,
        due_at=row.due_at,
        first_due_at=row.first_due_at,
        extended=row.due_at != row.first_due_at,
        completed_at=row.completed_at,
        standing=None,
        decision=None,
        previewed=None,
        receipts=[],
        outcome=answers.Outcome.model_validate(row.outcome) if row.outcome is not None else None,
        failure=row.failure,
        history=[answers.Event.model_validate(event) for event in row.history],
        export=_export(row.export) if row.export else None,
    )


def _export(row: ExportRow) -> answers.Export:
    return answers.Export(
        size=row.size,
        sha256=row.sha256,
        expires_at=row.expires_at,
        available=row.deleted_at is None and clock.now_utc() < row.expires_at,
    )


def _naive(moment: Any) -> Any:
    return moment.astimezone(UTC).replace(tzinfo=None)
