"""Versions of datasets for training, the proofs about them, and leases: their files for some hours."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from governance.domain.moments import Moment
from governance.domain.scopes import Application, Signal
from governance.schemas.base import Answer, absent
from governance.schemas.ledger import HASH, LedgerEntry
from lake.rules.scope import SIGNALS

Form = Annotated[
    Literal["open-book/manifest/v1", "open-book/manifest/v2"],
    Field(description="v2: a leaf for everybody in the directory; v1: only for those of whom something is listed."),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Where(BaseModel):
    """Which records to include; a missing field doesn't restrict. What may not be used is never included."""

    model_config = ConfigDict(extra="forbid")

    signals: list[Signal] | None = Field(None, min_length=1, max_length=len(SIGNALS))
    applications: list[Application] | None = Field(None, min_length=1, max_length=200)
    from_day: date | None = Field(None, alias="from", description="The first day included (UTC).")
    until_day: date | None = Field(None, alias="until", description="The first day not included.")
    without: list[Name] = Field(default=[], max_length=1000, description="E-mail addresses of people to leave out.")


class NewTrainingDataset(BaseModel):
    """A dataset version to create."""

    model_config = ConfigDict(extra="forbid")

    dataset: Name
    version: Name | None = Field(None, description="Default: the next number.")
    purpose: Name | None = Field(
        None, description="Its purpose; default: that of the capture policies, if all have the same."
    )
    where: Where = Field(default_factory=lambda: Where.model_validate({}))


class TrainingDataset(Answer):
    """A dataset version with a manifest."""

    dataset_version: UUID
    namespace: Literal["open-book"] = Field(description="For OpenLineage: the namespace of the dataset.")
    dataset: str
    version: str
    purpose: str | None
    created_at: Moment
    root: str = Field(pattern=HASH, description="The manifest's root; a run may give it as the dataset's version.")
    people: int
    slices: int
    captures: int
    ledger_index: int | None = Field(description="The ledger entry that records it; null until its batch.")


class Leaf(Answer):
    person: str = Field(pattern=HASH)
    root: str = Field(pattern=HASH)


class Leaves(Answer):
    """All leaves of a manifest's tree in order: for the verifier, with `--leaves`."""

    format: Literal["open-book/leaves/v1"]
    dataset_version: UUID
    manifest: Form
    leaves: list[Leaf]


class Manifest(Answer):
    format: Form
    dataset_version: UUID
    people: int = Field(description="Leaves: in v2 those of all people in the directory, so that it says nothing.")
    tree: str = Field(pattern=HASH)
    root: str = Field(pattern=HASH)


class ManifestSlice(Answer):
    day: date
    signal: str
    application: str
    events: int
    digest: str = Field(pattern=HASH, description="SHA-256 over the ids of its records: 16 bytes each, sorted.")


class ErasedLeaf(Answer):
    """What is left of your slices: the hash over them, and which request of yours erased them."""

    root: str = Field(pattern=HASH)
    request: UUID
    at: Moment


class Present(Answer):
    """All of your slices, and the path from them to the root."""

    index: int
    slices: list[ManifestSlice] = Field(description="Empty if none is listed, or if they were erased at your request.")
    erased: ErasedLeaf | None = Field(
        None,
        description="Only if they were erased: the proof then shows that you were listed, not with what.",
        exclude_if=absent,
    )
    inclusion: list[str]


class Neighbour(Answer):
    index: int
    person: str = Field(pattern=HASH)
    root: str = Field(pattern=HASH)
    inclusion: list[str]


class Absent(Answer):
    """The two leaves between which yours would be; null: none on that side. In v2 only if you joined later."""

    before: Neighbour | None
    after: Neighbour | None


class Membership(Answer):
    """The proof whether you are in a dataset version, and with which records."""

    format: Literal["open-book/membership/v1"]
    subject: UUID
    manifest: Manifest
    present: Present | None
    absent: Absent | None
    statement: dict[str, Any] = Field(description="The ledger's statement about the dataset version.")
    ledger: LedgerEntry


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
