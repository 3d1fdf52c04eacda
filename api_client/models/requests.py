"""Requests: what one would do, its progress, what was decided and its outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

ENDED = frozenset({"completed", "partially_completed", "denied", "withdrawn"})
"""The states in which no work is done on a request. Two may be left again: an erasure that a hold kept incomplete
continues when the hold is lifted, and you can end an objection, restriction or rectification.
"""


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
    """Captures of one day, of the zone that the preview was asked for; mentions: of one UTC day."""

    day: date
    events: int


@dataclass(frozen=True)
class Withheld:
    """Captures that an erasure keeps because of a legal hold, the exception for it, and what that means (`reason`)."""

    hold: UUID
    case: str
    reason: str
    exception: str
    review_on: date | None
    events: int


@dataclass(frozen=True)
class AffectedModel:
    """A dataset version with captures that a request covers, the model version trained on it, if any, and the effect of
    the request on it: `state` as in an outcome, `by` if known, and the same in `words`.
    """

    dataset: str | None
    version: str | None
    model: str | None
    model_version: str | None
    events: int
    state: str
    by: date | None
    words: str


@dataclass(frozen=True)
class Copy:
    """An export that can be downloaded now, and that an erasure would delete."""

    request: UUID
    written_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Preview:
    """What a request would do. A preview changes nothing."""

    events: int
    by: tuple[Slice, ...]
    days: tuple[DayCount, ...]
    withheld: tuple[Withheld, ...]
    models: tuple[AffectedModel, ...]
    models_left_out: dict[str, int] | None = None
    models_uncertain: tuple[AffectedModel, ...] | None = None
    copies_removed: tuple[Copy, ...] = ()


@dataclass(frozen=True)
class Previewed:
    """What a preview said when the request was filed, in records."""

    events: int
    withheld: int


@dataclass(frozen=True)
class Event:
    """An entry in a request's history."""

    at: datetime
    state: str
    note: str


@dataclass(frozen=True)
class Decision:
    """A privacy officer's decision: `decision` is approve, deny or extend; `reason` is a code, and `words` the text.
    `appeal`, for a denial: how to appeal.
    """

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
    in_ledger_from: datetime | None = None
    """While the ledger doesn't have it: when the next batch of entries is added."""


@dataclass(frozen=True)
class ExportInfo:
    """The file of an export request: bytes and SHA-256 of the ZIP, and until when it can be downloaded.

    `removed_because`: time, erasure or restore, if it can't be downloaded any more.
    """

    size: int
    sha256: str
    expires_at: datetime
    available: bool
    written_at: datetime
    removed_at: datetime | None = None
    removed_because: str | None = None


@dataclass(frozen=True)
class ListedRequest:
    """A request that you filed and its progress, without its outcome.

    `due_on` is the last day for the answer where you work (`zone`, an IANA time zone), `due_at` the end of that day.
    `first_due_at` and `first_due_on` are the deadline before an extension, `note` your text of a rectification,
    `note_shared` whether the privacy officer who decides may read it, `standing` whether an objection, restriction or
    rectification is in force (None for other types), `starts_at` when an erasure starts that waits a day (None for
    others).
    """

    id: UUID
    type: str
    state: str
    scope: dict[str, Any]
    note: str | None
    note_shared: bool
    regime: str
    received_at: datetime
    due_at: datetime
    first_due_at: datetime
    due_on: date
    first_due_on: date
    zone: str
    extended: bool
    completed_at: datetime | None
    standing: bool | None
    decision: Decision | None
    previewed: Previewed | None
    failure: str | None
    history: tuple[Event, ...]
    export: ExportInfo | None
    receipts: tuple[ReceiptInfo, ...]
    starts_at: datetime | None = field(default=None, kw_only=True)

    @property
    def ended(self) -> bool:
        """No more work is done on it."""
        return self.state in ENDED


@dataclass(frozen=True)
class Request(ListedRequest):
    """A request that you filed, its progress and its outcome."""

    outcome: dict[str, Any] | None


@dataclass(frozen=True)
class FiledRequest(Request):
    """A request that you have just filed. `acknowledgement`: the signed proof of it, a file for the verifier; None if
    it can't be signed just now, then fetch it later."""

    acknowledgement: dict[str, Any] | None = None


@dataclass(frozen=True)
class Note:
    """One of your notes in force, with its scope."""

    request: UUID
    scope: dict[str, Any]
    note: str
    since: datetime
