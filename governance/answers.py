"""What the API answers, field by field. Times are RFC 3339 in UTC; days are UTC days; events are captures."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from governance.lifecycle import State, Type
from governance.moments import Moment
from governance.scopes import RequestScope


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class Me(Answer):
    """Who the token belongs to, as the directory has it."""

    name: str
    email: str
    department: str
    team: str
    role: str
    regime: str
    subject: UUID = Field(description="The pseudonymous key that stands for you in the lake.")


class Summary(Answer):
    """What is held about you, in numbers."""

    captures: int
    first_at: Moment | None
    last_at: Moment | None
    days: int = Field(description="Days with at least one capture.")
    applications: int = Field(description="From how many applications.")
    signals: int = Field(description="How many kinds of capture.")
    redacted: int = Field(description="Captures in which something was masked before storage.")
    kept_until: date | None = Field(description="The last day on which any of them is kept, holds aside.")
    next_expiry_day: date | None
    next_expiry_events: int
    removed_by_retention: int
    removed_by_request: int
    held: int = Field(description="Captures under a legal hold.")
    models: int = Field(description="Model versions that provably used captures of yours.")
    model_captures: int = Field(description="Captures that at least one of them used.")


class Capture(Answer):
    """One captured record."""

    capture_id: UUID
    captured_at: Moment
    signal: str
    application: str
    x: int | None = Field(description="Screen pixels, from the left.")
    y: int | None = Field(description="Screen pixels, from the top.")
    session: UUID | None
    source: str = Field(description="Connector and its version.")
    policy: str
    retained_until: date
    redactions: dict[str, int] = Field(description="Kind to how many were masked before storage.")
    content: dict[str, str] | None = Field(description="Free text by field, null where there is none.")
    unreadable: bool = Field(description="True: there was text, and its key was destroyed.")


class CapturePage(Answer):
    """Captures in order of time; ask again with `cursor` = `next` for those after them."""

    captures: list[Capture]
    next: str | None


class ModelUse(Answer):
    """A dataset version, the model version that came out of it, and how sure we are that you are in it."""

    model_version: UUID | None
    model: str | None
    version: str | None
    purpose: str | None
    owner: str | None = Field(description="The team or vendor that has the model.")
    released_at: Moment | None
    retired_at: Moment | None
    dataset: str | None
    dataset_version: UUID | None
    dataset_release: str | None = Field(description="The name of the dataset version.")
    dataset_purpose: str | None
    evidence: str = Field(description="proven, possible, unknown or none.")
    captures: int = Field(description="Yours in that dataset version.")
    model_captures: int = Field(description="Yours in all dataset versions of that model version together.")
    first_day: date | None
    last_day: date | None
    finished_at: Moment | None = Field(description="When the training run ended.")


class Upcoming(Answer):
    """Captures that go on the day after `retained_until`, unless held."""

    retained_until: date
    policy: str
    policy_name: str | None
    signal: str
    application: str
    events: int
    state: str = Field(description="retained, held or expired.")


class Removal(Answer):
    """Captures that are gone."""

    removed_at: Moment
    cause: str = Field(description="retention or erasure.")
    request: UUID | None
    policy: str
    policy_name: str | None
    retention_days: int | None
    signal: str
    application: str
    first_day: date
    last_day: date
    events: int


class Hold(Answer):
    """A legal hold: what must not be removed for now, and by which exception."""

    hold: UUID
    reason: str
    exception: str
    signals: list[str] | None
    applications: list[str] | None
    from_at: Moment | None
    until_at: Moment | None
    review_on: date
    events: int


class Retention(Answer):
    """What goes when, what already went, what is held."""

    upcoming: list[Upcoming]
    removals: list[Removal]
    holds: list[Hold]


class Slice(Answer):
    application: str
    signal: str
    events: int
    first_day: date
    last_day: date


class Withheld(Answer):
    """Captures that can't be erased now, and the exact exception that says so."""

    reason: str
    exception: str
    review_on: date | None
    events: int


class AffectedModel(Answer):
    """A dataset version with captures that the request covers, and the model version trained on it, if any."""

    dataset: str
    version: str = Field(description="Of the dataset.")
    model: str | None
    model_version: str | None
    events: int


class Preview(Answer):
    """What a request would do. Nothing was changed."""

    events: int = Field(description="Captures that would be exported, or erased.")
    by: list[Slice]
    withheld: list[Withheld] = Field(description="Captures that an erasure would leave, and why.")
    models: list[AffectedModel]


class Event(Answer):
    at: Moment
    state: State
    note: str


class Export(Answer):
    """The file of an export request."""

    size: int = Field(description="Bytes of the ZIP.")
    sha256: str = Field(description="Of the ZIP, hexadecimal.")
    expires_at: Moment
    available: bool = Field(description="False: the file was deleted; the history says why.")


def _absent(value: object) -> bool:
    return value is None


class Outcome(Answer):
    """What a request did. Of an erasure: matched = erased + withheld."""

    matched: int | None = Field(None, exclude_if=_absent)
    erased: int | None = Field(None, exclude_if=_absent)
    withheld: int | None = Field(None, exclude_if=_absent)
    withheld_by: list[Withheld] | None = Field(None, exclude_if=_absent)
    exports_deleted: int | None = Field(
        None, description="Earlier export files deleted with the captures.", exclude_if=_absent
    )
    content_key_destroyed: bool | None = Field(
        None,
        description="True: nothing of yours is left, so the key to any copy of it was destroyed, too.",
        exclude_if=_absent,
    )
    found_afterwards: int | None = Field(
        None, description="Captures that the last scan still found: 0.", exclude_if=_absent
    )
    exported: dict[str, int] | None = Field(None, description="Of an export: what is in the file.", exclude_if=_absent)


class Request(Answer):
    """One request, as it stands."""

    id: UUID
    type: Type
    state: State
    scope: RequestScope
    regime: str
    received_at: Moment
    due_at: Moment
    completed_at: Moment | None
    outcome: Outcome | None
    failure: str | None = Field(description="In state `failed`: why; it is tried again.")
    history: list[Event]
    export: Export | None


class NewRequest(BaseModel):
    """A request to file, or to preview."""

    model_config = ConfigDict(extra="forbid")

    type: Type
    scope: RequestScope = RequestScope()


class Health(Answer):
    """How the parts are."""

    status: Literal["ok"]
    lake: Literal["ok", "empty"] = Field(description="empty: nothing was captured yet.")
    governance: Literal["ok"]
    worker: Literal["running", "absent"] = Field(description="absent: requests are accepted, but wait.")
