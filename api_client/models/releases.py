"""What was published about groups of people. Shares are of an area's people, from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Release:
    """One release. `epsilon` is the most that it may reveal about one person, `year_epsilon` the total of the 365 days
    up to it, `allowed_epsilon` the yearly limit; all at `delta`.
    """

    release: UUID
    period: str
    as_of: date
    published_at: datetime
    people: int
    epsilon: float
    year_epsilon: float
    allowed_epsilon: float
    delta: float
    digest: str


@dataclass(frozen=True)
class LostRelease:
    """It was published (`kind` published, or assumed after a restore), and its numbers are lost. `stated`: no release,
    but an operator's statement at a restore that nothing was published since the backup."""

    release: UUID
    period: str
    published_at: datetime
    year_epsilon: float
    kind: str


@dataclass(frozen=True)
class Share:
    """The true value is between `low` and `high` in 95 % of cases; `share` is None if only the range was published."""

    band: str
    share: float | None
    low: float
    high: float


@dataclass(frozen=True)
class ReleasedTable:
    """One table of an area in one release. `one`: each person is in exactly one band."""

    release: UUID
    as_of: date
    name: str
    one: bool
    people: int
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class TableSize:
    """The minimum number of people for numbers in a table, and for ranges."""

    name: str
    numbers_from: int
    ranges_from: int
    company_only: bool


@dataclass(frozen=True)
class PolicyInForce:
    """A capture policy that applies to everyone."""

    policy: str
    name: str
    purpose: str
    legal_basis: str
    signals: tuple[str, ...]
    applications: tuple[str, ...]
    safeguards: tuple[str, ...]
    retention_days: int
    valid_from: date
    valid_to: date | None
    permits: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownModel:
    """A model version that was trained here."""

    model: str
    version: str
    purpose: str | None
    owner: str | None
    released_on: date
    retired_on: date | None


@dataclass(frozen=True)
class AttackResult:
    """What an attack on made-up companies found; `design` is `ours`, or `naive`: the control that it must break."""

    attack: str
    design: str
    companies: int
    broken: int
    people: int
    epsilon_claimed: float | None
    epsilon_found: float | None
    words: str


@dataclass(frozen=True)
class Area:
    """Your area: everyone below you, `people` of them now. `tables` are empty if it is too small for numbers."""

    people: int
    told_at: datetime | None
    policies: tuple[PolicyInForce, ...]
    models: tuple[KnownModel, ...]
    releases: tuple[Release, ...]
    tables: tuple[ReleasedTable, ...]
    sizes: tuple[TableSize, ...]
    lost: tuple[LostRelease, ...] = ()
    next_from: date | None = None


@dataclass(frozen=True)
class Programme:
    """The whole company."""

    told_at: datetime | None
    policies: tuple[PolicyInForce, ...]
    models: tuple[KnownModel, ...]
    releases: tuple[Release, ...]
    tables: tuple[ReleasedTable, ...]
    sizes: tuple[TableSize, ...]
    attacks: tuple[AttackResult, ...]
    lost: tuple[LostRelease, ...] = ()
    next_from: date | None = None
