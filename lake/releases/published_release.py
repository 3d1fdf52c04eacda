"""The record of a published release."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from lake.releases.exact import Noise


@dataclass(frozen=True)
class PublishedRelease:
    """A published release. `rho` is its cost, `year_epsilon` the total cost of the 365 days up to it."""

    release: UUID
    period: str
    published_at: datetime
    rho: float
    digest: str
    as_of: date
    year_epsilon: float
    noises: tuple[Noise, ...] | None = field(default=None, compare=False)
    """Of its tables; None where only the ledger remembers it."""

    @property
    def is_statement(self) -> bool:
        """It is no release, but what an operator stated at a restore: nothing was published since the backup."""
        return not self.digest and not self.period

    @property
    def is_assumed(self) -> bool:
        """A restore counted it as published, because what was restored may be older than the last release."""
        return not self.digest and bool(self.period)
