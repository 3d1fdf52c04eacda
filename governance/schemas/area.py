"""What was published about many people at once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from governance.domain.moments import Moment
from governance.schemas.base import Answer


class Release(Answer):
    release: UUID
    period: str = Field(description="The first month of its period; there is one release a period.")
    as_of: date = Field(description="What was held at the beginning of this UTC day was counted.")
    published_at: Moment
    people: int = Field(description="People of the company.")
    epsilon: float = Field(description="What it may tell about one person, at most; at `delta`.")
    year_epsilon: float = Field(description="The same of all releases of the 365 days up to it, together.")
    allowed_epsilon: float = Field(description="What a year may cost.")
    delta: float
    digest: str = Field(description="SHA-256 of all that it published; the ledger has it.")


class Share(Answer):
    """The truth is between `low` and `high` in 95 % of cases."""

    band: str
    share: float | None = Field(description="Of the area's people, from 0 to 1; null: only the range is published.")
    low: float
    high: float


class ReleasedTable(Answer):
    release: UUID
    as_of: date
    name: str = Field(description="volume, retention, signals, applications or answers.")
    one: bool = Field(description="Each person is in exactly one band.")
    people: int = Field(description="People of the area at that time.")
    shares: list[Share]


class TableSize(Answer):
    name: str
    numbers_from: int = Field(description="From so many people on an area has numbers.")
    ranges_from: int = Field(description="From so many people on it has ranges; below that, nothing.")
    company_only: bool


class PolicyInForce(Answer):
    policy: str
    name: str
    purpose: str
    legal_basis: str
    signals: list[str]
    applications: list[str]
    safeguards: list[str]
    retention_days: int
    valid_from: date
    valid_to: date | None


class KnownModel(Answer):
    model: str
    version: str
    purpose: str | None
    owner: str | None
    released_on: date
    retired_on: date | None


class AttackResult(Answer):
    """What an attack on made-up companies found out; `design` is `ours`, or `naive`: the control that it must break."""

    attack: str
    design: str
    companies: int
    broken: int = Field(description="In how many companies it found out about somebody.")
    people: int = Field(description="About how many people it found out.")
    epsilon_claimed: float | None
    epsilon_found: float | None = Field(description="What it shows that epsilon is at least.")
    words: str


class Everywhere(Answer):
    """What applies to all areas alike, and to everybody."""

    told_at: Moment | None = Field(description="When policies and models were told last; null: never so far.")
    policies: list[PolicyInForce]
    models: list[KnownModel] = Field(description="The newest 200.")
    releases: list[Release] = Field(description="Newest first.")
    tables: list[ReleasedTable] = Field(description="Newest release first.")
    sizes: list[TableSize] = Field(description="Of the newest release.")


class Area(Everywhere):
    """Your area: everyone below you. `tables` are empty where it is too small for numbers of its own."""

    people: int = Field(description="How many people are below you now.")


class Programme(Everywhere):
    """The whole company; for everybody."""

    attacks: list[AttackResult]
