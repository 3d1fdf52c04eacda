"""Who else viewed a person's data."""

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
    rows: int = Field(description="How many requests, holds or records.")
    dataset_version: UUID | None = Field(None, description="The dataset version, if a program received records.")


class AccessLog(Answer):
    """Newest first; `total` counts the whole period, `offset` is the number of skipped entries."""

    total: int
    offset: int
    entries: list[AccessEntry]
