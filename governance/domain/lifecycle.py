"""The life of a request, as data.

    received ──> verifying ──> in_progress ──> completed ┄┄> withdrawn      a standing rule that the person ends
       │             │           │ ^  │ ^ └──> partially_completed          some was withheld; the outcome says why
       │             │           │ │  v │         ┆
       │             │           │ │ failed <┄┄┄┄┄┼┄ tried again by itself, for all to see
       v             v           │ │    │         ┆
    withdrawn     withdrawn      │ └┄┄┄┄┼┄┄┄┄┄┄┄┄┄┘ a hold was lifted: what it withheld is erased, too
    or denied     or denied      v      v
                               denied (until captures have gone)

completed, partially_completed, denied and withdrawn are final: nobody works on the request. Two of them have an
`AFTERWARDS` for requests of some types. A request can be withdrawn until work on it has begun, because what was
erased can't come back; an objection, restriction or rectification ends when the person says so.

`verifying` lasts as long as a decision of a privacy officer is waited for; most requests need none and pass it
at once. `extended` is an entry of the history, not a place: the request stays where it was, with a later
deadline, and it may happen once.

Deadlines count from the time of receipt. GDPR 12(3): one calendar month, extended by two more. CCPA 1798.130:
45 days, extended by 45 more. A month that has no such day ends on its last one: 31 January + 1 month is
28 or 29 February.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a request stands; `extended` only in its history."""

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
    """A note of mine stands with these captures."""

    @property
    def standing(self) -> bool:
        """Whether it leaves a rule or a note in force when it completes, until its owner ends it."""
        return self in (Type.OBJECTION, Type.RESTRICTION, Type.RECTIFICATION)


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
}
"""What may still follow a final state."""


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


def transition(kind: Type, state: State, to: State, at: datetime, note: str) -> Transition:
    """The step of a request of this type from `state` to `to`. Raises NotAllowed."""
    if to not in ALLOWED[state] | AFTERWARDS.get((kind, state), frozenset()):
        raise NotAllowed(state, to)
    return Transition(to, at, note)
