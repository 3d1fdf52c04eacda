"""What is held about you, what used it, and how long it stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Me:
    """The token's owner, according to the company's directory."""

    name: str
    email: str
    department: str
    team: str
    role: str
    regime: str
    zone: str
    """IANA time zone of the workplace, in which deadlines are counted."""
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
    restricted: int
    models: int
    model_captures: int


@dataclass(frozen=True)
class Capture:
    """One captured record. `content` is its free text by field; None if it has none, or if it is `unreadable`: the key
    to it was destroyed.
    """

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
    """One page of records; `next` is the cursor of the following page, None on the last."""

    captures: tuple[Capture, ...]
    next: str | None


@dataclass(frozen=True)
class Match:
    """Where a word was found: from character `start` up to `end` of a field of `content`."""

    field: str
    start: int
    end: int


@dataclass(frozen=True)
class SearchResult:
    """A record that was found, and where."""

    capture: Capture
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class SearchPage:
    """Results, newest first. `next` is the cursor to go on with, None when everything was searched: `searched` of
    `total` records, those since `back_to` (None: all)."""

    results: tuple[SearchResult, ...]
    next: str | None
    searched: int
    total: int
    back_to: datetime | None


@dataclass(frozen=True)
class Upcoming:
    """Captures that will be deleted after a day, and by which policy; `state`: retained, restricted, held, expired."""

    retained_until: date
    policy: str
    policy_name: str | None
    signal: str
    application: str
    events: int
    state: str


@dataclass(frozen=True)
class Removal:
    """What was deleted, when and why (`cause`: retention, erasure or source). After an erasure of everything only
    totals are left: `policy`, `signal` and `application` are `erased`, and there are no days."""

    removed_at: datetime
    cause: str
    request: UUID | None
    policy: str
    policy_name: str | None
    retention_days: int | None
    signal: str
    application: str
    first_day: date | None
    last_day: date | None
    events: int


@dataclass(frozen=True)
class Hold:
    """What must not be deleted for now, the legal exception for it, and what that means (`reason`)."""

    hold: UUID
    case: str
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
    """How long your records are kept, what was deleted, and what is held back from deletion: a page of each list."""

    upcoming: tuple[Upcoming, ...]
    removals: tuple[Removal, ...]
    holds: tuple[Hold, ...]


@dataclass(frozen=True)
class AccessEntry:
    """Someone or something else read your data: by role, why, what, and how many rows."""

    at: datetime
    role: str
    purpose: str
    what: str
    rows: int
    automatic: bool = False
    """Open Book's own work, in which nobody sees anything."""
    everybody: bool = False
    """One entry for all people: the job read data of everybody."""
    dataset_version: UUID | None = None
    """The dataset version, if a program received records."""
    system: str | None = None
    """The other system where it happened; None: in Open Book."""
    action: str | None = None
    ticket: str | None = None
    reported_by: str | None = None
    """The program that reported it; None: Open Book's own record."""
    reported_at: datetime | None = None
    delay_reason: str | None = None
    """The legal reason for which you could not see it until `disclosed_at`."""
    disclosed_at: datetime | None = None


@dataclass(frozen=True)
class NewAccessor:
    """A kind of accessor that had never read your data before."""

    role: str
    system: str | None
    """None: in Open Book."""
    action: str | None
    first_at: datetime
    views: int


@dataclass(frozen=True)
class AccessLog:
    """A page of such entries, newest first; `total` counts the whole period."""

    total: int
    offset: int
    entries: tuple[AccessEntry, ...]


@dataclass(frozen=True)
class StandingAccess:
    """Somebody who can read something about people without asking again. `kind`: role, operators, program, company."""

    who: str
    kind: str
    reads: str


@dataclass(frozen=True)
class OtherSystem:
    """A system of the employer's that can read people's data. `state`: reporting, silent, never."""

    system: str
    reads: str
    state: str
    last_heard: datetime | None


@dataclass(frozen=True)
class PossibleAccess:
    """Who could see people's data, as far as it is configured."""

    standing: tuple[StandingAccess, ...]
    systems: tuple[OtherSystem, ...]
    delay_days: int = 0
    """Most days for which those systems may have an access shown later, for a legal reason."""
