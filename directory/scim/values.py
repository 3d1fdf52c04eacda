"""Between a SCIM user and a row of the directory."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from uuid import UUID

from scim2_models import InvalidValueException, Meta
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.hr_file import JOINERS, TEXTS, faults_of, has_half_a_character, visible
from directory.models import EmployeeRow, ScimRow
from directory.roles import EMPLOYEE
from directory.scim.resources import Email, Enterprise, Manager, Person, Work
from settings import settings


def user_of(row: EmployeeRow, known: ScimRow | None, manager: UUID | None) -> Any:
    """The SCIM user of a row. `manager`: the subject of whoever has the address of their manager."""
    user = Person(
        id=str(row.subject),
        external_id=known.external_id if known else None,
        user_name=(known.user_name if known else None) or row.email,
        display_name=row.name or None,
        emails=[Email(value=row.email, type="work")],
        active=row.active,
        timezone=row.zone,
        meta=Meta(resource_type="User", location=location(row.subject)),
    )
    of_manager = Manager(value=str(manager), ref=location(manager)) if manager else None
    user[Enterprise] = Enterprise(department=row.department or None, manager=of_manager)
    user[Work] = Work(sub=row.sub, role=row.role, regime=row.regime, team=row.team or None)
    return user


def location(subject: UUID) -> str:
    return f"{settings().api_base_url}/scim/v2/Users/{subject}"


def employee_values(session: Session, user: Any, row: EmployeeRow | None) -> dict[str, str | None]:
    """The values of a person's row, by column; `row`: their row until now. Raises InvalidValueException."""
    work = user[Work] or (Work(role=row.role, regime=row.regime, team=row.team) if row else Work())
    enterprise = user[Enterprise] or Enterprise()
    sent = {
        "email": address_of(user),
        "name": user.display_name or ("" if row else user.user_name),
        "sub": work.sub or (row.sub if row else None),
        "department": enterprise.department,
        "team": work.team,
        "role": work.role or EMPLOYEE,
        "manager": None,
        "regime": work.regime or (row.regime if row else None),
        "zone": user.timezone,
    }
    cells = {name: visible(text or "", JOINERS if name in TEXTS else "") for name, text in sent.items()}
    cells["email"] = cells["email"].lower()
    for name in ("role", "regime"):
        cells[name] = re.sub(r"[\s-]+", "_", cells[name].lower())
    if faults := [*_faults_of_names(user), *faults_of(cells)]:
        raise InvalidValueException(detail=f"{'; '.join(faults)}. Nothing was changed.")
    manager = _manager_address(session, enterprise.manager, row)
    return {
        **{name: cells[name] for name in ("email", "name", "department", "team", "role", "regime")},
        "sub": cells["sub"] or None,
        "zone": cells["zone"] or None,
        "manager_email": manager,
    }


def _faults_of_names(user: Any) -> list[str]:
    """Why what the provider calls a person can't be kept."""
    faults = []
    if any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in str(user.user_name)):
        faults.append("userName has invisible characters")
    if has_half_a_character(user.external_id or ""):
        faults.append("externalId has half a character (a lone surrogate)")
    return faults


def address_of(user: Any) -> str:
    """The one address that we keep: the primary one, else the one for work, else the first, else the userName."""
    emails = [email for email in user.emails or [] if email.value]
    emails.sort(key=lambda email: (not email.primary, (email.type or "").lower() != "work"))
    return str(emails[0].value if emails else user.user_name)


def _manager_address(session: Session, manager: Any, row: EmployeeRow | None) -> str | None:
    if manager is None or not manager.value:
        return None
    try:
        subject = UUID(manager.value)
    except ValueError:
        subject = None
    address = session.scalar(select(EmployeeRow.email).where(EmployeeRow.subject == subject)) if subject else None
    if address is None:
        raise InvalidValueException(detail="The manager's value is not the id of a user here. Nothing was changed.")
    if row is not None and row.subject == subject:
        raise InvalidValueException(detail="Nobody is their own manager. Nothing was changed.")
    return address
