"""Who else viewed a person's data, here and in other systems."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from governance.domain.moments import Moment
from governance.schemas.base import Answer, ForPeople
from governance.schemas.ledger import LedgerEntry
from governance.schemas.problem import Fault
from setting_values import SERVICE_NAME

MOST_REPORTS = 200
MOST_ROWS = 1_000_000_000
Printable = r"^[^\x00-\x1f\x7f]+$"
SystemName = Annotated[str, StringConstraints(pattern=f"^{SERVICE_NAME}$")]
Action = Literal["view", "search", "export", "copy", "change", "delete", "back_up", "restore", "administer"]


class AccessEntry(Answer):
    at: Moment
    role: str = Field(description="Their role, or the name of a program.")
    purpose: ForPeople = Field(description="Why, in words.")
    what: str
    rows: int = Field(description="How many requests, holds or records.")
    automatic: bool = Field(False, description="Open Book's own work, in which nobody sees anything.")
    everybody: bool = Field(False, description="One entry for all people: the job read data of everybody then.")
    dataset_version: UUID | None = Field(None, description="The dataset version, if a program received records.")
    system: str | None = Field(None, description="The other system where it happened; null: here, in Open Book.")
    action: str | None = Field(None, description="What was done there.")
    ticket: str | None = None
    reported_by: str | None = Field(None, description="The program that reported it; null: Open Book's own record.")
    reported_at: Moment | None = None
    delay_reason: str | None = Field(None, description="The legal reason for which you could not see it until now.")
    disclosed_at: Moment | None = Field(None, description="When that delay ended.")


class AccessLog(Answer):
    """Newest first; `total` counts the whole period, `offset` is the number of skipped entries."""

    total: int
    offset: int
    entries: list[AccessEntry]


class NewAccessor(Answer):
    """A kind of accessor that had never read your data before."""

    role: str
    system: str | None = Field(description="Null: here, in Open Book.")
    action: str | None
    first_at: Moment = Field(description="When it was first known here.")
    views: int


class AccessChain(Answer):
    """The end of a chain of entries."""

    entries: int
    head: str = Field(description="SHA-256 over the head before and the leaf hash of the canonical entry.")


class ChainedEntries(Answer):
    """The newest entries of a chain, as they are hashed, and the chain before them."""

    before: AccessChain
    entries: list[dict[str, Any]]


class AccessProof(Answer):
    """Your access log as the ledger has it."""

    format: Literal["open-book/access-log/v1"]
    intact: bool = Field(description="False: entries that were anchored were removed or changed since.")
    leaf: dict[str, Any] = Field(description="Your leaf: the ends of your chain and of that of entries for all people.")
    salt: str
    index: int
    inclusion: list[str]
    own: ChainedEntries
    everybody: ChainedEntries
    statement: dict[str, Any]
    ledger: LedgerEntry


class Delay(BaseModel):
    """The person sees the access only from `until` on. That can't be changed later."""

    model_config = ConfigDict(extra="forbid")

    until: Moment
    legal_reason: str = Field(
        min_length=1, max_length=120, pattern=Printable, description="The provision; the person reads it afterwards."
    )


class AccessReport(BaseModel):
    """One access to the data of one person. Exactly one of `sub`, `email` and `subject` identifies the person."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=100, pattern=Printable, description="The system's own id of the access.")
    sub: str | None = Field(None, min_length=1, max_length=255)
    email: str | None = Field(None, min_length=3, max_length=320, description="Of someone who works here now.")
    subject: UUID | None = None
    role: str = Field(min_length=1, max_length=40, pattern=Printable, description="The actor's role, never a name.")
    system: SystemName
    action: Action
    purpose: str = Field(min_length=1, max_length=120, pattern=Printable, description="Why; the person reads it.")
    ticket: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._#/-]{0,39}$")
    rows: int = Field(ge=1, le=MOST_ROWS, strict=True)
    time: Moment = Field(description="When it happened.")
    delay: Delay | None = Field(None, description="Only where OPENBOOK_DISCLOSURE_DELAY_DAYS allows it.")

    @model_validator(mode="after")
    def one_person(self) -> Self:
        if sum(value is not None for value in (self.sub, self.email, self.subject)) != 1:
            raise ValueError("needs exactly one of sub, email and subject")
        return self


class AccessReports(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reports: list[Annotated[Any, WithJsonSchema(AccessReport.model_json_schema())]] = Field(
        min_length=1, max_length=MOST_REPORTS
    )


class AccessTaken(Answer):
    """What became of the reports: `new` were saved, `known` had been saved before, `left_out` were not saved."""

    new: int
    known: int
    left_out: list[Fault]


class Heartbeat(BaseModel):
    """The system works, and has reported every access up to now."""

    model_config = ConfigDict(extra="forbid")

    system: SystemName


class Heard(Answer):
    system: str
    at: Moment


class StandingAccess(Answer):
    """Somebody who can read something about people without asking again."""

    who: ForPeople
    kind: Literal["role", "operators", "program", "company"]
    reads: ForPeople = Field(description="What of it, and when.")


class OtherSystem(Answer):
    """A system of the employer's that can read people's data."""

    system: str
    reads: str = Field(description="What it can read, in the employer's words.")
    state: Literal["reporting", "silent", "never"]
    last_heard: Moment | None


class PossibleAccess(Answer):
    """Who could see people's data. `standing` is from Open Book's configuration, `systems` from the employer's list of
    other systems: one that is on neither list isn't here.
    """

    standing: list[StandingAccess]
    systems: list[OtherSystem]
    delay_days: int = Field(
        description="Most days for which those systems may have an access shown later, for a legal reason; 0: none."
    )
