"""What all answers share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, WrapValidator

from governance.domain import kept_words
from languages.saying import Said, shown

__all__ = ["Answer", "ForPeople", "absent", "kept_words"]


def _as_it_is(value: Any, validate: Any) -> Any:
    return value if isinstance(value, Said) else validate(value)


ForPeople = Annotated[str, WrapValidator(_as_it_is), PlainSerializer(shown, return_type=str, when_used="json")]
"""Text for people: English where it is made and kept, in the reader's language once it is sent."""


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


def absent(value: object) -> bool:
    """For `exclude_if`: omits the field if it has no value."""
    return value is None
