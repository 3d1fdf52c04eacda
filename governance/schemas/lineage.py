"""What pipelines reported, and policy violations."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from governance.domain.moments import Moment
from governance.schemas.base import Answer, ForPeople
from governance.schemas.problem import Fault


class LineageTaken(Answer):
    """Events that are now on disk."""

    events: int = Field(description="How many were sent.")
    new: int = Field(description="How many of them contained something new.")
    said: list[str] = Field(description="For a single event: its outcome, in words.")
    left_out: int = Field(description="How many parts of the events could not be read and were left out.")
    parts_left_out: list[Fault] = Field(description="The first of them: where, and why.")


class Violation(Answer):
    """A run that used your data without permission."""

    violation: UUID
    kind: str = Field(
        description="`withdrawn`: what you had withdrawn; `indirect`: perhaps records of others that "
        "mention you, to whose use you had objected; `consent`: you had withdrawn your consent; `purpose`: for "
        "another purpose than declared."
    )
    job: str | None
    started_at: Moment | None = Field(description="When the run began.")
    dataset: str | None
    version: str | None
    events: int | None = Field(description="How many records of yours it concerns; null: not known.")
    request: UUID | None = Field(description="`withdrawn` and `indirect`: your request that it violates.")
    found_at: Moment
    words: ForPeople = Field(description="What happened, in a sentence.")


class OfficerViolation(Answer):
    """A run that used data without permission. Says how many people are affected, not who."""

    kind: str
    run: UUID
    job: str | None
    started_at: Moment | None
    dataset: str | None
    version: str | None
    run_purpose: str | None = Field(description="As declared by the job.")
    dataset_purpose: str | None = Field(description="As declared for the dataset.")
    people: int = Field(description="How many people it concerns; 0: not known, because there is no manifest.")
    events: int | None = Field(description="How many records.")
    found_at: Moment
    words: ForPeople
