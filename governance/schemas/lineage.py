"""What pipelines told, and what must not have happened there."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from governance.domain.moments import Moment
from governance.schemas.base import Answer


class LineageTaken(Answer):
    """Events that are on disk now."""

    events: int = Field(description="How many were sent.")
    new: int = Field(description="How many of them told something that had not been told before.")
    said: list[str] = Field(description="Of a single event: what became of it, in words.")


class Violation(Answer):
    """A run that read what it must not have read of you."""

    violation: UUID
    kind: str = Field(description="`withdrawn`: what you had withdrawn; `purpose`: for another purpose than declared.")
    job: str | None
    started_at: Moment | None = Field(description="When the run began.")
    dataset: str | None
    version: str | None
    events: int | None = Field(description="How many captures of yours it concerns.")
    request: UUID | None = Field(description="`withdrawn`: your request that it goes against.")
    found_at: Moment
    words: str = Field(description="What happened, in a sentence.")


class OfficerViolation(Answer):
    """A run that read what it must not have read. Says of how many people, not of whom."""

    kind: str
    run: UUID
    job: str | None
    started_at: Moment | None
    dataset: str | None
    version: str | None
    run_purpose: str | None = Field(description="As the job declared it.")
    dataset_purpose: str | None = Field(description="As it was declared for the dataset.")
    people: int = Field(description="How many people it concerns; 0: not known, because there is no manifest.")
    events: int | None = Field(description="How many captures.")
    found_at: Moment
    words: str
