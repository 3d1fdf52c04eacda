"""The people of the directory as SCIM users: `id` is the subject, `userName` what the provider calls them.

Who is who follows the same rules as a file (`directory.synchronising`): by `id` or `sub`; an address alone proves
nothing. Another `sub` for a known person becomes a proposal, which a privacy officer decides (`directory.links`).
Whatever else is refused changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from uuid import UUID, uuid4

from scim2_models import InvalidValueException
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

import clock
import home
from directory.links import passed_on, propose
from directory.models import EmployeeRow, LinkRow, ScimRow, open_engine, session_of, writer_of
from directory.people import directory_path
from directory.scim import finding, leaving
from directory.scim.resources import TOLERANT
from directory.scim.values import employee_values
from errors import Conflict, NotFound
from home import Part

QUESTION = (
    "Another sub came for a known person or address. A privacy officer has to decide whether it is the same person;"
    " until then nobody gets the other's data, and this user can only be deactivated or deleted."
)


class NoSuchUser(NotFound, LookupError):
    """There is no such user, or the provider deleted them."""

    def __init__(self) -> None:
        super().__init__("There is no such user. Nothing was changed.")


class Taken(Conflict):
    """Another person has this userName, sub or address. Nothing was changed."""


class InQuestion(Conflict):
    """A privacy officer has to decide who it is."""


class Users:
    """What a SCIM client may do; open one with `Users.open()`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Self]:
        """The users of this home. Raises HomeUnavailable."""
        home.require(Part.DIRECTORY)
        yield cls(open_engine(directory_path()))

    def get(self, subject: UUID) -> Any:
        """Raises NoSuchUser."""
        with session_of(self.engine) as session:
            return finding.as_user(session, _row(session, subject))

    def find(self, request: Any) -> tuple[int, list[Any]]:
        """How many match a SearchRequest, and the page of them."""
        with session_of(self.engine) as session:
            return finding.find(session, request)

    def create(self, user: Any) -> Any:
        """A new person, or one who returns, recognised by `sub`. Raises Taken, InQuestion, InvalidValueException."""
        with writer_of(self.engine) as session:
            values = employee_values(session, user, None)
            row = _by_sub(session, values["sub"])
            if row is not None and row.active:
                raise Taken("Somebody who works here has this sub. Nothing was changed.")
            _refuse_question(session, values["sub"], row)
            holder = session.scalar(select(EmployeeRow).where(EmployeeRow.email == values["email"]))
            if row is None and holder is not None and holder.active:
                self._refuse_holder(session, holder, values)
            if row is None:
                row = EmployeeRow(subject=uuid4(), active=True, **{**values, "email": f"new {uuid4()}"})
                session.add(row)
                session.flush()
            _write(session, row, user, values)
            session.commit()
            return finding.as_user(session, row)

    def replace(self, subject: UUID, user: Any) -> Any:
        """Make a person as given. Raises NoSuchUser, Taken, InQuestion, TooManyLeave, InvalidValueException."""
        with writer_of(self.engine) as session:
            return self._change(session, _row(session, subject), user)

    def patch(self, subject: UUID, operations: Any) -> Any:
        """Apply a PatchOp, all or nothing. Raises what `replace` does, and SCIMException."""
        with writer_of(self.engine) as session:
            row = _row(session, subject)
            user = finding.as_user(session, row)
            finding.unassign_sub(user)
            if _in_question(session, row):
                user.active = None  # whether the patch says that they left
            operations.patch(user, scim_policy=TOLERANT)
            return self._change(session, row, user)

    def delete(self, subject: UUID) -> None:
        """Mark a person as left; their data and their rights stay. Raises NoSuchUser, TooManyLeave."""
        with writer_of(self.engine) as session:
            _leave(session, _row(session, subject), deleted=True)
            session.commit()

    def _change(self, session: Session, row: EmployeeRow, user: Any) -> Any:
        if user.active is None and _in_question(session, row):
            raise InQuestion(QUESTION)
        active = row.active if user.active is None else user.active
        if active:
            values: dict[str, str | None] | None = self._checked(session, row, user)
        else:
            values = _values_of_a_leaver(session, row, user)
            _leave(session, row, deleted=False)
        if values is not None:
            _write(session, row, user, values, active=active)
        session.commit()
        return finding.as_user(session, row)

    def _checked(self, session: Session, row: EmployeeRow, user: Any) -> dict[str, str | None]:
        values = employee_values(session, user, row)
        _refuse_question(session, values["sub"], row)
        if row.sub and values["sub"] != row.sub:
            if _by_sub(session, values["sub"]) is not None:
                raise Taken("Another person has this sub. Nothing was changed.")
            self._propose(session, row, values)
        return values

    def _refuse_holder(self, session: Session, holder: EmployeeRow, values: dict[str, str | None]) -> None:
        """Somebody who works here has the address of a new user."""
        if holder.sub and values["sub"]:
            self._propose(session, holder, values)
        raise Taken("Somebody who works here has this address. Nothing was changed.")

    def _propose(self, session: Session, known: EmployeeRow, values: dict[str, str | None]) -> None:
        leaving.require_room(session, known)
        leaving.note_proposed(session, known)
        propose(session, known, values)
        session.commit()
        raise InQuestion(QUESTION)


def _values_of_a_leaver(session: Session, row: EmployeeRow, user: Any) -> dict[str, str | None] | None:
    """None: nothing else about them changes. Whoever leaves is out, whatever else is wrong with what was sent."""
    if _in_question(session, row) or (row.sub and finding.sub_of(user) not in (None, row.sub)):
        return None
    try:
        return employee_values(session, user, row)
    except InvalidValueException:
        return None


def _leave(session: Session, row: EmployeeRow, *, deleted: bool) -> None:
    """In a session that the caller commits; a refusal is noted."""
    try:
        leaving.leave(session, row, deleted=deleted)
    except leaving.TooManyLeave:
        session.rollback()
        leaving.note_refused(session, row, deleted=deleted)
        session.commit()
        raise


def _row(session: Session, subject: UUID) -> EmployeeRow:
    row = session.get(EmployeeRow, subject)
    if row is None or not finding.is_visible(row, session.get(ScimRow, subject)):
        raise NoSuchUser
    return row


def _by_sub(session: Session, sub: str | None) -> EmployeeRow | None:
    return session.scalar(select(EmployeeRow).where(EmployeeRow.sub == sub)) if sub else None


def _in_question(session: Session, row: EmployeeRow) -> bool:
    return session.scalar(select(LinkRow.proposal).where(LinkRow.subject == row.subject).limit(1)) is not None


def _refuse_question(session: Session, sub: str | None, row: EmployeeRow | None) -> None:
    asked = session.scalar(select(LinkRow.proposal).where(LinkRow.sub == sub)) if sub else None
    if asked is not None or (row is not None and _in_question(session, row)):
        raise InQuestion(QUESTION)


def _write(
    session: Session, row: EmployeeRow, user: Any, values: dict[str, str | None], *, active: bool = True
) -> None:
    name = str(user.user_name).strip().lower()
    _refuse_name(session, row, name)
    taken = _by_sub(session, values["sub"])
    if taken is not None and taken is not row:
        raise Taken("Another person has this sub. Nothing was changed.")
    if row.email != values["email"]:
        _give_address(session, row, str(values["email"]))
    if active:
        leaving.stay(session, row)
    for key, value in {**values, "active": active, "synchronised_at": clock.now_utc()}.items():
        setattr(row, key, value)
    session.merge(ScimRow(subject=row.subject, user_name=name, external_id=user.external_id, deleted=False))
    session.flush()


def _refuse_name(session: Session, row: EmployeeRow, name: str) -> None:
    """Raises Taken if another user has the userName."""
    named = select(EmployeeRow, ScimRow).join(ScimRow, ScimRow.subject == EmployeeRow.subject, isouter=True)
    named = named.where(func.coalesce(ScimRow.user_name, EmployeeRow.email) == name)
    for other, known in session.execute(named):
        if other.subject != row.subject and (other.active or (known is not None and not known.deleted)):
            raise Taken("Another user has this userName. Nothing was changed.")


def _give_address(session: Session, row: EmployeeRow, email: str) -> None:
    """Free an address that someone who left had, and let those whom they managed not get a new manager by it."""
    holder = session.scalar(select(EmployeeRow).where(EmployeeRow.email == email))
    if holder is not None:
        if holder.active or _in_question(session, holder):
            raise Taken("Another person has this address. Nothing was changed.")
        _rename(session, holder, passed_on(email, holder.subject))
        session.flush()
    _rename(session, row, email)


def _rename(session: Session, row: EmployeeRow, email: str) -> None:
    reports = EmployeeRow.manager_email == row.email
    session.execute(update(EmployeeRow).where(reports).values(manager_email=email))
    row.email = email
