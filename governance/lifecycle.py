"""The life of a request, as data.

    received ──> verifying ──> in_progress ──> completed
       │             │           │ ^  │ ^ └──> partially_completed   some was withheld; the outcome says why
       │             │           │ │  v │
       │             │           │ │ failed                          tried again by itself, for all to see
       │             │           v │
       │             │        extended                               a later deadline, with its reason
       v             v           │
    withdrawn     withdrawn      v
    or denied     or denied    denied                                in_progress may end so, too

completed, partially_completed, denied and withdrawn are final. A request can be withdrawn until work on it
has begun, because what was erased can't come back.

Deadlines count from the time of receipt. GDPR 12(3): one calendar month, extended by two more. CCPA 1798.130:
45 days, extended by 45 more. A month that has no such day ends on its last one: 31 January + 1 month is
28 or 29 February.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    VERIFYING = "verifying"
    IN_PROGRESS = "in_progress"
    EXTENDED = "extended"
    COMPLETED = "completed"
    PARTIALLY_COMPLETED = "partially_completed"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        return not ALLOWED[self]


class Type(StrEnum):
    """What a request asks for."""

    EXPORT = "export"
    ERASURE = "erasure"


ALLOWED: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.VERIFYING, State.DENIED, State.WITHDRAWN}),
    State.VERIFYING: frozenset({State.IN_PROGRESS, State.DENIED, State.WITHDRAWN}),
    State.IN_PROGRESS: frozenset(
        {State.COMPLETED, State.PARTIALLY_COMPLETED, State.DENIED, State.EXTENDED, State.FAILED}
    ),
    State.EXTENDED: frozenset({State.IN_PROGRESS, State.DENIED}),
    State.FAILED: frozenset({State.IN_PROGRESS}),
    State.COMPLETED: frozenset(),
    State.PARTIALLY_COMPLETED: frozenset(),
    State.DENIED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


class NotAllowed(Exception):
    """This request can't go to that state from where it stands. Nothing was changed."""

    def __init__(self, state: State, to: State) -> None:
        super().__init__(f"A request that is {state} can't become {to}.")
        self.state = state
        self.to = to


@dataclass(frozen=True)
class Transition:
    """One step in the life of a request; the next entry of its history."""

    state: State
    at: datetime
    note: str


def transition(state: State, to: State, at: datetime, note: str) -> Transition:
    """The step from `state` to `to`. Raises NotAllowed."""
    if to not in ALLOWED[state]:
        raise NotAllowed(state, to)
    return Transition(to, at, note)


def due_at(regime: str, received_at: datetime, *, extended: bool = False) -> datetime:
    """When a request must be answered. `regime` is gdpr or ccpa."""
    if regime == "gdpr":
        return add_months(received_at, 3 if extended else 1)
    if regime == "ccpa":
        return received_at + timedelta(days=90 if extended else 45)
    raise ValueError(f"No deadline is known for the regime {regime}.")


def add_months(moment: datetime, months: int) -> datetime:
    """The same day and time `months` later, or the last day of that month where it has no such day."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
