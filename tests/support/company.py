"""Companies of many people for the tests of releases, put into the directory by a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from pathlib import Path

from directory import Directory, Employee
from directory.hr_file import COLUMNS


def employ(
    file: Path, size: int, below: Mapping[int, int] | None = None, without: Collection[int] = ()
) -> list[Employee]:
    """`size` people, in order, without a manager; `below={0: 20}`: the first manages twenty of them. People in
    `without` has left. The `sub` of number 7 is `p7`."""
    managers: dict[int, int] = {}
    free = iter(range(len(below or {}), size))
    for manager, people in (below or {}).items():
        managers.update({next(free): manager for _ in range(people)})
    with file.open("w", newline="", encoding="utf-8") as lines:
        rows = csv.writer(lines)
        rows.writerow(COLUMNS)
        for number in sorted(set(range(size)) - set(without)):
            above = f"p{managers[number]}@example.com" if number in managers else ""
            role = "manager" if number in (below or {}) else "employee"
            rows.writerow((f"p{number}@example.com", f"Person {number}", f"p{number}", "D", "T", role, above, "gdpr"))
    with Directory.open() as directory:
        directory.synchronise(file)
        return sorted(directory.everyone(), key=lambda person: int(person.name.split()[1]))
