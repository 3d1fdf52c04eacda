"""Employees for tests, added to the directory the way the HR system does it: by a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path

from directory import Directory, Employee
from directory.hr_file import COLUMNS, OPTIONAL_COLUMNS


class Company:
    """Call it to add a person: `company("ada@example.com", role="manager") -> Employee`.

    The default `sub` is the part of the e-mail address before the `@`.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rows: dict[str, dict[str, str]] = {}

    def __call__(self, email: str = "ada@example.com", **fields: str) -> Employee:
        self.add(email, **fields)
        self._synchronise()
        with Directory.open() as directory:
            return directory.by_email(email)

    def leave(self, email: str) -> Employee:
        """The HR system's file has them no more; the file still has somebody else."""
        del self._rows[email]
        self._synchronise()
        with Directory.open() as directory:
            return directory.by_email(email)

    def _synchronise(self) -> None:
        with self._file.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.DictWriter(lines, (*COLUMNS, *OPTIONAL_COLUMNS))
            writer.writeheader()
            writer.writerows(self._rows.values())
        with Directory.open() as directory:
            directory.synchronise(self._file)

    def add(self, email: str, **fields: str) -> None:
        """Only to the file: the next call brings them along."""
        name = email.partition("@")[0]
        self._rows[email] = {
            "email": email,
            "name": name.title(),
            "sub": name,
            "department": "Finance",
            "team": "Accounts",
            "role": "employee",
            "manager": "",
            "regime": "gdpr",
            **fields,
        }


def signing_in(sub: str) -> Employee:
    """The person who signs in as `sub`."""
    with Directory.open() as directory:
        employee = directory.by_sub(sub)
    assert employee is not None
    return employee
