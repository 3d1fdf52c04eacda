"""What is told of a release that was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Told:
    """A release that was published. `rho` is what it cost, `year_epsilon` what the 365 days up to it cost together."""

    release: UUID
    period: str
    published_at: datetime
    rho: float
    digest: str
    as_of: date
    year_epsilon: float
