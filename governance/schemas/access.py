"""Who else looked at a person's data."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from governance.domain.moments import Moment
from governance.schemas.base import Answer


class AccessEntry(Answer):
    at: Moment
    role: str = Field(description="Their role, or the name of a program.")
    purpose: str = Field(description="Why, in words.")
    what: str
    rows: int = Field(description="How many requests, holds or captures.")
    dataset_version: UUID | None = Field(None, description="Which one, where a program was given captures in one.")


class AccessLog(Answer):
    """Newest first; `total` counts all of the period, `offset` those left out before these."""

    total: int
    offset: int
    entries: list[AccessEntry]
