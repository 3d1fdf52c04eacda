"""Requests: what may be asked, what it would do, how far it is, what it did."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from governance.domain.lifecycle import State, Type
from governance.domain.moments import Moment
from governance.domain.scopes import RequestScope
from governance.schemas.base import Answer, absent
from law.reasons import Decision as Verdict

Words = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
    ),
]


class NewPreview(BaseModel):
    """A request that might be filed."""

    model_config = ConfigDict(extra="forbid")

    type: Type
    scope: RequestScope = RequestScope()


class NewRequest(NewPreview):
    """A request to file."""

    note: Words | None = Field(None, description="Of a rectification, and only there: what is to be read with it.")

    @model_validator(mode="after")
    def note_where_it_belongs(self) -> Self:
        if self.type == Type.RECTIFICATION and self.note is None:
            raise ValueError("a rectification needs a `note`: what is to be read with these captures")
        if self.type != Type.RECTIFICATION and self.note is not None:
            raise ValueError("a `note` belongs to a rectification only")
        return self


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
    """Captures that can't be erased now, and the exact exception that says so."""

    hold: UUID
    case: str = Field(description="Which case the hold is for, as your employer files it.")
    reason: str = Field(description="What the exception means, in words.")
    exception: str = Field(description="The article, such as GDPR 17(3)(e).")
    review_on: date | None
    events: int


class AffectedModel(Answer):
    """A dataset version with captures that the request covers, and the model version trained on it, if any; or a model
    version that was made from such a one."""

    dataset: str | None = Field(description="None: the model version was made from another that learned from them.")
    version: str | None = Field(description="Of the dataset.")
    model: str | None
    model_version: str | None
    events: int
    state: str = Field(description="What the request would make of it, as in the outcome of a request.")
    by: date | None = Field(description="By when, where that is known.")
    words: str


class Preview(Answer):
    """What a request would do. Nothing was changed."""

    events: int = Field(description="Captures that would be exported, erased, or that the rule or note would cover.")
    by: list[Slice]
    days: list[DayCount] = Field(description="The same, by UTC day.")
    withheld: list[Withheld] = Field(description="Captures that an erasure would leave, and why.")
    models: list[AffectedModel] = Field(description="Those that most is of first, at most 40.")
    models_left_out: dict[str, int] | None = Field(
        None, description="How many more there are, by state.", exclude_if=absent
    )


class Previewed(Answer):
    """What a preview said when the request was filed, in captures."""

    events: int
    withheld: int


class Event(Answer):
    at: Moment
    state: State
    note: str


class Decision(Answer):
    """What a privacy officer decided, for a reason from a fixed list."""

    decision: Verdict
    reason: str | None = Field(description="Its code; none where it was approved.")
    words: str
    at: Moment
    role: str
    appeal: str | None = Field(description="Of a denial: where you can have it looked at again.")


class Receipt(Answer):
    """A signed statement of what the request did; `/receipt?number=` fetches it."""

    number: int
    issued_at: Moment


class Export(Answer):
    """The file of an export request."""

    size: int = Field(description="Bytes of the ZIP.")
    sha256: str = Field(description="Of the ZIP, hexadecimal.")
    expires_at: Moment
    available: bool = Field(description="False: the file was deleted; the history says why.")


class ModelState(Answer):
    """What a request means for a dataset version that had captures of the scope, and for a model trained on it."""

    model: str | None = Field(description="None: no model was trained on it yet.")
    version: str | None
    dataset: str | None = Field(description="None: it is not known what the model was trained on.")
    dataset_version: str | None
    state: str = Field(
        description="never_included, excluded_before_training, excluded_from_next_run, retrain_scheduled, "
        "retrained_without, retained_in_weights or model_retired."
    )
    by: date | None
    words: str


class Processor(Answer):
    """A processor downstream, and whether it has followed."""

    domain: str
    state: str = Field(
        description="told, acknowledged, completed, cancelled, unreachable, not_known (it holds nothing about you) or "
        "not_told (it could only erase more than this, or can't tell who it is)."
    )
    at: Moment | None


class Backups(Answer):
    """When nothing of it can be read from a backup any more."""

    unreadable_after: date | None
    words: str


class Outcome(Answer):
    """What a request did. Of an erasure: matched = erased + withheld."""

    matched: int | None = Field(None, exclude_if=absent)
    erased: int | None = Field(None, exclude_if=absent)
    withheld: int | None = Field(None, exclude_if=absent)
    withheld_by: list[Withheld] | None = Field(None, exclude_if=absent)
    exports_deleted: int | None = Field(
        None, description="Earlier export files deleted with the captures.", exclude_if=absent
    )
    content_key_destroyed: bool | None = Field(
        None,
        description="True: nothing of yours is left, so the key to any copy of it was destroyed, too.",
        exclude_if=absent,
    )
    found_afterwards: int | None = Field(
        None, description="Captures that the last scan still found: 0.", exclude_if=absent
    )
    exported: dict[str, int] | None = Field(None, description="Of an export: what is in the file.", exclude_if=absent)
    covered: int | None = Field(
        None, description="Captures that the rule or note covered when it came into force.", exclude_if=absent
    )
    differences: list[str] | None = Field(
        None, description="How this differs from the preview at filing, and why.", exclude_if=absent
    )
    models: list[ModelState] | None = Field(
        None, description="What concerns you most first, at most 40.", exclude_if=absent
    )
    models_left_out: dict[str, int] | None = Field(
        None,
        description="How many more there are, by state; `/v1/me/models` says of each where it stands now.",
        exclude_if=absent,
    )
    processors: list[Processor] | None = Field(None, exclude_if=absent)
    backups: Backups | None = Field(None, exclude_if=absent)


class ListedRequest(Answer):
    """One request, as it stands, without what it did."""

    id: UUID
    type: Type
    state: State
    scope: RequestScope
    note: str | None = Field(description="Your words, of a rectification; null once nothing can open them any more.")
    regime: str
    received_at: Moment
    due_at: Moment
    first_due_at: Moment = Field(description="The deadline before an extension.")
    extended: bool
    completed_at: Moment | None
    standing: bool | None = Field(description="Of an objection, restriction or rectification: whether it is in force.")
    decision: Decision | None = Field(description="The last one, where a privacy officer had to decide.")
    previewed: Previewed | None
    failure: str | None = Field(description="In state `failed`: why; it is tried again.")
    history: list[Event] = Field(description="The newest 50 entries.")
    export: Export | None
    receipts: list[Receipt] = Field(description="The newest 50.")


class Request(ListedRequest):
    """One request, as it stands, with what it did."""

    outcome: Outcome | None


class Note(Answer):
    """A note of yours that stands with captures."""

    request: UUID
    scope: RequestScope
    note: str
    since: Moment
