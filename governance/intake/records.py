"""One line of a body: the record that it is, or why it can't be used. Reasons never quote what was captured."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

import clock
from governance.intake.keys import REPEATED, has_repeated_key
from lake.connectors.records import (
    RECORD_LIMIT,
    TOO_LARGE,
    InvalidRecord,
    Picture,
    Quarantined,
    Record,
    Window,
    canonical,
    content_of,
    digest_of,
    moment,
)

SOURCE = "intake/1"
MOST_BASE64 = (8 << 20) * 4 // 3 + 4
LINE_LIMIT = MOST_BASE64 + RECORD_LIMIT
"""Bytes of a record with a picture."""
UNUSABLE = b"!"
"""Before what is kept of a line that can't be used."""
CANONICAL = b"["
"""Before what is kept of most others."""
PICTURE = re.compile(rb'"picture"\s*:\s*"[A-Za-z0-9+/=]*"')

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


FIELDS = tuple(CaptureContent.model_fields)


class CaptureWindow(BaseModel):
    """Where the window of an application is on the picture, in its pixels."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    application: Name
    x: Pixel
    y: Pixel
    width: Pixel
    height: Pixel


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
    x: Pixel | None = Field(None, description="Position on the screen in pixels; only together with `y`.")
    y: Pixel | None = None
    field: Annotated[str, StringConstraints(max_length=2000)] = Field(
        "",
        description="Type, name and label of the field that text went into: tells the safeguards what a password is. "
        "It is not stored.",
    )
    picture: Annotated[str, StringConstraints(max_length=MOST_BASE64)] | None = Field(
        None, description="Of a `screenshot`: PNG, JPEG or WebP of at most 8 MiB, in base64."
    )
    windows: Annotated[list[CaptureWindow], Field(max_length=200)] = Field(
        default_factory=list,
        json_schema_extra={"default": []},
        description="On the picture: those of applications that no policy lists are painted over.",
    )

    @model_validator(mode="after")
    def _names_one_person(self) -> CaptureRecord:
        if [self.sub, self.email, self.device].count(None) != 2:
            raise ValueError("name the person by one of sub, email and device")
        if self.signal != "screenshot" and (self.picture is not None or self.windows):
            raise ValueError("only a screenshot has a picture")
        if (self.x is None) != (self.y is None):
            raise ValueError("a position has both x and y")
        return self


def parsed(line: bytes) -> CaptureRecord:
    """Raises InvalidRecord."""
    if len(line) > RECORD_LIMIT and len(PICTURE.sub(b"", line, 1)) > RECORD_LIMIT:
        raise InvalidRecord(TOO_LARGE)
    try:
        given = CaptureRecord.model_validate_json(line)
    except ValidationError as error:
        raise InvalidRecord(_reason(error.errors(include_url=False, include_input=False)[0])) from None
    if has_repeated_key(line, given):
        raise InvalidRecord(REPEATED)
    moment(given.time)
    if given.picture is not None:
        picture_of(given)
    return given


class Unusable(BaseModel):
    """What is known of a line that can't be used, if it names a person: they are shown that it came."""

    model_config = ConfigDict(frozen=True)

    reason: str
    sub: str | None = None
    email: str | None = None
    device: str | None = None
    time: str
    """ISO 8601; empty if it isn't known."""
    application: str
    identity: str
    """A digest of the line."""

    def item(self, number: int) -> Quarantined:
        at = moment(self.time) if self.time else None
        return Quarantined(number, self.reason, bytes.fromhex(self.identity), "", at, self.application)


def unusable(line: bytes, reason: str) -> Unusable | None:
    """None if the line isn't an object that names one person, or a device at a time; or if it has a key twice."""
    try:
        found = orjson.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or has_repeated_key(line):
        return None
    names = {name: found.get(name) for name in ("sub", "email", "device")}
    if not all(given is None or _is_name(given) for given in names.values()) or list(names.values()).count(None) != 2:
        return None
    digest, application, time = (
        hashlib.blake2b(line, digest_size=16).hexdigest(),
        found.get("application"),
        found.get("time"),
    )
    if names["device"] is not None and not _past(time):
        return None
    return Unusable(
        reason=reason,
        **names,
        time=_past(time),
        application=application if _is_name(application) else "",
        identity=digest,
    )


def _is_name(given: object) -> bool:
    return isinstance(given, str) and 0 < len(given) <= 255


def _past(given: object) -> str:
    try:
        return str(given) if moment(given) <= clock.now_utc() else ""
    except InvalidRecord:
        return ""


def picture_of(given: CaptureRecord) -> bytes:
    """Its picture file. Raises InvalidRecord."""
    try:
        return base64.b64decode(given.picture or "", validate=True)
    except ValueError as error:
        raise InvalidRecord("its picture isn't base64") from error


def kept_of(line: bytes, given: CaptureRecord) -> bytes:
    """What is kept of a line until it is stored: the values that the record's identity is the digest of, which are
    read much faster than what was sent. The line itself, if it has a picture or a number that JSON has no form for."""
    content = given.content
    odd = content is not None and not (math.isfinite(content.dx or 0) and math.isfinite(content.dy or 0))
    return line if odd or given.picture is not None else canonical(*_values(given, moment(given.time)))


def record_of(number: int, kept: bytes, read: Callable[[int], bytes]) -> Record:
    """What was kept of line `number`; `read`: gets its picture again, if it has one. Raises InvalidRecord."""
    if kept.startswith(CANONICAL):
        values = orjson.loads(kept)
        return _record(number, values, datetime.fromisoformat(values[1]), kept)
    given = parsed(kept)
    at = moment(given.time)
    values = _values(given, at)
    if given.picture is None:
        return _record(number, values, at, canonical(*values))
    windows = [_window(each) for each in given.windows]
    more = hashlib.sha256(picture_of(given)).hexdigest(), [[each.application, *each.box] for each in windows]
    return replace(_record(number, values, at, canonical(*values, *more)), picture=Picture(read, tuple(windows)))


def _values(given: CaptureRecord, at: datetime) -> list[Any]:
    if given.x is None or given.y is None or given.signal == "screenshot":  # there they are the size of its picture
        x = y = None
    else:
        x, y = round(given.x), round(given.y)
    content = given.content.model_dump(exclude_none=True) if given.content else {}
    return ["intake", at, given.signal, given.application, given.session, given.id, content, x, y, given.field]


def _record(number: int, values: list[Any], at: datetime, identified: bytes) -> Record:
    _, _, signal, application, session, _, content, x, y, field = values
    return Record(
        line=number,
        captured_at=at,
        signal=signal,
        application=application,
        session=session,
        identity=digest_of(identified),
        content=content_of(**{name: _text(content[name]) for name in FIELDS if name in content}) if content else {},
        x=x,
        y=y,
        field=field,
    )


def _window(given: CaptureWindow) -> Window:
    left, top = round(given.x), round(given.y)
    return Window(given.application, (left, top, left + round(given.width), top + round(given.height)))


def _text(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


KNOWN: dict[int | str, type[BaseModel]] = {"content": CaptureContent, "windows": CaptureWindow}


def _reason(error: ErrorDetails) -> str:
    kind, place = error["type"], ".".join(part for part in error["loc"] if isinstance(part, str))
    if kind == "json_invalid":
        return "not JSON"
    if kind == "extra_forbidden":  # its name is whatever was sent
        known = KNOWN.get(error["loc"][0], CaptureRecord) if len(error["loc"]) > 1 else CaptureRecord
        return f"an unknown field; known: {', '.join(known.model_fields)}"
    words = error["msg"].removeprefix("Value error, ")
    return f"{place}: {words}" if place else words
