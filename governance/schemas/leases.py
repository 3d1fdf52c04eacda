"""Leases: files of a dataset version that a program reads for some hours."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from governance.domain.moments import Moment
from governance.schemas.base import Answer

LeaseState = Literal["writing", "ready", "ended"]


class Reason(StrEnum):
    """Why a lease ended."""

    TIME = "time"
    PROGRAM = "program"
    OFFICER = "officer"
    RECORDS = "records"
    APPROVAL = "approval"
    FAILED = "failed"


class NewLease(BaseModel):
    """A lease to make."""

    model_config = ConfigDict(extra="forbid")

    hours: int | None = Field(None, ge=1, le=8760, description="Default: OPENBOOK_TRAINING_LEASE_HOURS.")


class OfficersLease(Answer):
    """A lease, without where its files are."""

    lease: UUID
    program: str = Field(description="The service token's name.")
    dataset_version: UUID
    dataset: str
    version: str
    state: LeaseState = Field(description="ended: its files are deleted.")
    asked_at: Moment
    until: Moment = Field(description="It ends then, if not before.")
    ended_at: Moment | None
    reason: Reason | None = Field(
        description="Why it ended: its time; the program or an officer ended it; records that may no longer be given; "
        "an approval that ended; or it could not be written."
    )


class Lease(OfficersLease):
    """A lease, for its program."""

    location: str | None = Field(description="The folder or `s3:` prefix of its files; null unless it is ready.")
    files: int | None
    records: int | None
