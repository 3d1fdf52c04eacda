"""Brings the directory in line with a file of the HR system.

A synchronisation never deletes: people missing from the file are marked as left. They can still sign in and keep their
rights to their own data, but have no role (`Employee.is_now`).

How a person is recognised, which decides whose captures they see:

1. By `sub`. OpenID Connect never gives a `sub` to another person, so the same `sub` is the same person,
   even if their address, name or team has changed.
2. Otherwise (no `sub` in the line, or an unknown one), by e-mail address, which companies do reassign:
   only a person who has not left and has no `sub` yet, or whose `sub` the line leaves empty; they keep it.
3. An unknown `sub` with the address of a person who has another `sub`, which isn't in the file: nobody is recognised.
   A privacy officer decides whether it is the same person (`directory.links`).
4. Anyone else is new and gets their own subject. An address that belonged to another person until now becomes
   theirs; the former holder keeps subject and `sub`, with the address marked as passed on.

So a person who returns is recognised by `sub` alone: an address doesn't prove who they are. If two lines match one
person, the file is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.hr_file import HrFile, Line
from directory.hr_table import InvalidDirectoryFile, listed
from directory.links import Questions, passed_on
from directory.models import EmployeeRow
from directory.sign_outs.leavers import mark_as_left


@dataclass(frozen=True)
class Extent:
    """How much a synchronisation changes, in people."""

    people: int
    """Those who work here before it, or were in question."""
    left: int
    other_subs: int
    """Those whose address comes with another `sub` than theirs."""


Check = Callable[[Extent], None]
"""Raises an OpenBookError to refuse a synchronisation."""


@dataclass(frozen=True)
class Synchronised:
    """What a synchronisation changed, in people."""

    added: int
    updated: int
    unchanged: int
    left: int
    proposed: int = 0
    """They have another `sub` for a known address; a privacy officer decides who they are."""
    extent: Extent = field(default=Extent(0, 0, 0), compare=False)
    notices: Sequence[str] = field(default=(), compare=False)
    """What is odd about the file, by line."""


def apply(session: Session, file: Path, people: HrFile) -> Synchronised:
    """Make the changes in a session, which the caller commits. Raises InvalidDirectoryFile."""
    rows = list(session.scalars(select(EmployeeRow)))
    before = sum(row.active for row in rows)
    other_subs = _with_other_subs(people.lines, rows)
    questions = Questions(session, people.lines, rows)
    lines = [line for line in people.lines if line not in questions]
    recognised = _recognise(file, lines, rows)
    notices = [*people.notices, *questions.notices, *_reused(lines, recognised, rows)]
    _pass_addresses_on(session, lines, recognised, rows)
    added = updated = 0
    for line, known in zip(lines, recognised, strict=True):
        if known is None:
            session.add(EmployeeRow(subject=uuid4(), active=True, **line.values))
            added += 1
        else:
            updated += _update(known, {**line.values, "sub": line.sub or known.sub, "active": True})
    left = _mark_as_left(session, rows, {row.subject for row in recognised if row}, questions)
    session.flush()
    unchanged = len(lines) - added - updated
    extent = Extent(before + questions.before, left, other_subs)
    return Synchronised(added, updated, unchanged, left, len(questions), extent, notices)


def _reused(lines: list[Line], recognised: list[EmployeeRow | None], rows: list[EmployeeRow]) -> list[str]:
    former = {row.email for row in rows if not row.active}
    return [
        f"line {line.number}: a new person, with the address of someone who left; they don't get that person's data"
        for line, known in zip(lines, recognised, strict=True)
        if known is None and line.email in former
    ]


def _recognise(file: Path, lines: list[Line], rows: list[EmployeeRow]) -> list[EmployeeRow | None]:
    """The person of each line, None for a new one. Raises InvalidDirectoryFile when two lines are one person."""
    by_sub = {row.sub: row for row in rows if row.sub}
    by_email = {row.email: row for row in rows}
    recognised: list[EmployeeRow | None] = []
    for line in lines:
        row = by_sub.get(line.sub or "")
        if row is None:
            row = by_email.get(line.email)
            if row and (not row.active or (row.sub and line.sub)):
                row = None
        recognised.append(row)
    first: dict[UUID, int] = {}
    faults = []
    for line, row in zip(lines, recognised, strict=True):
        if row and first.setdefault(row.subject, line.number) != line.number:
            faults.append(
                f"lines {first[row.subject]} and {line.number}: the same person, one by sub and the other by e-mail"
                " address. If they are two people, give both their sub."
            )
    if faults:
        raise InvalidDirectoryFile(f"{file}: nothing changed.\n{listed(faults)}")
    return recognised


def _with_other_subs(lines: list[Line], rows: list[EmployeeRow]) -> int:
    subs = {row.email: row.sub for row in rows if row.active and row.sub}
    return sum(bool(line.sub) and subs.get(line.email, line.sub) != line.sub for line in lines)


def _pass_addresses_on(
    session: Session, lines: list[Line], recognised: list[EmployeeRow | None], rows: list[EmployeeRow]
) -> None:
    """Free the addresses that get another holder: they must be unique at every moment."""
    future = {line.email: row for line, row in zip(lines, recognised, strict=True)}
    for row in rows:
        if row.email in future and future[row.email] is not row:
            row.email = passed_on(row.email, row.subject)
    session.flush()


def _update(row: EmployeeRow, wanted: dict[str, object]) -> bool:
    """Whether anything was different."""
    changed = {key: value for key, value in wanted.items() if getattr(row, key) != value}
    for key, value in changed.items():
        setattr(row, key, value)
    return bool(changed)


def _mark_as_left(session: Session, rows: list[EmployeeRow], present: set[UUID], questions: Questions) -> int:
    """Whoever is missing has left: their sign-ins end, their data stays for their rights."""
    missing = {row.subject for row in rows if row.active} - questions.open() | questions.unnamed()
    leaving = [row for row in rows if row.subject in missing - present]
    for row in leaving:
        mark_as_left(session, row)
    return len(leaving)
