"""Legal holds, placed and lifted by privacy officers: in the lake, in the ledger, and visible to the person.

An officer's instruction is first stored (`HoldChangeRow`), then carried out in the lake, then marked as done together
with its ledger entry. Each part is safe to repeat, so a worker completes what a crash left undone
(`carry_out_pending`).

When a hold is lifted, the erasures that it kept incomplete are resumed, whatever ended them before: a worker looks for
them as well.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import select

import clock
from directory import Directory, Employee, UnknownEmployee
from errors import NotFound, NotValid
from governance import access_log, ledger, schemas
from governance.access_log import Purpose
from governance.db import work_queue
from governance.db.database import reading, writing
from governance.db.tables import HoldChangeRow, RequestRow
from governance.domain.dates import require_future
from governance.domain.lifecycle import State, Type
from governance.domain.oneself import refuse_oneself
from governance.domain.scopes import RequestScope
from governance.requests.decisions import names_of
from governance.requests.progress import begin_again
from lake.rules import holds
from lake.rules.holds import Hold
from lake.storage.connection import transaction, writer
from languages import mark
from law.exceptions import LegalException
from parts import PartUnavailable, explained
from queries.connection import answering

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


PLACE = "place"
LIFT = "lift"
NOT_PLACED = "No hold was placed; see `errors`."
LIFTED = "A legal hold was lifted. What it withheld will now be erased."


class NoSuchHold(NotFound, LookupError):
    """There is no such hold."""


class EmployeeNotFound(NotValid, LookupError):
    """No one in the directory has this e-mail address. No hold was placed."""

    def __init__(self) -> None:
        super().__init__(NOT_PLACED, "employee", "is not an address in the directory")


class NothingChosen(NotValid):
    """A hold names neither some records nor all of them, or both. No hold was placed."""

    def __init__(self) -> None:
        super().__init__(
            NOT_PLACED, "scope", "must name kinds, applications or a time; or send `everything: true` and no scope"
        )


class NotYetInForce(PartUnavailable):
    """The lake can't be written just now: the instruction is stored; a worker carries it out as soon as possible."""

    def __init__(self) -> None:
        super().__init__(
            "The lake can't be written just now, so this is not in force yet. It is saved, and a worker will do it "
            "as soon as possible. Check again in a moment; don't send it a second time."
        )


def all_for(officer: Employee, page: Paging) -> list[schemas.OfficerHold]:
    """A page of all holds, those in force first. The people concerned see this view in their access log.

    Raises LakeUnavailable.
    """
    found = page.of(sorted(_all(), key=lambda hold: hold.lifted_at is not None))
    access_log.record(officer, Purpose.LEGAL_HOLDS, "holds", Counter(hold.subject for hold in found))
    names = names_of({hold.subject for hold in found})
    return [_answer(officer, hold, names[hold.subject]) for hold in found]


def place(officer: Employee, new: schemas.NewHold) -> schemas.OfficerHold:
    """Place a hold; it is in force when this returns.

    Raises NothingChosen, EmployeeNotFound, DateNotInFuture, AboutOneself, NotYetInForce.
    """
    if new.everything != new.scope.same_as(RequestScope()):
        raise NothingChosen
    require_future(new.review_on, "review_on", "the hold is reviewed then", NOT_PLACED)
    with Directory.open() as directory:
        try:
            subject = directory.by_email(new.employee).subject
        except UnknownEmployee as error:
            raise EmployeeNotFound from error
    refuse_oneself(officer, subject)
    terms: dict[str, Any] = {
        "case": new.case,
        "exception": new.exception.value,
        "scope": new.scope.model_dump(mode="json", by_alias=True),
        "review_on": new.review_on.isoformat(),
    }
    hold = uuid4()
    _carry_out_or_say_later(_ask(officer, hold, subject, PLACE, terms))
    return _one_for(officer, hold)


def lift(officer: Employee, hold: UUID) -> schemas.OfficerHold:
    """Lift a hold; lifting it again changes nothing. Raises NoSuchHold, AboutOneself, NotYetInForce."""
    known = _one(hold)
    refuse_oneself(officer, known.subject)
    if known.lifted_at is None:
        _carry_out_or_say_later(_ask(officer, hold, known.subject, LIFT, {}))
    return _one_for(officer, hold)


def carry_out_pending() -> None:
    """Carry out stored instructions that are not done yet, and resume the erasures that a lifted hold withheld."""
    with reading() as session:
        left = session.scalars(select(HoldChangeRow.id).where(HoldChangeRow.done_at.is_(None))).all()
    for change in left:
        _carry_out(change)
    resume_withheld_erasures()


def resume_withheld_erasures() -> None:
    """Resume the erasures that withhold something because of a hold that was lifted since."""
    partial = select(RequestRow).where(RequestRow.type == Type.ERASURE, RequestRow.state == State.PARTIALLY_COMPLETED)
    lifts = select(HoldChangeRow.hold).where(HoldChangeRow.change == LIFT, HoldChangeRow.done_at.is_not(None))
    with reading() as session:
        waiting = {row.id: _withholding(row) for row in session.scalars(partial)}
        lifted = {str(hold) for hold in session.scalars(lifts)} if waiting else set()
    ready = [request_id for request_id, withholding in waiting.items() if lifted & withholding]
    if not ready:
        return
    with writing() as session:
        again = list(session.scalars(partial.where(RequestRow.id.in_(ready))))
        for row in again:
            begin_again(row, LIFTED)
        attempts = {row.id: row.attempts for row in again}
    for request_id, number in attempts.items():
        work_queue.enqueue(request_id, Type.ERASURE, number)


def _withholding(row: RequestRow) -> set[str]:
    return {str(held["hold"]) for held in (row.outcome or {}).get("withheld_by", [])}


def _ask(officer: Employee, hold: UUID, subject: UUID, change: str, terms: dict[str, Any]) -> int:
    """Store an instruction, the lifting of a hold only once; returns its id."""
    with writing() as session:
        lifting = select(HoldChangeRow.id).where(HoldChangeRow.hold == hold, HoldChangeRow.change == LIFT)
        if change == LIFT and (asked := session.scalar(lifting.limit(1))) is not None:
            return asked
        row = HoldChangeRow(
            hold=hold,
            subject=subject,
            change=change,
            terms=terms,
            role=officer.role,
            asked_by=officer.subject,
            asked_at=clock.now_utc(),
            done_at=None,
        )
        session.add(row)
        session.flush()
        return row.id


def _carry_out_or_say_later(change: int) -> None:
    try:
        _carry_out(change)
    except Exception as error:
        if explained(error) is not None:
            raise NotYetInForce from error
        raise


def _carry_out(change: int) -> None:
    with reading() as session:
        row = session.get_one(HoldChangeRow, change)
    with writer() as connection, transaction(connection):
        if row.change == LIFT:
            holds.lift_hold(connection, row.hold, row.asked_at)
        else:
            holds.place_hold(
                connection,
                row.subject,
                RequestScope.model_validate(row.terms["scope"]).of_the_lake(),
                case=row.terms["case"],
                exception=LegalException(row.terms["exception"]),
                placed_at=row.asked_at,
                review_on=date.fromisoformat(row.terms["review_on"]),
                hold=row.hold,
            )
    with writing() as session:
        row = session.get_one(HoldChangeRow, change)
        if row.done_at is None:
            row.done_at = clock.now_utc()
            kind = "hold_lifted" if row.change == LIFT else "hold_placed"
            ledger.append(session, kind, {"hold": str(row.hold), "role": row.role, **row.terms})
    if row.change == LIFT:
        resume_withheld_erasures()


def _all() -> list[Hold]:
    return answering(holds.all_holds)


def _one(hold: UUID) -> Hold:
    for known in _all():
        if known.hold == hold:
            return known
    raise NoSuchHold(mark("There is no such hold."))


def _one_for(officer: Employee, hold: UUID) -> schemas.OfficerHold:
    known = _one(hold)
    access_log.record(officer, Purpose.LEGAL_HOLDS, "holds", {known.subject: 1})
    return _answer(officer, known, names_of({known.subject})[known.subject])


def _answer(officer: Employee, hold: Hold, whose: schemas.EmployeeName) -> schemas.OfficerHold:
    return schemas.OfficerHold(
        hold=hold.hold,
        employee=whose,
        case=hold.case,
        exception=hold.exception.article,
        exception_words=hold.exception.words,
        signals=list(hold.scope.signals) if hold.scope.signals is not None else None,
        applications=list(hold.scope.applications) if hold.scope.applications is not None else None,
        from_at=hold.scope.from_at,
        until_at=hold.scope.until_at,
        placed_at=hold.placed_at,
        review_on=hold.review_on,
        lifted_at=hold.lifted_at,
        own=hold.subject == officer.subject,
    )
