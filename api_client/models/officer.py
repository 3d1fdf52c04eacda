"""What a privacy officer sees: other people's requests and holds, by code and count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class EmployeeName:
    """The person whose request or hold it is."""

    name: str
    department: str


@dataclass(frozen=True)
class NoteOpening:
    """Two privacy officers let each other read a note whose writer didn't allow it."""

    opening: UUID
    request: UUID
    reason: str
    hours: int
    asked_at: datetime
    asked_by_you: bool
    approved_at: datetime | None = None
    ends_at: datetime | None = None
    """It ends by itself then; None: not approved yet."""
    readable: bool = False


@dataclass(frozen=True)
class OfficerRequest:
    """A person's request. `needs_decision`: no work is done until it is approved or denied. `own`: it is the officer's,
    so another one decides. `due_on` is the last day for the answer in the time zone `zone`, `due_at` its end.
    """

    id: UUID
    type: str
    state: str
    received_at: datetime
    due_at: datetime
    due_on: date
    zone: str
    extended: bool
    regime: str
    employee: EmployeeName
    needs_decision: bool
    scope: dict[str, Any]
    note_shared: bool
    failure: str | None
    own: bool
    note_opening: NoteOpening | None = None


@dataclass(frozen=True)
class Health:
    """The health of Open Book's parts; `problems` says what is wrong and what to do."""

    status: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class OfficerHold:
    """A legal hold, in force or lifted, and not what it keeps. `own`: it is about the officer; another one lifts it."""

    hold: UUID
    employee: EmployeeName
    case: str
    exception: str
    exception_words: str
    signals: tuple[str, ...] | None
    applications: tuple[str, ...] | None
    from_at: datetime | None
    until_at: datetime | None
    placed_at: datetime
    review_on: date
    lifted_at: datetime | None
    own: bool


@dataclass(frozen=True)
class LinkedPerson:
    """A person as the directory, or the HR system's file, has them. `sub`: their id at the identity provider."""

    email: str
    name: str
    department: str
    team: str
    sub: str


@dataclass(frozen=True)
class TrainingExport:
    """A program asked for the records of a dataset version, with pictures of the screen or without; `approved`: it
    may read them now, until `ends_at`."""

    export: UUID
    program: str
    dataset_version: UUID
    dataset: str
    version: str
    purpose: str | None
    people: int
    records: int
    pictures: bool
    asked_at: datetime
    approved_at: datetime | None
    ends_at: datetime | None
    approved: bool


@dataclass(frozen=True)
class TrainingLease:
    """A program may read the records of a dataset version as files until then; `ended`: they are deleted."""

    lease: UUID
    program: str
    dataset_version: UUID
    dataset: str
    version: str
    state: str
    asked_at: datetime
    until: datetime
    ended_at: datetime | None
    reason: str | None


@dataclass(frozen=True)
class OfficerLink:
    """A known person whose address has another `sub` in the HR system's file, not decided yet. `own`: it is the
    officer's, so another one decides.
    """

    proposal: UUID
    known: LinkedPerson
    proposed: LinkedPerson
    proposed_at: datetime
    own: bool


@dataclass(frozen=True)
class Letter:
    """A letter with a code for somebody who has left. The code is shown only now."""

    letter: UUID
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class LetterInForce:
    """A letter whose code opens somebody's data until `expires_at`. `uses`: how often it was given."""

    letter: UUID
    employee: EmployeeName
    expires_at: datetime
    uses: int


@dataclass(frozen=True)
class LeftOpen:
    """A proposal that was not decided, and why."""

    proposal: UUID
    reason: str


@dataclass(frozen=True)
class LinkDecisions:
    """What became of several proposals."""

    decided: tuple[UUID, ...]
    left_open: tuple[LeftOpen, ...]
