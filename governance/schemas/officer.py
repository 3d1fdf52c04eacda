"""What a privacy officer sees and decides: requests and holds, by code and count. No captured content, no free text."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from directory.links import LinkDecision
from governance.domain.lifecycle import State, Type
from governance.domain.moments import Moment
from governance.domain.scopes import RequestScope
from governance.schemas.base import Answer, ForPeople
from lake.rules.holds import CASE
from law.exceptions import LegalException
from law.reasons import REASONS, Decision, NoteReason, Reason

LONGEST_OPENING_HOURS = 24
MOST_DECISIONS = 100
Case = Annotated[str, StringConstraints(max_length=40, pattern=CASE)]
Address = Annotated[str, StringConstraints(min_length=3, max_length=320)]


class EmployeeName(Answer):
    name: str
    department: str


class NoteOpening(Answer):
    """Two privacy officers let each other read a note whose writer didn't allow it."""

    opening: UUID
    request: UUID
    reason: NoteReason
    hours: int
    asked_at: Moment
    asked_by_you: bool
    approved_at: Moment | None
    ends_at: Moment | None = Field(description="It ends by itself then; null: not approved yet.")
    readable: bool = Field(description="You may read the note until `ends_at`: `/note`.")


class NewNoteOpening(BaseModel):
    """Why the note has to be read, and for how long."""

    model_config = ConfigDict(extra="forbid")

    reason: NoteReason
    hours: int = Field(ge=1, le=LONGEST_OPENING_HOURS, strict=True)


class OfficerRequest(Answer):
    """A person's request as the officer sees it."""

    id: UUID
    type: Type
    state: State
    received_at: Moment
    due_at: Moment
    due_on: date = Field(description="The last day for the answer, in the time zone `zone`.")
    zone: str
    extended: bool
    regime: str
    employee: EmployeeName
    needs_decision: bool = Field(description="It waits in `verifying` until it is approved or denied.")
    scope: RequestScope
    note_shared: bool = Field(description="The note may be read until it is decided: `/note`.")
    note_opening: NoteOpening | None = Field(description="Reading the note was asked for, or approved.")
    failure: str | None
    own: bool = Field(description="It is the officer's own: another privacy officer must decide it.")


class SharedNote(Answer):
    """A note that its writer lets the deciding officer read."""

    request: UUID
    note: str


class NewDecision(BaseModel):
    """Approve, deny or extend. A denial and an extension need a reason; an approval has none."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    reason: Reason | None = None

    @model_validator(mode="after")
    def reason_fits(self) -> Self:
        fitting = REASONS[self.decision]
        if self.reason is None and fitting:
            raise ValueError(f"needs a reason: {', '.join(fitting)}")
        if self.reason is not None and self.reason not in fitting:
            raise ValueError(f"{self.reason} is not a reason to {self.decision}")
        return self


class LinkedPerson(Answer):
    """A person as the directory, or the HR system's file, has them."""

    email: str
    name: str
    department: str
    team: str
    sub: str = Field(description="Their id at the identity provider.")


class OfficerLink(Answer):
    """A known person whose address has another `sub` in the HR system's file; not decided yet."""

    proposal: UUID
    known: LinkedPerson
    proposed: LinkedPerson
    proposed_at: Moment
    own: bool = Field(description="It is about the officer: another privacy officer must decide.")


class NewLinkDecision(BaseModel):
    """Whether both are the `same` person, or the one with the new `sub` is an `other` one."""

    model_config = ConfigDict(extra="forbid")

    decision: LinkDecision


class NewLinkDecisions(NewLinkDecision):
    """The same decision about several proposals."""

    proposals: list[UUID] = Field(min_length=1, max_length=MOST_DECISIONS)


class LeftOpen(Answer):
    """A proposal that was not decided, and why."""

    proposal: UUID
    reason: str


class LinkDecisions(Answer):
    """What became of each proposal."""

    decided: list[UUID]
    left_open: list[LeftOpen]


class OfficerHold(Answer):
    """A legal hold, in force or lifted."""

    hold: UUID
    employee: EmployeeName
    case: str
    exception: str = Field(description="The article, such as GDPR 17(3)(e).")
    exception_words: ForPeople
    signals: list[str] | None
    applications: list[str] | None
    from_at: Moment | None
    until_at: Moment | None
    placed_at: Moment
    review_on: date
    lifted_at: Moment | None
    own: bool = Field(description="It keeps records of the officer: another privacy officer must lift it.")


class NewHold(BaseModel):
    """A legal hold to place on records of one employee."""

    model_config = ConfigDict(extra="forbid")

    employee: Address = Field(description="Their e-mail address.")
    scope: RequestScope = RequestScope()
    everything: bool = Field(False, description="Keep all of their records. Then there is no scope.")
    case: Case = Field(description="The reference of the case; never a description.")
    exception: LegalException
    review_on: date = Field(description="When it has to be reviewed; a future date.")


class TrainingExport(Answer):
    """A program asked for the records of a dataset version, to train on."""

    export: UUID
    program: str = Field(description="The service token's name.")
    dataset_version: UUID
    dataset: str
    version: str
    purpose: str | None
    people: int
    records: int
    pictures: bool = Field(description="With pictures of the screen, where a policy permits it.")
    asked_at: Moment = Field(description="The latest time.")
    approved_at: Moment | None
    ends_at: Moment | None = Field(description="The approval ends, or ended, by itself then.")
    approved: bool = Field(description="The program may read the records now.")
