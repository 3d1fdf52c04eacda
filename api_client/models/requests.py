"""Requests: what one would do, how far one is, what was decided and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

ENDED = frozenset({"completed", "partially_completed", "denied", "withdrawn"})
"""The states in which nobody works on a request. Two may be left again: an erasure that a hold kept from being
complete goes on when the hold is lifted, and you can end an objection, restriction or rectification."""


@dataclass(frozen=True)
class Slice:
    """Captures of one signal in one application."""

    application: str
    signal: str
    events: int
    first_day: date
    last_day: date


@dataclass(frozen=True)
class DayCount:
    """Captures of one UTC day."""

    day: date
    events: int


@dataclass(frozen=True)
class Withheld:
    """Captures that an erasure leaves because of a legal hold, by which exception, and what that means (`reason`)."""

    hold: UUID
    case: str
    reason: str
    exception: str
    review_on: date | None
    events: int


@dataclass(frozen=True)
class AffectedModel:
    """A dataset version with captures that a request covers, the model version trained on it, if any, and what the
    request would make of it: `state` as in an outcome, `by` when that is known, and the same in `words`."""

    dataset: str | None
    version: str | None
    model: str | None
    model_version: str | None
    events: int
    state: str
    by: date | None
    words: str


@dataclass(frozen=True)
class Preview:
    """What a request would do. Looking changes nothing."""

    events: int
    by: tuple[Slice, ...]
    days: tuple[DayCount, ...]
    withheld: tuple[Withheld, ...]
    models: tuple[AffectedModel, ...]
    models_left_out: dict[str, int] | None = None


@dataclass(frozen=True)
class Previewed:
    """What a preview said when the request was filed, in captures."""

    events: int
    withheld: int


@dataclass(frozen=True)
class Event:
    """A step in a request's life."""

    at: datetime
    state: str
    note: str


@dataclass(frozen=True)
class Decision:
    """What a privacy officer decided: `decision` is approve, deny or extend; `reason` is a code and `words` say it.
    `appeal`, of a denial: where you can have it looked at again."""

    decision: str
    reason: str | None
    words: str
    at: datetime
    role: str
    appeal: str | None


@dataclass(frozen=True)
class ReceiptInfo:
    """A signed statement of what the request did; `GovernanceClient.receipt` fetches it by its number."""

    number: int
    issued_at: datetime


@dataclass(frozen=True)
class ExportInfo:
    """The file that an export request made: bytes and SHA-256 of the ZIP, and until when it can be fetched."""

    size: int
    sha256: str
    expires_at: datetime
    available: bool


@dataclass(frozen=True)
class ListedRequest:
    """A request that you filed, and how far it is, without what it did.

    `first_due_at` is the deadline before an extension, `note` your words of a rectification, `standing` whether an
    objection, restriction or rectification is in force (None for other types).
    """

    id: UUID
    type: str
    state: str
    scope: dict[str, Any]
    note: str | None
    regime: str
    received_at: datetime
    due_at: datetime
    first_due_at: datetime
    extended: bool
    completed_at: datetime | None
    standing: bool | None
    decision: Decision | None
    previewed: Previewed | None
    failure: str | None
    history: tuple[Event, ...]
    export: ExportInfo | None
    receipts: tuple[ReceiptInfo, ...]

    @property
    def ended(self) -> bool:
        """Nobody works on it any more."""
        return self.state in ENDED


@dataclass(frozen=True)
class Request(ListedRequest):
    """A request that you filed, how far it is and what it did."""

    outcome: dict[str, Any] | None


@dataclass(frozen=True)
class Note:
    """A note of yours that stands with captures of a scope."""

    request: UUID
    scope: dict[str, Any]
    note: str
    since: datetime
