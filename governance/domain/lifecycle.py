"""The lifecycle of a request, as data.

    received ──> verifying ──> in_progress ──> completed ┄┄> withdrawn      a standing rule that the person ends
       │             │           │ ^  │ ^ └──> partially_completed          some was withheld; the outcome says why
       │             │           │ │  v │         ┆
       │             │           │ │ failed <┄┄┄┄┄┼┄ retried automatically; visible to the person
       v             v           │ │    │         ┆
    withdrawn     withdrawn      │ └┄┄┄┄┼┄┄┄┄┄┄┄┄┄┘ a hold was lifted: what it withheld is erased too
    or denied     or denied      v      v
                              denied (until captures have been erased)

completed, partially_completed, denied and withdrawn are final: no more work is done on the request. Two of them have an
`AFTERWARDS` for requests of some types. A request can be withdrawn until work on it has begun, because erased captures
can't come back. The person can end an objection, restriction, rectification or masking at any time.

`verifying` lasts while a privacy officer's decision is pending; most requests need none and pass through at once.
`extended` is an entry in the history, not a state: the request stays in its state, with a later deadline. It may happen
once.

Deadlines are days, counted from the day of receipt where the person works (`law.deadlines`). GDPR 12(3): one calendar
month, extended by two more. CCPA 1798.130: 45 days, extended by 45 more. A month without that day ends on its last one:
31 January + 1 month is 28 or 29 February.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from errors import Conflict


class State(StrEnum):
    """The state of a request; `extended` only appears in its history."""

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
    OBJECTION = "objection"
    """No training on my data, from now on."""
    RESTRICTION = "restriction"
    """Keep it, but do not use it."""
    RECTIFICATION = "rectification"
    """A note from me is shown with these records."""
    MASKING = "masking"
    """My name is masked in records of others that mention me."""

    @property
    def standing(self) -> bool:
        """Whether, once completed, it leaves a rule or a note in force until its owner ends it."""
        return self in (Type.OBJECTION, Type.RESTRICTION, Type.RECTIFICATION, Type.MASKING)


OPEN = frozenset({State.RECEIVED, State.VERIFYING, State.IN_PROGRESS, State.FAILED})

ALLOWED: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.VERIFYING, State.EXTENDED, State.DENIED, State.WITHDRAWN}),
    State.VERIFYING: frozenset({State.IN_PROGRESS, State.EXTENDED, State.DENIED, State.WITHDRAWN}),
    State.IN_PROGRESS: frozenset(
        {State.COMPLETED, State.PARTIALLY_COMPLETED, State.DENIED, State.EXTENDED, State.FAILED}
    ),
    State.FAILED: frozenset({State.IN_PROGRESS, State.EXTENDED, State.DENIED}),
    State.EXTENDED: OPEN,
    State.COMPLETED: frozenset(),
    State.PARTIALLY_COMPLETED: frozenset(),
    State.DENIED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

AFTERWARDS: dict[tuple[Type, State], frozenset[State]] = {
    (Type.ERASURE, State.PARTIALLY_COMPLETED): frozenset({State.IN_PROGRESS}),
    (Type.OBJECTION, State.COMPLETED): frozenset({State.WITHDRAWN}),
    (Type.RESTRICTION, State.COMPLETED): frozenset({State.WITHDRAWN}),
    (Type.RECTIFICATION, State.COMPLETED): frozenset({State.WITHDRAWN}),
    (Type.MASKING, State.COMPLETED): frozenset({State.WITHDRAWN}),
}
"""Transitions that are still possible after a final state."""


class NotAllowed(Conflict):
    """This request can't change from its state to that one. Nothing was changed."""

    def __init__(self, state: State, to: State) -> None:
        super().__init__(f"A request that is {state} can't become {to}.")
        self.state = state
        self.to = to


@dataclass(frozen=True)
class Transition:
    """One step in the life of a request; the next entry in its history."""

    state: State
    at: datetime
    note: str


def transition(kind: Type, state: State, to: State, at: datetime, note: str) -> Transition:
    """The step of a request of this type from `state` to `to`. Raises NotAllowed."""
    if to not in ALLOWED[state] | AFTERWARDS.get((kind, state), frozenset()):
        raise NotAllowed(state, to)
    return Transition(to, at, note)
