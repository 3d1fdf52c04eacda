"""What the governance API answers, as frozen dataclasses.

Times are aware, UTC; days are UTC days; counts are captures. Fields that a newer API adds are passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

ENDED = frozenset({"completed", "partially_completed", "denied", "withdrawn"})
"""The states in which nothing more happens to a request."""


@dataclass(frozen=True)
class Scope:
    """Which captures a request is about: signals x applications x time; what is left out doesn't restrict.

    `from_at` is inclusive, `until_at` exclusive; a naive time is taken as UTC.
    """

    signals: Sequence[str] | None = None
    applications: Sequence[str] | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """As the API takes it."""
        values = {
            "signals": None if self.signals is None else list(self.signals),
            "applications": None if self.applications is None else list(self.applications),
            "from": _text(self.from_at),
            "until": _text(self.until_at),
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Me:
    """Who the token belongs to, as the company's directory has it."""

    name: str
    email: str
    department: str
    team: str
    role: str
    regime: str
    subject: UUID


@dataclass(frozen=True)
class Summary:
    """What is held about you, in numbers."""

    captures: int
    first_at: datetime | None
    last_at: datetime | None
    days: int
    applications: int
    signals: int
    redacted: int
    kept_until: date | None
    next_expiry_day: date | None
    next_expiry_events: int
    removed_by_retention: int
    removed_by_request: int
    held: int
    models: int
    model_captures: int


@dataclass(frozen=True)
class Capture:
    """One captured record. `content` is its free text by field; None where it has none, or where it is
    `unreadable`: the key to it was destroyed."""

    capture_id: UUID
    captured_at: datetime
    signal: str
    application: str
    x: int | None
    y: int | None
    session: UUID | None
    source: str
    policy: str
    retained_until: date
    redactions: dict[str, int]
    content: dict[str, str] | None
    unreadable: bool


@dataclass(frozen=True)
class CapturePage:
    """One page of captures; `next` is the cursor of the following page, None on the last."""

    captures: tuple[Capture, ...]
    next: str | None


@dataclass(frozen=True)
class ModelUse:
    """A model version, a dataset version that it was trained on, and how sure it is that you are in it.

    `evidence`: proven, possible, unknown or none. `captures` are yours in that dataset version,
    `model_captures` in all dataset versions of that model version together.
    """

    model_version: UUID | None
    model: str | None
    version: str | None
    purpose: str | None
    owner: str | None
    released_at: datetime | None
    retired_at: datetime | None
    dataset: str | None
    dataset_version: UUID | None
    dataset_release: str | None
    dataset_purpose: str | None
    evidence: str
    captures: int
    model_captures: int
    first_day: date | None
    last_day: date | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Upcoming:
    """Captures that are deleted after a day, and by which policy; `state`: retained, held, expired."""

    retained_until: date
    policy: str
    policy_name: str | None
    signal: str
    application: str
    events: int
    state: str


@dataclass(frozen=True)
class Removal:
    """What was deleted, when and why (`cause`: retention or erasure)."""

    removed_at: datetime
    cause: str
    request: UUID | None
    policy: str
    policy_name: str | None
    retention_days: int | None
    signal: str
    application: str
    first_day: date
    last_day: date
    events: int


@dataclass(frozen=True)
class Hold:
    """What must not be deleted for now, and by which exception of the law."""

    hold: UUID
    reason: str
    exception: str
    signals: tuple[str, ...] | None
    applications: tuple[str, ...] | None
    from_at: datetime | None
    until_at: datetime | None
    review_on: date
    events: int


@dataclass(frozen=True)
class Retention:
    """How long your captures are kept, what was deleted, and what is held back from deletion."""

    upcoming: tuple[Upcoming, ...]
    removals: tuple[Removal, ...]
    holds: tuple[Hold, ...]


@dataclass(frozen=True)
class Slice:
    """Captures of one signal in one application."""

    application: str
    signal: str
    events: int
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Withheld:
    """Captures that a request leaves, and why."""

    reason: str
    exception: str
    review_on: date | None
    events: int


@dataclass(frozen=True)
class AffectedModel:
    """A dataset version with captures that a request covers, and the model version trained on it, if any."""

    dataset: str
    version: str
    model: str | None
    model_version: str | None
    events: int


@dataclass(frozen=True)
class Preview:
    """What a request would do. Looking changes nothing."""

    events: int
    by: tuple[Slice, ...]
    withheld: tuple[Withheld, ...]
    models: tuple[AffectedModel, ...]


@dataclass(frozen=True)
class Event:
    """A step in a request's life."""

    at: datetime
    state: str
    note: str


@dataclass(frozen=True)
class ExportInfo:
    """The file that an export request made: bytes and SHA-256 of the ZIP, and until when it can be fetched."""

    size: int
    sha256: str
    expires_at: datetime
    available: bool


@dataclass(frozen=True)
class Request:
    """A request that you filed, and how far it is."""

    id: UUID
    type: str
    state: str
    scope: dict[str, Any]
    regime: str
    received_at: datetime
    due_at: datetime
    completed_at: datetime | None
    outcome: dict[str, Any] | None
    failure: str | None
    history: tuple[Event, ...]
    export: ExportInfo | None

    @property
    def ended(self) -> bool:
        """Nothing more happens to it."""
        return self.state in ENDED


def _text(time: datetime | None) -> str | None:
    """RFC 3339; a naive time is UTC."""
    if time is None:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()
