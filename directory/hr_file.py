"""The people in a file of the HR system (docs/people.md lists its columns and their allowed values).

A row that leaves open who someone is, what they may see or which law applies makes the whole file refused: applied
without it, someone might be marked as left, or keep a role they no longer have. Anything else odd about a row is read
as far as it goes, and said.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from directory.hr_table import GUESSED, MOST_LISTED, InvalidDirectoryFile, Reading, Row, listed, read_table
from directory.roles import ROLES
from law.regimes import REGIMES
from setting_values import time_zone

COLUMNS = ("email", "name", "sub", "department", "team", "role", "manager", "regime")
OPTIONAL_COLUMNS = ("zone",)
TEXTS = ("name", "department", "team")
JOINERS = "\u200c\u200d"
"""Invisible characters that the spelling of some names needs."""
LONGEST = 320
"""Characters of a field; no address and no `sub` can have more."""
ADDRESS = re.compile(r"[^@\s,;<>|]+@[^@\s,;<>|]+")
DAMAGED = re.compile(
    r"#(?:[^\W\d_]{2,}[!?]?|N/A|DIV/0!|#+)|[(<]?null[)>]?|n/a|none|undefined|\d(?:[.,]\d+)?E[+-]\d+", re.IGNORECASE
)
"""What a spreadsheet or a query writes in place of an id: an error, no value, or a number that has lost its digits."""

SUB_LOST = (
    "sub: this is no id but what a spreadsheet or a query leaves where the id was. Take the ids from the source again,"
    " and keep their column as text; or leave the field empty"
)


@dataclass(frozen=True)
class Line:
    """One person of the file: the number of their line, and the values of their row in the directory."""

    number: int
    values: dict[str, str | None]

    @property
    def email(self) -> str:
        return str(self.values["email"])

    @property
    def sub(self) -> str | None:
        return self.values["sub"]


@dataclass(frozen=True)
class HrFile:
    """The people of a file, and what is odd about it."""

    lines: list[Line]
    notices: list[str]


def read_hr_file(file: Path, reading: Reading | None = None) -> HrFile:
    """Read and check a file. Raises InvalidDirectoryFile, which lists every fault."""
    table = read_table(file, COLUMNS, OPTIONAL_COLUMNS, reading or Reading())
    notices = list(table.notices)
    rows = [_cleaned(row, notices) for row in table.rows]
    faults = [*table.faults, *(f"line {row.line}: {fault}" for row in rows for fault in faults_of(row.cells))]
    faults += [f"line {row.line}: {SUB_LOST}" for row in rows if DAMAGED.fullmatch(row.cells["sub"])]
    faults += _repeated(rows, "email", "e-mail address repeated") + _repeated(rows, "sub", "sub repeated")
    if faults:
        faults.sort(key=_line_of)
        why = f" The file can't be read with certainty: {GUESSED} NAME." if table.guessed else ""
        raise InvalidDirectoryFile(f"{file}: nothing changed.{why}\n{listed(faults)}")
    managers = _Managers(rows)
    lines = [Line(row.line, _values(row.cells, managers.address(row, notices))) for row in rows]
    notices += _circles(lines)
    return HrFile(lines, notices)


def _cleaned(row: Row, notices: list[str]) -> Row:
    """Without invisible characters, and with addresses and codes in small letters."""
    cells = {name: visible(text, JOINERS if name in TEXTS else "") for name, text in row.cells.items()}
    removed = [name for name, text in row.cells.items() if cells[name] != " ".join(text.split())]
    if removed:
        notices.append(f"line {row.line}: invisible characters removed from {', '.join(removed)}")
    cells["email"] = cells["email"].lower().removeprefix("mailto:")
    if cells["manager"].lower().startswith("mailto:"):
        cells["manager"] = cells["manager"][len("mailto:") :]
    for name in ("role", "regime"):
        cells[name] = re.sub(r"[\s-]+", "_", cells[name].lower())
    return Row(row.line, cells)


def visible(text: str, kept: str) -> str:
    """Without control and format characters (Unicode Cc and Cf), and with single spaces."""
    spaced = " ".join(text.split())
    shown = "".join(each for each in spaced if each in kept or unicodedata.category(each) not in ("Cc", "Cf"))
    return " ".join(shown.split())


def has_half_a_character(text: str) -> bool:
    """Whether it has a lone surrogate, which JSON and some encodings can express and nothing can store."""
    return any("\ud800" <= each <= "\udfff" for each in text)


def faults_of(cells: dict[str, str]) -> list[str]:
    """Why these values of a person, by column, leave open who they are, what they may see or which law applies."""
    faults = [f"{name} has more than {LONGEST} characters" for name, text in cells.items() if len(text) > LONGEST]
    faults += [f"{name} has half a character (a lone surrogate)" for name in cells if has_half_a_character(cells[name])]
    if cells["email"].count("@") > 1:
        faults.append("e-mail address: there are two in one field; keep the one that belongs to this person")
    elif not ADDRESS.fullmatch(cells["email"]):
        faults.append("e-mail address missing or malformed")
    if cells["role"] not in ROLES:
        faults.append(f"role must be one of {', '.join(ROLES)}")
    if cells["regime"] not in REGIMES:
        faults.append(f"regime must be one of {', '.join(REGIMES)}")
    if cells["zone"] and not _is_time_zone(cells["zone"]):
        faults.append("zone must be an IANA time zone, such as Europe/Lisbon, or empty")
    return faults


def _repeated(rows: list[Row], column: str, words: str) -> list[str]:
    first: dict[str, int] = {}
    return [
        f"line {row.line}: {words}; it is on line {first[row.cells[column]]}, too"
        for row in rows
        if row.cells[column] and first.setdefault(row.cells[column], row.line) != row.line
    ]


def _line_of(fault: str) -> int:
    return int(fault.removeprefix("line ").partition(":")[0])


class _Managers:
    """The managers that the rows name: by address, by `sub`, or by a name that only one person of the file has."""

    def __init__(self, rows: list[Row]) -> None:
        self._addresses = {row.cells["email"] for row in rows}
        self._with_name = Counter(row.cells["name"].casefold() for row in rows)
        self._by_sub = {row.cells["sub"]: row.cells["email"] for row in rows if row.cells["sub"]}
        self._by_name = {row.cells["name"].casefold(): row.cells["email"] for row in rows}

    def address(self, row: Row, notices: list[str]) -> str | None:
        """The manager's address; None, with a notice, if the row doesn't name one person."""
        named = row.cells["manager"]
        if not named:
            return None
        own = row.cells["name"].casefold(), row.cells["email"]
        if named.lower() not in self._addresses:
            named = self._by_sub.get(named, named)
        if (named.casefold() == own[0] and self._with_name[own[0]] == 1) or named.lower() == own[1]:
            notices.append(f"line {row.line}: manager left empty: it is the person's own")
            return None
        if ADDRESS.fullmatch(named):
            if named.lower() not in self._addresses:
                notices.append(f"line {row.line}: the manager's address is not in the file, so no manager sees them")
            return named.lower()
        having = self._with_name[named.casefold()]
        if having == 1:
            notices.append(f"line {row.line}: the manager is given by name; only one person has it, so it was taken")
            return self._by_name[named.casefold()]
        why = "is two addresses" if named.count("@") > 1 else f"is a name that {having or 'none'} of the people have"
        notices.append(f"line {row.line}: manager left empty: it {why}. Give one e-mail address")
        return None


def _circles(lines: list[Line]) -> list[str]:
    """A notice for each circle of people who are each other's managers."""
    manager = {line.email: line.values["manager_email"] for line in lines}
    number = {line.email: line.number for line in lines}
    seen: dict[str, str] = {}  # by whom each was come from first
    notices = []
    for start in manager:
        each: str | None = start
        while each in manager and each not in seen:
            seen[each] = start
            each = manager[each]
        if each in manager and seen[each] == start:
            circle = [each]
            while (following := manager[circle[-1]]) != each:
                circle.append(str(following))
            shown = ", ".join(f"{number[email]:,}" for email in sorted(circle, key=number.__getitem__)[:MOST_LISTED])
            notices.append(f"line {number[each]}: the managers go in a circle: lines {shown}. Correct one of them")
    return notices


def _values(cells: dict[str, str], manager: str | None) -> dict[str, str | None]:
    return {
        **{key: cells[key] for key in ("email", "name", "department", "team", "role", "regime")},
        "sub": cells["sub"] or None,
        "zone": cells["zone"] or None,
        "manager_email": manager,
    }


def _is_time_zone(name: str) -> bool:
    try:
        return bool(time_zone(name))
    except ValueError:
        return False
