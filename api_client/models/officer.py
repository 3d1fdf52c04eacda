"""What a privacy officer is told: requests and holds of others, by code and count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class EmployeeName:
    """Whose request or hold it is."""

    name: str
    department: str


@dataclass(frozen=True)
class OfficerRequest:
    """A request of somebody. `needs_decision`: nobody works on it until it is approved or denied. `own`: it is the
    officer's, so another one decides."""

    id: UUID
    type: str
    state: str
    received_at: datetime
    due_at: datetime
    extended: bool
    regime: str
    employee: EmployeeName
    needs_decision: bool
    scope: dict[str, Any]
    failure: str | None
    own: bool


@dataclass(frozen=True)
class Health:
    """How the parts of Open Book are; `problems` says what is wrong and what to do."""

    status: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class OfficerHold:
    """A legal hold, in force or lifted; `events` are the captures that it keeps now. `own`: they are the officer's, so
    another one lifts it."""

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
    events: int
    own: bool
