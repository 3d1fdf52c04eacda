"""One line of a body: the record that it is, or why it can't be used. Reasons never quote what was captured."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from governance.schemas.captures import CaptureContent, CaptureRecord
from lake.connectors.records import InvalidRecord, Record, content_of, identity, moment

SOURCE = "intake/1"


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
