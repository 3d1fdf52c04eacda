"""One line of a body: the record that it is, or why it can't be used. Reasons never quote what was captured."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

from lake.connectors.records import InvalidRecord, Record, content_of, identity, moment

SOURCE = "intake/1"

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
    """One line of `POST /v1/captures`: one record of one person, who is named by `sub`, `email` or `device`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sub: Name | None = Field(None, description="The id with which the person signs in.")
    email: Name | None = Field(None, description="The person's address in the directory, instead.")
    device: Name | None = Field(
        None, description="Or the device that this token's recorder reports for the person (`heartbeat`)."
    )
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
        if [self.sub, self.email, self.device].count(None) != 2:
            raise ValueError("name the person by one of sub, email and device")
        return self


def parsed(line: bytes) -> CaptureRecord:
    """Raises InvalidRecord."""
    try:
        given = CaptureRecord.model_validate_json(line)
    except ValidationError as error:
        raise InvalidRecord(_reason(error.errors(include_url=False, include_input=False)[0])) from None
    moment(given.time)
    return given


def record_of(number: int, line: bytes) -> Record:
    """The record in line `number`. Raises InvalidRecord."""
    given = parsed(line)
    captured_at = moment(given.time)
    content = given.content.model_dump(exclude_none=True) if given.content else {}
    if given.x is None or given.y is None:
        x = y = None
    else:
        x, y = round(given.x), round(given.y)
    return Record(
        line=number,
        captured_at=captured_at,
        signal=given.signal,
        application=given.application,
        session=given.session,
        identity=identity(
            "intake", captured_at, given.signal, given.application, given.session, given.id, content, x, y, given.field
        ),
        content=content_of(**{name: _text(value) for name, value in content.items()}),
        x=x,
        y=y,
        field=given.field,
    )


def _text(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _reason(error: ErrorDetails) -> str:
    kind, place = error["type"], ".".join(part for part in error["loc"] if isinstance(part, str))
    if kind == "json_invalid":
        return "not JSON"
    if kind == "extra_forbidden":  # its name is whatever was sent
        known = CaptureContent if len(error["loc"]) > 1 else CaptureRecord
        return f"an unknown field; known: {', '.join(known.model_fields)}"
    words = error["msg"].removeprefix("Value error, ")
    return f"{place}: {words}" if place else words
