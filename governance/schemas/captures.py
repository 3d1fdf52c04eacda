"""What recorders send, and what they are told about it (docs/intake.md)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from governance.domain.moments import Moment
from governance.schemas.base import Answer

Signal = Literal[
    "mouse_move", "mouse_click", "scroll", "keystroke", "clipboard", "dropdown", "navigation", "form_edit",
    "window_focus", "screenshot", "message", "ticket", "afk",
]  # fmt: skip
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Pixel = Annotated[float, Field(gt=-(2**31), lt=2**31 - 1, allow_inf_nan=False)]


class CaptureContent(BaseModel):
    """What was typed, shown or said. Sealed under the person's key; what the safeguards find is removed before."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    text: str | None = None
    element: str | None = Field(None, description="What was clicked or edited, in words.")
    title: str | None = Field(None, description="Of the window or page.")
    url: str | None = None
    message: str | None = None
    author: str | None = Field(None, description="Of a message or ticket: who wrote it, if not this person.")
    action: str | None = Field(None, description="`press`, `release`, `copy`, …")
    button: str | None = None
    key: str | None = Field(None, description="One key of the keyboard.")
    dx: float | None = None
    dy: float | None = None


class CaptureRecord(BaseModel):
    """One line of `POST /v1/captures`: one record of one person, who is named by `sub` or by `email`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sub: Name | None = Field(None, description="The id with which the person signs in.")
    email: Name | None = Field(None, description="The person's address in the directory, instead.")
    time: Annotated[str, StringConstraints(max_length=40)] = Field(
        description="When it was captured, in ISO 8601; UTC if it names no zone."
    )
    signal: Signal
    application: Name = Field(description="As policies list it.")
    session: Annotated[str, StringConstraints(max_length=255)] = Field("", description="Which recording it belongs to.")
    id: Name | None = Field(
        None, description="Tells records apart that are equal otherwise: two equal records are copies of one."
    )
    content: CaptureContent | None = None
    x: Pixel | None = Field(None, description="Position on the screen in pixels.")
    y: Pixel | None = None
    field: Annotated[str, StringConstraints(max_length=2000)] = Field(
        "",
        description="Type, name and label of the field that text went into: tells the safeguards what a password is. "
        "It is not stored.",
    )

    @model_validator(mode="after")
    def _names_one_person(self) -> CaptureRecord:
        if (self.sub is None) == (self.email is None):
            raise ValueError("name the person by either sub or email")
        return self


class QuarantinedLine(Answer):
    line: int = Field(description="Of the body, from 1.")
    reason: str


class CaptureCounts(Answer):
    """Records by what became of them. Together with `waiting` they add up to all lines."""

    stored: int = 0
    already_known: int = Field(0, description="The lake had it already.")
    outside_policy: int = Field(0, description="No policy in force on its day allows it.")
    past_retention: int = Field(0, description="Its retention period is already over.")
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
