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
