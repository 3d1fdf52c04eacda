"""A provider that marks many people as left within a short time looks like a mistake: a group that was unassigned.

When more than 10 % of the people would leave within `OPENBOOK_SCIM_LEAVING_HOURS`, and more than one, the next ones
are refused and noted. They still work here, until an operator confirms exactly that number
(`python -m directory leaving --confirm N`), which marks them as left, or the provider says again that they work here.
Those who were refused count until then, however long ago it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

import clock
from directory.limits import MOST
from directory.models import EmployeeRow, LeavingRow, ScimRow, session_of, writer_of
from directory.sign_outs.leavers import mark_as_left
from errors import Conflict, OpenBookError
from settings import settings


class TooManyLeave(Conflict):
    """More people would leave than is usual. The person still works here; an operator has to confirm."""


class NotTheNumber(OpenBookError, ValueError):
    """The number that was confirmed is not the number of those who were refused. Nothing was changed."""


@dataclass(frozen=True)
class Waiting:
    """In people."""

    left: int
    """They left within the hours that count."""
    refused: int


def leave(session: Session, row: EmployeeRow, *, deleted: bool = False) -> None:
    """Mark a person as left, in a session that the caller commits, and end their sign-ins. Raises TooManyLeave."""
    if row.active:
        require_room(session, row)
        _note(session, row, refused=False, deleted=deleted)
    _mark(session, row, deleted=deleted)


def require_room(session: Session, row: EmployeeRow) -> None:
    """Raises TooManyLeave if one more person who leaves, or whose `sub` changes, is not usual."""
    since = clock.now_utc() - timedelta(hours=settings().scim_leaving_hours)
    counted = select(func.count()).select_from(LeavingRow).where(LeavingRow.subject != row.subject)
    left = session.scalar(counted.where(LeavingRow.at > since, ~LeavingRow.refused)) or 0
    refused = session.scalar(counted.where(LeavingRow.refused)) or 0
    people = (session.scalar(select(func.count()).select_from(EmployeeRow).where(EmployeeRow.active)) or 0) + left
    leaving = left + refused + 1
    if leaving > max(1, people * MOST // 100):
        raise TooManyLeave(
            f"{leaving:,} of {people:,} people would leave within {settings().scim_leaving_hours} hours, which is more"
            f" than {MOST} %. This person was not changed. If it is right, run `python -m directory leaving` on the"
            " server: it shows the number, and how to confirm it."
        )


def note_refused(session: Session, row: EmployeeRow, *, deleted: bool) -> None:
    """Keep in mind that the provider said that they left, in a session that the caller commits."""
    _note(session, row, refused=True, deleted=deleted)


def note_proposed(session: Session, row: EmployeeRow) -> None:
    """A person whose `sub` would change counts as one who left: their role has ended."""
    _note(session, row, refused=False, deleted=False)


def stay(session: Session, row: EmployeeRow) -> None:
    """The provider says that they work here: it no longer counts that they left."""
    if (noted := session.get(LeavingRow, row.subject)) is not None:
        session.delete(noted)


def waiting(engine: Engine) -> Waiting:
    """How many left, and how many were refused."""
    since = clock.now_utc() - timedelta(hours=settings().scim_leaving_hours)
    with session_of(engine) as session:
        rows = list(session.scalars(select(LeavingRow).where(or_(LeavingRow.refused, LeavingRow.at > since))))
    refused = sum(row.refused for row in rows)
    return Waiting(len(rows) - refused, refused)


def confirm(engine: Engine, number: int) -> None:
    """Mark those as left who were refused. Raises NotTheNumber."""
    with writer_of(engine) as session:
        _require(session, number)
        for noted in session.scalars(select(LeavingRow).where(LeavingRow.refused)).all():
            _mark(session, session.get_one(EmployeeRow, noted.subject), deleted=noted.deleted)
            noted.refused, noted.at = False, clock.now_utc() - timedelta(hours=settings().scim_leaving_hours)
        session.commit()


def dismiss(engine: Engine, number: int) -> None:
    """Forget those who were refused: they work here. Raises NotTheNumber."""
    with writer_of(engine) as session:
        _require(session, number)
        for noted in session.scalars(select(LeavingRow).where(LeavingRow.refused)).all():
            session.delete(noted)
        session.commit()


def _require(session: Session, number: int) -> None:
    refused = session.scalar(select(func.count()).select_from(LeavingRow).where(LeavingRow.refused)) or 0
    if refused != number:
        raise NotTheNumber(f"Nothing was changed: {refused:,} people wait for a confirmation, not {number:,}.")


def _note(session: Session, row: EmployeeRow, *, refused: bool, deleted: bool) -> None:
    session.merge(LeavingRow(subject=row.subject, at=clock.now_utc(), refused=refused, deleted=deleted))


def _mark(session: Session, row: EmployeeRow, *, deleted: bool) -> None:
    mark_as_left(session, row)
    if deleted:
        known = session.get(ScimRow, row.subject)
        session.merge(
            ScimRow(subject=row.subject, user_name=None, external_id=known.external_id if known else None, deleted=True)
        )
