"""Requests: what can be requested, what it would do, its progress, its outcome."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from governance.domain.lifecycle import State, Type
from governance.domain.moments import Moment
from governance.domain.scopes import RequestScope
from governance.schemas.base import Answer, ForPeople, Words, absent
from governance.schemas.ledger import Acknowledgement
from languages.saying import from_json
from law.reasons import Decision as Verdict
from setting_values import time_zone


class RequestedScope(BaseModel):
    """A type of request, and what it is about."""

    model_config = ConfigDict(extra="forbid")

    type: Type
    scope: RequestScope = RequestScope()

    @model_validator(mode="after")
    def scope_where_it_belongs(self) -> Self:
        if self.type == Type.MASKING and not self.scope.same_as(RequestScope()):
            raise ValueError("a masking has no `scope`: it covers every record of others that mentions you")
        return self


class NewPreview(RequestedScope):
    """A request that might be filed."""

    zone: Annotated[str, AfterValidator(time_zone)] = Field(
        "UTC", description="IANA time zone whose days the preview counts. Mentions are known by UTC days only."
    )


class NewRequest(RequestedScope):
    """A request to file."""

    note: Words | None = Field(None, description="For a rectification only: what is to be read with the records.")
    share_note: bool = Field(
        False,
        description="For a rectification only: the privacy officer who decides may read the note.",
        exclude_if=lambda shared: not shared,
    )
    wait_a_day: bool = Field(
        False,
        description="For an erasure only: it starts a day later, so that you can withdraw it until then. Meanwhile new "
        "datasets leave the records out, and nothing is deleted.",
        exclude_if=lambda waits: not waits,
    )

    @model_validator(mode="after")
    def fields_where_they_belong(self) -> Self:
        if self.type != Type.ERASURE and self.wait_a_day:
            raise ValueError("only an erasure can wait a day")
        if self.type != Type.RECTIFICATION and self.share_note:
            raise ValueError("only a rectification has a note to share")
        if self.type == Type.RECTIFICATION and self.note is None:
            raise ValueError("a rectification needs a `note`: what is to be read with these records")
        if self.type != Type.RECTIFICATION and self.note is not None:
            raise ValueError("only a rectification has a `note`")
        return self


class NoteSharing(BaseModel):
    """Whether the privacy officer who decides may read the note."""

    model_config = ConfigDict(extra="forbid")

    shared: bool


class Slice(Answer):
    """Captures of one signal in one application. Days are included."""

    application: str
    signal: str
    events: int
    first_day: date
    last_day: date


class DayCount(Answer):
    day: date
    events: int


class Withheld(Answer):
    """Captures that can't be erased now, and the exception that applies."""

    hold: UUID
    case: str = Field(description="The employer's reference of the case that the hold is for.")
    reason: ForPeople = Field(description="What the exception means, in words.")
    exception: str = Field(description="The article, such as GDPR 17(3)(e).")
    review_on: date | None
    events: int


class AffectedModel(Answer):
    """A dataset version with records that the request covers, and the model version trained on it, if any; or a model
    version that was made from such a model.
    """

    dataset: str | None = Field(description="None: the model version was made from another that learned from them.")
    version: str | None = Field(description="Version of the dataset.")
    model: str | None
    model_version: str | None
    events: int
    state: str = Field(description="The state that the request would result in, as in an outcome.")
    by: date | None = Field(description="The date, if known.")
    words: ForPeople


class Copy(Answer):
    """An export that can be downloaded now."""

    request: UUID
    written_at: Moment
    expires_at: Moment


class Preview(Answer):
    """What a request would do. Nothing was changed."""

    events: int = Field(description="Records that would be exported, erased, or that the rule or note would cover.")
    by: list[Slice]
    days: list[DayCount] = Field(description="The same, by day of the zone.")
    withheld: list[Withheld] = Field(description="Records that an erasure would keep, and why.")
    models: list[AffectedModel] = Field(description="Those with the most records first, at most 40.")
    models_left_out: dict[str, int] | None = Field(
        None, description="How many more there are, by state.", exclude_if=absent
    )
    models_uncertain: list[AffectedModel] | None = Field(
        None,
        description="What the outcome would list besides: models that may have used such records, or of which that is "
        "not known; and some that never did.",
        exclude_if=absent,
    )
    copies_removed: list[Copy] = Field(
        description="Exports that an erasure deletes: all earlier ones, whatever it covers. New ones can be requested."
    )


class Previewed(Answer):
    """What a preview said when the request was filed, in records."""

    events: int
    withheld: int


class Event(Answer):
    at: Moment
    state: State
    note: ForPeople


class Decision(Answer):
    """A privacy officer's decision, with a reason from a fixed list."""

    decision: Verdict
    reason: str | None = Field(description="Its code; none for an approval.")
    words: ForPeople
    at: Moment
    role: str
    appeal: ForPeople | None = Field(description="For a denial: how to appeal.")


class Receipt(Answer):
    """A signed statement of what the request did; `/receipt?number=` fetches it."""

    number: int
    issued_at: Moment
    in_ledger_from: Moment | None = Field(
        None,
        description="While the ledger doesn't have it: when the next batch of entries is added.",
        exclude_if=absent,
    )


Removed = Literal["time", "erasure", "restore"]


class Export(Answer):
    """The file of an export request."""

    size: int = Field(description="Bytes of the ZIP.")
    sha256: str = Field(description="SHA-256 of the ZIP, hexadecimal.")
    expires_at: Moment
    available: bool = Field(description="False: the file was deleted.")
    written_at: Moment
    removed_at: Moment | None = Field(description="When the file was deleted or lost.")
    removed_because: Removed | None = Field(
        description="time: the 7 days were over; erasure: records of yours were erased, and the file had them as "
        "they were before; restore: the system was restored from a backup, and these have no exports."
    )


class ModelState(Answer):
    """The effect of a request on a dataset version that had records in the scope, and on a model trained on it."""

    model: str | None = Field(description="None: no model was trained on it yet.")
    version: str | None
    dataset: str | None = Field(description="None: it is not known what the model was trained on.")
    dataset_version: str | None
    state: str = Field(
        description="never_included, made_before, excluded_before_training, excluded_from_next_run, retrain_scheduled, "
        "retrained_without, retained_in_weights or model_retired."
    )
    by: date | None
    words: ForPeople

    @model_validator(mode="before")
    @classmethod
    def _said_again(cls, entry: Any) -> Any:
        """The words, in a form that can be translated, if they were kept with what they were made of."""
        if isinstance(entry, dict) and (said := entry.get("said")):
            return {**entry, "words": from_json(said)}
        return entry


class Processor(Answer):
    """A downstream processor and whether it has complied."""

    domain: str
    state: str = Field(
        description="told, acknowledged, completed, cancelled, unreachable, not_known (it holds nothing about you) or "
        "not_told (it could only erase more than this, or can't identify the person)."
    )
    at: Moment | None


class Backups(Answer):
    """When nothing can be restored from a backup any more."""

    unreadable_after: date | None
    words: ForPeople


class Staying(Answer):
    """One kind of record that an erasure left about you."""

    what: ForPeople
    count: int | None = Field(None, description="How many; missing: not counted.", exclude_if=absent)
    why: ForPeople
    until: ForPeople


class Outcome(Answer):
    """What a request did. For an erasure: matched = erased + withheld."""

    matched: int | None = Field(None, exclude_if=absent)
    erased: int | None = Field(None, exclude_if=absent)
    withheld: int | None = Field(None, exclude_if=absent)
    withheld_by: list[Withheld] | None = Field(None, exclude_if=absent)
    exports_deleted: int | None = Field(
        None, description="Earlier export files deleted with the records.", exclude_if=absent
    )
    content_key_destroyed: bool | None = Field(
        None,
        description="True: nothing of yours is left, so the key to any copy of it was destroyed too.",
        exclude_if=absent,
    )
    found_afterwards: int | None = Field(
        None, description="Records that the last scan still found: 0.", exclude_if=absent
    )
    exported: dict[str, int] | None = Field(None, description="For an export: what is in the file.", exclude_if=absent)
    covered: int | None = Field(
        None, description="Records that the rule or note covered when it came into force.", exclude_if=absent
    )
    differences: list[ForPeople] | None = Field(
        None, description="How this differs from the preview at filing, and why.", exclude_if=absent
    )
    models: list[ModelState] | None = Field(
        None, description="The most relevant to you first, at most 40.", exclude_if=absent
    )
    models_left_out: dict[str, int] | None = Field(
        None,
        description="How many more there are, by state; `/v1/me/models` has the current state of each.",
        exclude_if=absent,
    )
    processors: list[Processor] | None = Field(None, exclude_if=absent)
    backups: Backups | None = Field(None, exclude_if=absent)
    stays: list[Staying] | None = Field(
        None, description="For an erasure: what is left about you, why, and until when.", exclude_if=absent
    )


class ListedRequest(Answer):
    """One request in its current state, without its outcome."""

    id: UUID
    type: Type
    state: State
    scope: RequestScope
    note: str | None = Field(description="Your note, for a rectification; null once it can no longer be opened.")
    note_shared: bool = Field(description="The privacy officer who decides may read your note.")
    regime: str
    received_at: Moment
    due_at: Moment = Field(description="The end of the day `due_on`, in the time zone `zone`.")
    first_due_at: Moment = Field(description="The deadline before an extension.")
    due_on: date = Field(description="The last day for the answer.")
    first_due_on: date
    zone: str = Field(description="IANA time zone in which the days are counted: that of your workplace.")
    extended: bool
    starts_at: Moment | None = Field(
        None,
        description="Of an erasure that waits a day: when it starts. Until then it can be withdrawn.",
        exclude_if=absent,
    )
    completed_at: Moment | None
    standing: bool | None = Field(
        description="For an objection, restriction, rectification or masking: whether it is in force."
    )
    decision: Decision | None = Field(description="The latest one, if a privacy officer had to decide.")
    previewed: Previewed | None
    failure: ForPeople | None = Field(description="In state `failed`: why; it is retried.")
    history: list[Event] = Field(description="The newest 50 entries.")
    export: Export | None
    receipts: list[Receipt] = Field(description="The newest 50.")


class Request(ListedRequest):
    """One request in its current state, with its outcome."""

    outcome: Outcome | None


class FiledRequest(Request):
    """A request that was just filed, with the proof that it was."""

    acknowledgement: Acknowledgement | None = Field(
        description="Signed; keep it as it is. Null if it can't be signed just now: fetch it later."
    )


class Note(Answer):
    """One of your notes in force."""

    request: UUID
    scope: RequestScope
    note: str
    since: Moment
