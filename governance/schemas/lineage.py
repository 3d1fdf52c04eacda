"""What pipelines reported and recorders sent, and policy violations."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from governance.domain.moments import Moment
from governance.schemas.base import Answer
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
    kind: str = Field(description="`withdrawn`: what you had withdrawn; `purpose`: for another purpose than declared.")
    job: str | None
    started_at: Moment | None = Field(description="When the run began.")
    dataset: str | None
    version: str | None
    events: int | None = Field(description="How many records of yours it concerns.")
    request: UUID | None = Field(description="`withdrawn`: your request that it violates.")
    found_at: Moment
    words: str = Field(description="What happened, in a sentence.")


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
    words: str


class QuarantinedLine(Answer):
    line: int = Field(description="Of the body, from 1.")
    reason: str


class CaptureCounts(Answer):
    """Records by what became of them. Together with `waiting` they add up to all lines."""

    stored: int = 0
    already_known: int = Field(0, description="The lake had it already.")
    outside_policy: int = Field(0, description="No policy in force on its day allows it.")
    past_retention: int = Field(0, description="Its retention period is already over.")
    kept_out: int = Field(0, description="From a pause.")
    erased_before: int = Field(0, description="Its person had it erased.")
    quarantined: int = Field(0, description="It can't be used; see `reasons`.")
    unknown_person: int = Field(0, description="Nobody in the directory has this `sub` or address.")
    has_left: int = Field(0, description="Its person has left.")


class CaptureBatch(Answer):
    """What became of one body."""

    batch: UUID
    state: Literal["waiting", "stored", "lost"] = Field(
        description="`waiting`: on disk, and not in the lake yet; `stored`: everything that may be stored is; `lost`: "
        "a restored backup doesn't have what waited: send it again with the same key."
    )
    received_at: Moment
    settled_at: Moment | None = Field(description="When nothing of it waited any more.")
    read: int = Field(description="Lines that aren't blank.")
    waiting: int = Field(description="Records that wait to be stored.")
    counts: CaptureCounts
    reasons: dict[str, int] = Field(description="Quarantined records by reason.")
    quarantined: list[QuarantinedLine] = Field(description="The first 100 of them.")
