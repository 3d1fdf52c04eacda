"""Finding SCIM users: filters that a provider sends for each person are answered by an index, others by reading all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from scim2_models.path.expressions import CompareOperator, Comparison
from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from directory.hr_file import has_half_a_character
from directory.models import EmployeeRow, ScimRow
from directory.scim.resources import MOST_RESULTS, Work
from directory.scim.values import user_of

FARTHEST = 10**9
"""No page begins later; the database takes no number of any size."""
ManagerRow = aliased(EmployeeRow)


def is_visible(row: EmployeeRow, known: ScimRow | None) -> bool:
    """Whether the provider sees them: not those whom it deleted, unless they work here again."""
    return row.active or known is None or not known.deleted


def as_user(session: Session, row: EmployeeRow) -> Any:
    """The SCIM user of a row."""
    session.flush()
    return _user(session.execute(_everyone().where(EmployeeRow.subject == row.subject)).one())


def find(session: Session, request: Any) -> tuple[int, list[Any]]:
    """How many users match a SearchRequest, and the page of them."""
    count = MOST_RESULTS if request.count is None else min(request.count, MOST_RESULTS)
    first = min(request.start_index_0 or 0, FARTHEST)
    visible = _everyone().where(or_(EmployeeRow.active, ScimRow.deleted.is_(None), ~ScimRow.deleted))
    if request.filter is None and request.sort_by is None:
        total = session.scalar(select(func.count()).select_from(visible.subquery())) or 0
        page = visible.order_by(EmployeeRow.subject).offset(first).limit(count)
        return total, [_user(found) for found in session.execute(page)]
    if request.filter is not None and (narrowed := _narrowed(request.filter.ast)) is not None:
        visible = visible.where(narrowed)
    users = [_user(found) for found in session.execute(visible.order_by(EmployeeRow.subject))]
    if request.filter is not None:
        users = [user for user in users if request.filter.match(user)]
    return len(users), request.sort(users)[first : first + count]


def sub_of(user: Any) -> str | None:
    return user[Work].sub if user[Work] else None


def unassign_sub(user: Any) -> None:
    """A patch may then give another `sub`, which the library would refuse and we make a question of."""
    user[Work].sub = None


def _narrowed(asked: Any) -> ColumnElement[bool] | None:
    """A condition that all matches fulfil, and few others; None: none is known."""
    inner = getattr(asked, "val_filter", None)
    if inner is not None and str(asked.attr_path).lower() == "emails":
        terms = getattr(inner, "terms", (inner,))
        if getattr(inner, "op", None) != "or":
            return next((each for term in terms if (each := _equal(term, "emails.")) is not None), None)
        return None
    return _equal(asked, "")


def _equal(asked: Any, before: str) -> ColumnElement[bool] | None:
    if not isinstance(asked, Comparison) or asked.op != CompareOperator.eq or not isinstance(asked.value, str):
        return None
    name = before + str(asked.attr_path).rpartition("2.0:User:")[2].lower()
    value = asked.value.strip()
    if has_half_a_character(value):  # nobody has it, and the database can't be asked
        return None
    if name == "username":
        return func.coalesce(ScimRow.user_name, EmployeeRow.email) == value.lower()
    if name == "externalid":
        return ScimRow.external_id == value
    if name in ("emails", "emails.value"):
        return EmployeeRow.email == value.lower()
    return None


def _everyone() -> Select[EmployeeRow, ScimRow, UUID]:
    return (
        select(EmployeeRow, ScimRow, ManagerRow.subject)
        .join(ScimRow, ScimRow.subject == EmployeeRow.subject, isouter=True)
        .join(ManagerRow, ManagerRow.email == EmployeeRow.manager_email, isouter=True)
    )


def _user(found: Row[EmployeeRow, ScimRow, UUID]) -> Any:
    row, known, manager = found
    return user_of(row, known, manager)
