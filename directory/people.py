"""Employees, organisation and roles, synchronised from a CSV file of the HR system.

Columns: `email,name,sub,department,team,role,manager,regime`. `sub` is the person's id at the identity
provider (empty: cannot sign in yet), `role` is employee, manager or privacy_officer, `manager` an e-mail
address or empty, `regime` gdpr or ccpa. A synchronisation never deletes: whoever is missing from the file
is marked as left, and a person who comes back keeps their subject.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.models import EmployeeRow, open_engine
from settings import settings

COLUMNS = ("email", "name", "sub", "department", "team", "role", "manager", "regime")
ROLES = ("employee", "manager", "privacy_officer")
REGIMES = ("gdpr", "ccpa")


class UnknownEmployee(LookupError):
    """No such person in the directory."""


class InvalidDirectoryFile(ValueError):
    """The CSV file can't be used; nothing was changed. The message lists each line at fault."""


@dataclass(frozen=True)
class Employee:
    """A person of the directory."""

    subject: UUID
    email: str
    name: str
    department: str
    team: str
    role: str
    regime: str
    active: bool


@dataclass(frozen=True)
class Synchronised:
    """What a synchronisation changed, in people."""

    added: int
    updated: int
    unchanged: int
    left: int


def directory_path() -> Path:
    return settings().home / "directory" / "directory.sqlite"


class Directory:
    """The directory database; open one with `Directory.open()`."""

    def __init__(self, path: Path) -> None:
        self._engine = open_engine(path)

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Self]:
        directory = cls(directory_path())
        try:
            yield directory
        finally:
            directory._engine.dispose()

    def by_email(self, email: str) -> Employee:
        """Raises UnknownEmployee."""
        with Session(self._engine) as session:
            row = session.scalar(select(EmployeeRow).where(EmployeeRow.email == email.strip().lower()))
        if row is None:
            raise UnknownEmployee(f"{email} is not in the directory. Add the person with `python -m directory sync`.")
        return _employee(row)

    def by_sub(self, sub: str) -> Employee | None:
        """The active or former employee who signs in as `sub`, or None."""
        with Session(self._engine) as session:
            row = session.scalar(select(EmployeeRow).where(EmployeeRow.sub == sub))
        return _employee(row) if row else None

    def by_subject(self, subject: UUID) -> Employee:
        """Raises UnknownEmployee."""
        with Session(self._engine) as session:
            row = session.get(EmployeeRow, subject)
        if row is None:
            raise UnknownEmployee("No employee has this subject.")
        return _employee(row)

    def everyone(self) -> list[Employee]:
        """All people, former ones included, by e-mail address."""
        with Session(self._engine) as session:
            return [_employee(row) for row in session.scalars(select(EmployeeRow).order_by(EmployeeRow.email))]

    def synchronise(self, file: Path) -> Synchronised:
        """Bring the directory in line with a CSV file, all or nothing. Raises InvalidDirectoryFile."""
        rows = read_directory_file(file)
        added = updated = left = 0
        with Session(self._engine) as session, session.begin():
            known = {row.email: row for row in session.scalars(select(EmployeeRow))}
            holders = {row.sub: row for row in known.values() if row.sub}
            for values in rows:
                holder = holders.get(values["sub"] or "")
                if holder and holder.email != values["email"]:
                    holder.sub = None  # it passes to another; two can't have it, not even for a moment
            session.flush()
            for values in rows:
                row = known.pop(str(values["email"]), None)
                if row is None:
                    session.add(EmployeeRow(subject=uuid4(), active=True, **values))
                    added += 1
                elif not row.active or any(getattr(row, key) != value for key, value in values.items()):
                    for key, value in {**values, "active": True}.items():
                        setattr(row, key, value)
                    updated += 1
            for row in known.values():
                left += row.active
                row.active = False
        return Synchronised(added, updated, len(rows) - added - updated, left)


def read_directory_file(file: Path) -> list[dict[str, str | None]]:
    """Read and check a directory CSV. Raises InvalidDirectoryFile."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            missing = set(COLUMNS) - set(reader.fieldnames or ())
            if missing:
                raise InvalidDirectoryFile(f"{file}: missing columns {', '.join(sorted(missing))}. Nothing changed.")
            rows = [{key: (row[key] or "").strip() for key in COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidDirectoryFile(f"{file} can't be read: {error}. Nothing changed.") from error
    faults: list[str] = []
    emails: set[str] = set()
    subs: set[str] = set()
    for line, row in enumerate(rows, start=2):
        row["email"] = row["email"].lower()
        if "@" not in row["email"] or row["email"] in emails:
            faults.append(f"line {line}: e-mail address missing, malformed or repeated")
        if row["sub"] and row["sub"] in subs:
            faults.append(f"line {line}: sub repeated")
        if row["role"] not in ROLES:
            faults.append(f"line {line}: role must be one of {', '.join(ROLES)}")
        if row["regime"] not in REGIMES:
            faults.append(f"line {line}: regime must be one of {', '.join(REGIMES)}")
        emails.add(row["email"])
        subs.add(row["sub"])
    if faults:
        raise InvalidDirectoryFile(f"{file}: nothing changed.\n" + "\n".join(faults))
    return [
        {
            **{key: row[key] for key in ("email", "name", "department", "team", "role", "regime")},
            "sub": row["sub"] or None,
            "manager_email": row["manager"].lower() or None,
        }
        for row in rows
    ]


def _employee(row: EmployeeRow) -> Employee:
    return Employee(row.subject, row.email, row.name, row.department, row.team, row.role, row.regime, row.active)
