"""What was published about groups of people."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from governance.domain.moments import Moment
from governance.schemas.base import Answer, ForPeople


class Release(Answer):
    release: UUID
    period: str = Field(description="The first month of its period; there is one release per period.")
    as_of: date = Field(description="The release counts what was held at the beginning of this UTC day.")
    published_at: Moment
    people: int = Field(description="People of the company.")
    epsilon: float = Field(description="The most it may reveal about one person; at `delta`.")
    year_epsilon: float = Field(description="The same for all releases of the 365 days up to it, in total.")
    allowed_epsilon: float = Field(description="The yearly limit.")
    delta: float
    digest: str = Field(description="SHA-256 of everything published; it is in the ledger.")


class LostRelease(Answer):
    """It was published, but its numbers are lost, and not published again. It still counts against the budget."""

    release: UUID
    period: str
    published_at: Moment
    year_epsilon: float
    kind: str = Field(
        description="published; assumed: after a restore, it counts as published; stated: no release, but an"
        " operator's statement at a restore that nothing was published since the backup."
    )


class Share(Answer):
    """The true value is between `low` and `high` in 95 % of cases."""

    band: str
    share: float | None = Field(description="Of the area's people, from 0 to 1; null: only the range is published.")
    low: float
    high: float


class ReleasedTable(Answer):
    release: UUID
    as_of: date
    name: str = Field(description="volume, retention, detail, applications or answers; in older releases signals.")
    one: bool = Field(description="Each person is in exactly one band.")
    people: int = Field(description="People in the area at that time.")
    shares: list[Share]


class TableSize(Answer):
    name: str
    numbers_from: int = Field(description="Minimum number of people for numbers.")
    ranges_from: int = Field(description="Minimum number of people for ranges; below that, nothing is published.")
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
    permits: list[str] = Field([], description="What may be done besides storing records.")


class KnownModel(Answer):
    model: str
    version: str
    purpose: str | None
    owner: str | None
    released_on: date
    retired_on: date | None


class AttackResult(Answer):
    """What an attack on made-up companies found; `design` is `ours`, or `naive`: the control that it must break."""

    attack: str
    design: str
    companies: int
    broken: int = Field(description="In how many companies it identified someone.")
    people: int = Field(description="How many people it identified.")
    epsilon_claimed: float | None
    epsilon_found: float | None = Field(description="The lower bound for epsilon that it shows.")
    words: ForPeople


class Everywhere(Answer):
    """What applies to all areas and everyone alike."""

    told_at: Moment | None = Field(description="When policies and models were last published; null: never so far.")
    policies: list[PolicyInForce]
    models: list[KnownModel] = Field(description="The newest 200.")
    releases: list[Release] = Field(description="Newest first.")
    lost: list[LostRelease] = Field(description="Newest first.")
    next_from: date | None = Field(description="When the next release is possible, if one was lost.")
    tables: list[ReleasedTable] = Field(description="Newest release first.")
    sizes: list[TableSize] = Field(description="Of the newest release.")


class Area(Everywhere):
    """Your area: everyone below you. `tables` are empty if it is too small for its own numbers."""

    people: int = Field(description="How many people are below you now.")


class Programme(Everywhere):
    """The whole company; visible to everyone."""

    attacks: list[AttackResult]
