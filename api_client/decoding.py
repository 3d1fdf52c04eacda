"""From JSON to the frozen dataclasses of `models`.

A field's type decides: UUIDs, dates and times are parsed from text, dataclasses from objects, tuples from arrays. A
missing field without a default, or a value of the wrong type, is an UnexpectedAnswer that names the place. Unknown
fields are ignored, so that the API can grow.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import date, datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from api_client.errors import UnexpectedAnswer

Model = TypeVar("Model")


def decode(kind: type[Model], value: object) -> Model:
    """Convert `value`, as returned by `json.loads`, to a `kind`. Raises UnexpectedAnswer."""
    return cast("Model", _decode(kind, value, kind.__name__))


def _decode(kind: Any, value: object, place: str) -> object:
    origin = typing.get_origin(kind)
    if origin is types.UnionType:
        return None if value is None else _decode(typing.get_args(kind)[0], value, place)
    if origin is tuple:
        item = typing.get_args(kind)[0]
        return tuple(
            _decode(item, entry, f"{place}[{index}]") for index, entry in enumerate(_expect(list, value, place))
        )
    if origin is dict:
        item = typing.get_args(kind)[1]
        return {key: _decode(item, entry, f"{place}.{key}") for key, entry in _expect(dict, value, place).items()}
    if kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return _decode_fields(kind, _expect(dict, value, place), place)
    if kind in (UUID, datetime, date):
        return _parse(kind, _expect(str, value, place), place)
    if kind is float and type(value) is int:
        return float(value)
    return _expect(kind, value, place)


def _decode_fields(kind: Any, values: dict[str, object], place: str) -> object:
    hints = typing.get_type_hints(kind)
    known = {
        field.name: _decode(hints[field.name], values[field.name], f"{place}.{field.name}")
        for field in dataclasses.fields(kind)
        if field.name in values
    }
    try:
        return kind(**known)
    except TypeError as error:
        missing = sorted({field.name for field in dataclasses.fields(kind)} - set(known))
        raise UnexpectedAnswer(f"The answer lacks {', '.join(missing)} in {place}.") from error


def _parse(kind: type[UUID] | type[date], text: str, place: str) -> object:
    try:
        return UUID(text) if kind is UUID else cast("type[date]", kind).fromisoformat(text)
    except ValueError as error:
        raise UnexpectedAnswer(f"The answer has {text[:40]!r} for {place}, which is not a {kind.__name__}.") from error


def _expect(kind: type, value: object, place: str) -> Any:
    whole = isinstance(value, bool) is (kind is bool)
    if not isinstance(value, kind) or not whole:
        raise UnexpectedAnswer(f"The answer has {type(value).__name__} for {place}, not {kind.__name__}.")
    return value
