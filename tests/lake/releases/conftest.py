"""`employ(areas)`: a company in the directory; `at(day)`: what the clock shows; a lake with a policy from 1 January."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

import clock
from directory import Directory, Employee
from directory.people import COLUMNS
from lake.connection import writer
from lake.policies import apply_policies
from tests.support.lake import POLICY

DAY = date(2026, 7, 1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    def show(day: date) -> None:
        moment = datetime.combine(day, time(3), UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return show


@pytest.fixture
def policies(home: Path, at: Callable[[date], None]) -> None:
    """A lake in which a policy is in force since January; it is the first of July."""
    at(DAY)
    with writer() as connection:
        apply_policies(connection, [POLICY])


@pytest.fixture
def employ(tmp_path: Path, home: Path) -> Callable[..., list[Employee]]:
    """`employ(60)`: sixty people without a manager, `employ(60, {0: 20})`: the first has twenty of them."""

    def put(size: int, below: dict[int, int] | None = None, without: Sequence[int] = ()) -> list[Employee]:
        managers: dict[int, int] = {}
        free = iter(range(len(below or {}), size))
        for manager, people in (below or {}).items():
            managers.update({next(free): manager for _ in range(people)})
        file = tmp_path / "company.csv"
        with file.open("w", newline="", encoding="utf-8") as lines:
            rows = csv.writer(lines)
            rows.writerow(COLUMNS)
            for number in set(range(size)) - set(without):
                manager = f"p{managers[number]}@example.com" if number in managers else ""
                role = "manager" if number in managers.values() else "employee"
                rows.writerow(
                    (f"p{number}@example.com", f"Person {number}", f"p{number}", "D", "T", role, manager, "gdpr")
                )
        with Directory.open() as directory:
            directory.synchronise(file)
            return sorted(directory.everyone(), key=lambda person: int(person.name.split()[1]))

    return put
