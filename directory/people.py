"""Employees, organisation and roles, synchronised from a CSV file of the HR system.

Columns: `email,name,sub,department,team,role,manager,regime`. `sub` is the person's id at the identity provider
(empty: cannot sign in yet), `role` is employee, manager or privacy_officer, `manager` an e-mail address or empty,
`regime` a key of `law.regimes.REGIMES`. An optional column `zone` has the IANA time zone of the person's workplace, in
which the days of deadlines are counted (empty: `OPENBOOK_WORKPLACE_ZONE`). A synchronisation never deletes: people
missing from the file are marked as left. They can still sign in and keep their rights to their own data, but have no
role (`Employee.is_now`). A person who returns with the same `sub` keeps their subject.

How a person is recognised, which decides whose captures they see:

1. By `sub`. OpenID Connect never gives a `sub` to another person, so the same `sub` is the same person,
   even if their address, name or team has changed.
2. Otherwise (no `sub` in the line, or an unknown one), by e-mail address, which companies do reassign:
   only a person who has not left and has no `sub` yet, or whose `sub` the line leaves empty; they keep it.
3. Anyone else is new and gets their own subject. An address that belonged to another person until now becomes
   theirs; the former holder keeps subject and `sub`, with the address marked as passed on.

So a person who returns is recognised by `sub` alone: an address doesn't prove who they are. If two lines match one
person, the file is refused.
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

import home
from directory.models import EmployeeRow, open_engine, session_of
from errors import OpenBookError
from home import Part
from law.regimes import REGIMES
from settings import settings, time_zone

COLUMNS = ("email", "name", "sub", "department", "team", "role", "manager", "regime")
OPTIONAL_COLUMNS = ("zone",)
EMPLOYEE = "employee"
MANAGER = "manager"
OFFICER = "privacy_officer"
ROLES = (EMPLOYEE, MANAGER, OFFICER)


class UnknownEmployee(OpenBookError, LookupError):
    """No such person in the directory."""


class InvalidDirectoryFile(OpenBookError, ValueError):
    """The CSV file can't be used; nothing was changed. The message lists each invalid line."""


@dataclass(frozen=True)
class Employee:
    """A person in the directory. Identify them by `subject`; their address may change and pass to another person."""

    subject: UUID
    email: str
    name: str
    department: str
    team: str
    role: str
    regime: str
    zone: str
    """The IANA time zone of their workplace."""
    active: bool

    @property
    def current_role(self) -> str:
        """Their role; `employee` for whoever has left, who has no other one any more."""
        return self.role if self.active else EMPLOYEE

    def is_now(self, role: str) -> bool:
        """Whether they have this role now: people who have left have none."""
        return self.active and self.role == role


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
        """The directory of this home. Raises HomeUnavailable."""
        home.require(Part.DIRECTORY)
        directory = cls(directory_path())
        try:
            yield directory
        finally:
            directory._engine.dispose()

    def by_email(self, email: str) -> Employee:
        """The current holder of an address, or the last one. Raises UnknownEmployee."""
        with session_of(self._engine) as session:
            row = session.scalar(select(EmployeeRow).where(EmployeeRow.email == email.strip().lower()))
        if row is None:
            raise UnknownEmployee(f"{email} is not in the directory. Add the person with `python -m directory sync`.")
        return _employee(row)

    def by_sub(self, sub: str) -> Employee | None:
        """The active or former employee who signs in as `sub`, or None."""
        with session_of(self._engine) as session:
            row = session.scalar(select(EmployeeRow).where(EmployeeRow.sub == sub))
        return _employee(row) if row else None

    def sub_of(self, subject: UUID) -> str | None:
        """The person's `sub`, or None if they can't sign in yet or don't exist."""
        with session_of(self._engine) as session:
            return session.scalar(select(EmployeeRow.sub).where(EmployeeRow.subject == subject))

    def by_subject(self, subject: UUID) -> Employee:
        """Raises UnknownEmployee."""
        with session_of(self._engine) as session:
            row = session.get(EmployeeRow, subject)
        if row is None:
            raise UnknownEmployee("No employee has this subject.")
        return _employee(row)

    def everyone(self) -> list[Employee]:
        """All people, including former ones, by e-mail address."""
        with session_of(self._engine) as session:
            return [_employee(row) for row in session.scalars(select(EmployeeRow).order_by(EmployeeRow.email))]

    def managers(self) -> dict[UUID, UUID | None]:
        """Everyone who has not left, with their manager: None if the file names none, or one who is not here."""
        with session_of(self._engine) as session:
            rows = list(session.scalars(select(EmployeeRow).where(EmployeeRow.active)))
        subjects = {row.email: row.subject for row in rows}
        return {row.subject: subjects.get(row.manager_email or "") for row in rows}

    def synchronise(self, file: Path) -> Synchronised:
        """Synchronise the directory with a CSV file, all or nothing. Raises InvalidDirectoryFile."""
        lines = read_directory_file(file)
        added = updated = left = 0
        with session_of(self._engine) as session, session.begin():
            rows = list(session.scalars(select(EmployeeRow)))
            recognised = _recognise(file, lines, rows)
            future = {str(values["email"]): row for values, row in zip(lines, recognised, strict=True)}
            for row in rows:
                if row.email in future and future[row.email] is not row:
                    row.email = _passed_on(row)  # addresses must be unique at every moment
            session.flush()
            for values, known in zip(lines, recognised, strict=True):
                if known is None:
                    session.add(EmployeeRow(subject=uuid4(), active=True, **values))
                    added += 1
                    continue
                wanted = {**values, "sub": values["sub"] or known.sub, "active": True}
                if any(getattr(known, key) != value for key, value in wanted.items()):
                    for key, value in wanted.items():
                        setattr(known, key, value)
                    updated += 1
            present = {row.subject for row in recognised if row}
            for row in rows:
                if row.subject not in present:
                    left += row.active
                    row.active = False
        return Synchronised(added, updated, len(lines) - added - updated, left)


def _recognise(file: Path, lines: list[dict[str, str | None]], rows: list[EmployeeRow]) -> list[EmployeeRow | None]:
    """The person of each line, None for a new one. Raises InvalidDirectoryFile when two lines are one person."""
    by_sub = {row.sub: row for row in rows if row.sub}
    by_email = {row.email: row for row in rows}
    recognised: list[EmployeeRow | None] = []
    for values in lines:
        row = by_sub.get(values["sub"] or "")
        if row is None:
            row = by_email.get(str(values["email"]))
            if row and (not row.active or (row.sub and values["sub"])):
                row = None
        recognised.append(row)
    first: dict[UUID, int] = {}
    faults = []
    for line, row in enumerate(recognised, start=2):
        if row and first.setdefault(row.subject, line) != line:
            faults.append(
                f"lines {first[row.subject]} and {line}: the same person, one by sub and the other by e-mail address."
                " If they are two people, give both their sub."
            )
    if faults:
        raise InvalidDirectoryFile(f"{file}: nothing changed.\n" + "\n".join(faults))
    return recognised


def _passed_on(row: EmployeeRow) -> str:
    """A former holder's address: unique and, because of its spaces, not an address that a file may contain."""
    return f"{row.email} (passed on, {row.subject})"


def read_directory_file(file: Path) -> list[dict[str, str | None]]:
    """Read and check a directory CSV. Raises InvalidDirectoryFile."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            missing = set(COLUMNS) - set(reader.fieldnames or ())
            if missing:
                raise InvalidDirectoryFile(f"{file}: missing columns {', '.join(sorted(missing))}. Nothing changed.")
            rows = [{key: (row.get(key) or "").strip() for key in (*COLUMNS, *OPTIONAL_COLUMNS)} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidDirectoryFile(f"{file} can't be read: {error}. Nothing changed.") from error
    faults: list[str] = []
    emails: set[str] = set()
    subs: set[str] = set()
    for line, row in enumerate(rows, start=2):
        row["email"] = row["email"].lower()
        if "@" not in row["email"] or row["email"].split() != [row["email"]] or row["email"] in emails:
            faults.append(f"line {line}: e-mail address missing, malformed or repeated")
        if row["sub"] and row["sub"] in subs:
            faults.append(f"line {line}: sub repeated")
        if row["role"] not in ROLES:
            faults.append(f"line {line}: role must be one of {', '.join(ROLES)}")
        if row["regime"] not in REGIMES:
            faults.append(f"line {line}: regime must be one of {', '.join(REGIMES)}")
        if row["zone"] and not _is_time_zone(row["zone"]):
            faults.append(f"line {line}: zone must be an IANA time zone, such as Europe/Lisbon, or empty")
        emails.add(row["email"])
        subs.add(row["sub"])
    if faults:
        raise InvalidDirectoryFile(f"{file}: nothing changed.\n" + "\n".join(faults))
    return [
        {
            **{key: row[key] for key in ("email", "name", "department", "team", "role", "regime")},
            "sub": row["sub"] or None,
            "zone": row["zone"] or None,
            "manager_email": row["manager"].lower() or None,
        }
        for row in rows
    ]


def _is_time_zone(name: str) -> bool:
    try:
        return bool(time_zone(name))
    except ValueError:
        return False


def _employee(row: EmployeeRow) -> Employee:
    return Employee(
        row.subject,
        row.email,
        row.name,
        row.department,
        row.team,
        row.role,
        row.regime,
        row.zone or settings().workplace_zone,
        row.active,
    )
