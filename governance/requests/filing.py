"""Requests on disk: filing, following and withdrawing them. Another person's request is reported as not found."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

import clock
import timekeeping
from directory import Employee
from directory.keys import Oneself, Reader
from errors import Conflict, NotFound, NotValid
from governance import ledger, receipts, schemas
from governance.db.database import reading, writing
from governance.db.tables import EventRow, IdempotencyRow, RequestRow
from governance.domain import lifecycle
from governance.domain.lifecycle import OPEN, State, Type
from governance.domain.scopes import RequestScope
from governance.requests import notes
from governance.requests.limits import refuse_too_many
from governance.requests.serialize import answer, listed
from languages import NAMES, mark
from languages.saying import current, say
from law.deadlines import due_on, end_of
from settings import settings

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


KEYS_KEPT = timedelta(days=1)
"""How long an `Idempotency-Key` is remembered: until then, the same key and body return the same request."""
ACKNOWLEDGED = {"type", "scope", "regime", "received_at", "due_at", "starts_at"}
"""What the ledger commits to when a request is received."""


MOST_CHANGES = 20
SHARED = mark("You let the privacy officer who decides read your note.")
NO_LONGER_SHARED = mark("You no longer let the privacy officer read your note.")
RECEIVED = mark("We have received your request.")
WAIT = timedelta(days=1)
"""How long an erasure waits if its owner wants to be able to change their mind."""
WAITS = mark("You chose to wait a day. Nothing is deleted before that, and you can withdraw this until then.")


class NoSuchRequest(NotFound, LookupError):
    """This person has no such request."""


class CannotShare(Conflict):
    """Not possible for this request now. Nothing was changed."""


class KeyUsedDifferently(NotValid, ValueError):
    """This Idempotency-Key was used with another body. Nothing was changed."""


class AlreadyOpen(Conflict):
    """The same request, by type and scope, is already open. Nothing was changed."""

    def __init__(self, request_id: UUID) -> None:
        super().__init__(
            mark(
                "You have already filed the same request, and it is still open. Nothing was changed; follow that one, "
                "or withdraw it first."
            )
        )
        self.request_id = request_id


@dataclass(frozen=True)
class Filed:
    """A request that is on disk; `repeated`: an earlier call with the same key created it."""

    request: schemas.Request
    repeated: bool


def file(
    employee: Employee,
    new: schemas.NewRequest,
    idempotency_key: str | None,
    previewed: schemas.Previewed | None = None,
    unchecked: str | None = None,
) -> Filed:
    """Store a request, with its preview or the reason why there is none; the same key and body within a day return the
    same request.

    Raises KeyUsedDifferently, AlreadyOpen, TooMany.
    """
    body = new.model_dump(mode="json", by_alias=True, exclude={"note"})
    digest = _digest(body, new.note, employee.subject)
    request_id = uuid4()
    noted = notes.seal(employee.subject, request_id, new.note) if new.note is not None else None
    with writing() as session:
        used = _used_key(session, employee.subject, idempotency_key) if idempotency_key else None
        if used is not None:
            if used.body_sha256 != digest:
                raise KeyUsedDifferently(
                    mark("This Idempotency-Key was used for a different request. Nothing was changed; use a new key.")
                )
            return Filed(answer(session.get_one(RequestRow, used.request_id), Oneself(employee.subject)), repeated=True)
        _refuse_a_second(session, employee.subject, new)
        refuse_too_many(session, employee.subject, new.type, new.scope)
        row = put(session, request_id, employee, new.type, new.scope, employee.regime, noted=noted, wait=new.wait_a_day)
        row.note_shared = new.share_note
        row.language = current().code if current().code in NAMES else None
        row.previewed = previewed.model_dump() if previewed is not None else None
        if unchecked is not None:
            note(row, unchecked)
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
        return Filed(answer(row, Oneself(employee.subject)), repeated=False)


def put(
    session: Session,
    request_id: UUID,
    employee: Employee,
    kind: Type,
    scope: RequestScope,
    key: str,
    words: str = RECEIVED,
    noted: notes.SealedNote | None = None,
    *,
    wait: bool = False,
) -> RequestRow:
    """Create a request under the regime `key` and acknowledge it in the ledger, in a writing session. It waits for a
    decision if needed, and for a day if its owner wants that.
    """
    now = timekeeping.not_earlier(clock.now())  # a clock that was set back must not shorten a scope or a deadline
    day = due_on(key, now, employee.zone)
    due = clock.naive(end_of(day, employee.zone))
    row = RequestRow(
        id=request_id,
        subject=employee.subject,
        type=kind,
        state=State.RECEIVED,
        scope=scope.model_dump(mode="json", by_alias=True),
        regime=key,
        received_at=clock.naive(now),
        zone=employee.zone,
        due_at=due,
        first_due_at=due,
        due_on=day,
        first_due_on=day,
        awaits_decision=waits_for_decision(kind),
        sealed_note=None if noted is None else noted.sealed,
        starts_at=clock.naive(now) + WAIT if wait else None,
        waits=wait,
    )
    session.add(row)
    note(row, words)
    if wait:
        note(row, WAITS)
    if row.awaits_decision:
        move(row, State.VERIFYING, mark("A privacy officer reviews it first."))
    session.flush()
    acknowledged = answer(row, Oneself(row.subject)).model_dump(mode="json", by_alias=True, include=ACKNOWLEDGED)
    about = {} if noted is None else {receipts.acknowledging.NOTE: noted.sha256}
    statement = {"request": str(row.id), "subject": str(row.subject), **acknowledged, **about}
    ledger.append(session, "request_received", statement, whose=row.subject)
    return row


def waits_for_decision(kind: Type) -> bool:
    """Whether a privacy officer has to approve requests of this type before work starts."""
    return kind in (Type.RECTIFICATION, Type.MASKING) or kind.value in settings().decided_types.split(",")


def all_of(subject: UUID, reader: Reader) -> list[schemas.Request]:
    """All requests of the person with their outcomes, newest first, for `reader`: for their export."""
    with reading() as session:
        return [answer(row, reader) for row in session.scalars(_newest_first(subject))]


def page_of(subject: UUID, page: Paging) -> list[schemas.ListedRequest]:
    """A page of the person's requests, newest first, without reading their outcomes."""
    with reading() as session:
        rows = page.select(session, _newest_first(subject).options(defer(RequestRow.outcome, raiseload=True)))
        return [listed(row, Oneself(subject)) for row in rows]


def _newest_first(subject: UUID) -> Select[RequestRow]:
    return (
        select(RequestRow).where(RequestRow.subject == subject).order_by(RequestRow.received_at.desc(), RequestRow.id)
    )


def one_of(subject: UUID, request_id: UUID) -> schemas.Request:
    """Raises NoSuchRequest."""
    with reading() as session:
        return answer(_own(session, subject, request_id), Oneself(subject))


def withdraw(subject: UUID, request_id: UUID) -> schemas.Request:
    """Withdraw a request, or end the rule or note that it left in force; doing so again changes nothing.

    A worker ends the rule in the lake shortly after (`governance.fulfilment.standing`). Raises NoSuchRequest,
    NotAllowed.
    """
    with writing() as session:
        row = _own(session, subject, request_id)
        if row.state != State.WITHDRAWN:
            in_force = row.state == State.COMPLETED
            move(row, State.WITHDRAWN, mark("You ended this.") if in_force else mark("You withdrew this request."))
            row.completed_at = clock.now_utc()
            row.awaits_decision = row.waits = False
            receipts.issue(row)
        return answer(row, Oneself(subject))


def share_note(subject: UUID, request_id: UUID, shared: bool) -> schemas.Request:
    """Let the privacy officer who decides read the note, or no longer; saying the same again changes nothing.

    Raises NoSuchRequest, CannotShare.
    """
    with writing() as session:
        row = _own(session, subject, request_id)
        if not row.awaits_decision or row.sealed_note is None:
            raise CannotShare(mark("Only a note that waits for a decision can be shared. Nothing was changed."))
        if row.note_shared != shared:
            words = SHARED if shared else NO_LONGER_SHARED
            if sum(step.note in (SHARED, NO_LONGER_SHARED) for step in row.history) >= MOST_CHANGES:
                raise CannotShare(
                    say("You changed this {most_changes} times. It stays as it is.", most_changes=MOST_CHANGES)
                )
            row.note_shared = shared
            note(row, words)
        return answer(row, Oneself(subject))


def move(row: RequestRow, to: State, words: str) -> None:
    """Change the state of a request, with an entry in its history. Raises NotAllowed."""
    step = lifecycle.transition(Type(row.type), State(row.state), to, clock.now_utc(), words)
    row.state = step.state
    row.history.append(EventRow(at=step.at, state=step.state, note=step.note))


def note(row: RequestRow, words: str) -> None:
    """Add an entry to a request's history without a change of state."""
    row.history.append(EventRow(at=clock.now_utc(), state=row.state, note=words))


def _own(session: Session, subject: UUID, request_id: UUID) -> RequestRow:
    row = session.scalar(select(RequestRow).where(RequestRow.id == request_id, RequestRow.subject == subject))
    if row is None:
        raise NoSuchRequest(mark("You have no such request."))
    return row


def _used_key(session: Session, subject: UUID, key: str) -> IdempotencyRow | None:
    """How the person has used the key; None also if that was longer ago than keys are kept."""
    used = session.get(IdempotencyRow, (subject, key))
    if used is not None and used.used_at <= clock.now_utc() - KEYS_KEPT:
        session.delete(used)
        session.flush()
        return None
    return used


def _refuse_a_second(session: Session, subject: UUID, new: schemas.NewRequest) -> None:
    alike = select(RequestRow).where(
        RequestRow.subject == subject, RequestRow.type == new.type, RequestRow.state.in_(OPEN)
    )
    for row in session.scalars(alike.order_by(RequestRow.received_at)):
        if RequestScope.model_validate(row.scope).same_as(new.scope):
            raise AlreadyOpen(row.id)


def _digest(body: dict[str, Any], words: str | None, subject: UUID) -> str:
    """A digest that distinguishes bodies, without storing the words of a note in a guessable form."""
    digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
    if words is not None:
        digest.update(hashlib.blake2b(words.encode(), key=notes.fingerprint_key(subject)).digest())
    return digest.hexdigest()
