"""What a privacy officer decides about requests, and the list to decide from.

approve   work starts on a request that waited for approval
deny      the request ends; not possible once captures have been erased
extend    a later deadline, once, before the first one has passed

Reasons are codes (`law.reasons`); the officer sees no captured content, and no note unless its writer allows it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select, true
from sqlalchemy.orm import Session, defer

import clock
from directory import Directory, Employee
from directory.keys import Job, Why
from errors import Conflict
from governance import access_log, ledger, schemas
from governance.access_log import Purpose
from governance.db.database import reading, writing
from governance.db.tables import DecisionRow, EventRow, RequestRow
from governance.domain.lifecycle import OPEN, State, Type
from governance.domain.oneself import refuse_oneself
from governance.domain.scopes import RequestScope
from governance.ledger import trusted_time
from governance.requests import note_openings
from governance.requests.filing import NoSuchRequest, note
from governance.requests.notes import open_note
from governance.requests.progress import end
from governance.requests.serialize import extended
from languages import mark
from languages.saying import say
from law.deadlines import due_on, end_of
from law.reasons import Decision, Reason, appeal, words_of
from timekeeping import ClockDoubted

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


class CannotDecide(Conflict):
    """Not possible for this request in its current state. Nothing was changed."""


class NoteNotShared(Conflict):
    """The note isn't for the officer to read. Nothing was shown."""


def requests_for(officer: Employee, page: Paging, *, open_only: bool) -> list[schemas.OfficerRequest]:
    """A page of everyone's requests, the one due first at the top. The people concerned see this view in their access
    log.
    """
    which = RequestRow.state.in_(OPEN) if open_only else true()
    wanted = select(RequestRow).where(which).order_by(RequestRow.due_at, RequestRow.received_at, RequestRow.id)
    with reading() as session:
        rows = page.select(session, wanted.options(defer(RequestRow.outcome, raiseload=True)))
    access_log.record(officer, Purpose.DEADLINES, "requests", Counter(row.subject for row in rows))
    names = names_of({row.subject for row in rows})
    return [_answer(officer, row, names[row.subject]) for row in rows]


def decide(officer: Employee, request_id: UUID, decision: Decision, reason: Reason | None) -> schemas.OfficerRequest:
    """Raises NoSuchRequest, CannotDecide, AboutOneself."""
    with reading() as session:
        row = _existing(session, request_id)
    refuse_oneself(officer, row.subject)
    access_log.record(officer, Purpose.DECISION, "requests", {row.subject: 1})
    if decision == Decision.EXTEND:
        _require_trusted_time()
    with writing() as session:
        row = _existing(session, request_id)
        {Decision.APPROVE: _approve, Decision.DENY: _deny, Decision.EXTEND: _extend}[decision](row)
        row.decisions.append(
            DecisionRow(
                at=clock.now_utc(), decision=decision, reason=reason, role=officer.role, decided_by=officer.subject
            )
        )
        statement = {"request": str(row.id), "decision": decision.value, "reason": reason, "role": officer.role}
        ledger.append(session, "request_decided", statement, whose=row.subject)
        words = words_of(reason)
        if decision == Decision.APPROVE:
            note(row, words)
        elif decision == Decision.EXTEND:
            row.history.append(EventRow(at=clock.now_utc(), state=State.EXTENDED, note=f"{words} {_new_deadline(row)}"))
        else:
            end(row, State.DENIED, f"{words} {appeal(row.regime)}")
    return _answer(officer, row, names_of({row.subject})[row.subject])


def read_note(officer: Employee, request_id: UUID) -> schemas.SharedNote:
    """The note of a rectification that waits for a decision, if its writer allows it; or one that this officer and
    another opened (`note_openings`). The access log says so first.

    Raises NoSuchRequest, NoteNotShared, AboutOneself.
    """
    with reading() as session:
        row = _existing(session, request_id)
    refuse_oneself(officer, row.subject)
    shared = row.note_shared and row.awaits_decision
    if not shared and not note_openings.may_read(officer, request_id):
        raise NoteNotShared(mark("This note may not be read: its writer didn't allow it, or it has been decided."))
    why = Why.NOTE if shared else Why.OPENED_NOTE
    words = open_note(row, Job(uuid4(), officer.role, why, "note", actor=officer.subject))
    if words is None:
        raise NoteNotShared(mark("This note can no longer be opened: its key was destroyed."))
    return schemas.SharedNote(request=row.id, note=words)


def names_of(subjects: set[UUID]) -> dict[UUID, schemas.EmployeeName]:
    """The directory's names for these people, if it knows them."""
    if not subjects:
        return {}
    unknown = schemas.EmployeeName(name="Not in the directory", department="")
    with Directory.open() as directory:
        known = {
            person.subject: schemas.EmployeeName(name=person.name, department=person.department)
            for person in directory.everyone()
        }
    return {subject: known.get(subject, unknown) for subject in subjects}


def _approve(row: RequestRow) -> None:
    if not row.awaits_decision:
        raise CannotDecide(mark("This request is not waiting for approval. Nothing was changed."))
    row.awaits_decision = False


def _deny(row: RequestRow) -> None:
    _require_open(row)
    if row.buried:
        raise CannotDecide(mark("Records are already being erased for this request: it can no longer be denied."))
    row.awaits_decision = False


def _extend(row: RequestRow) -> None:
    _require_open(row)
    if extended(row):
        raise CannotDecide(mark("This request was already extended, which is possible only once. Nothing was changed."))
    if row.due_at < clock.now_utc():
        raise CannotDecide(mark("The deadline of this request has passed: it can no longer be extended."))
    row.due_on = due_on(row.regime, row.received_at.replace(tzinfo=UTC), row.zone, extended=True)
    row.due_at = clock.naive(end_of(row.due_on, row.zone))


def _require_open(row: RequestRow) -> None:
    if State(row.state) not in OPEN:
        raise CannotDecide(say("This request has ended: it is {state}. Nothing was changed.", state=row.state))


def _require_trusted_time() -> None:
    """Only a trusted clock can say whether a deadline has passed."""
    try:
        trusted_time.require()
    except ClockDoubted as error:
        raise CannotDecide(
            say("It can't be determined just now whether this deadline has passed. {error}", error=error)
        ) from error


def _new_deadline(row: RequestRow) -> str:
    return f"The deadline is now {row.due_on:%-d %B %Y}; it was {row.first_due_on:%-d %B %Y}."


def _existing(session: Session, request_id: UUID) -> RequestRow:
    row = session.get(RequestRow, request_id)
    if row is None:
        raise NoSuchRequest(mark("There is no such request."))
    return row


def _opening(officer: Employee, row: RequestRow) -> schemas.NoteOpening | None:
    if row.sealed_note is None:
        return None
    with reading() as session:
        opening = note_openings.current(session, row.id)
    return None if opening is None else note_openings.answer(officer, opening)


def _answer(officer: Employee, row: RequestRow, whose: schemas.EmployeeName) -> schemas.OfficerRequest:
    return schemas.OfficerRequest(
        id=row.id,
        type=Type(row.type),
        state=State(row.state),
        received_at=row.received_at,
        due_at=row.due_at,
        due_on=row.due_on,
        zone=row.zone,
        extended=extended(row),
        regime=row.regime,
        employee=whose,
        needs_decision=row.awaits_decision,
        scope=RequestScope.model_validate(row.scope),
        note_shared=row.note_shared and row.awaits_decision,
        note_opening=_opening(officer, row),
        failure=row.failure,
        own=row.subject == officer.subject,
    )
