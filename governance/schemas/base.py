"""What schemas share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, StringConstraints, WrapValidator

from governance.domain import kept_words
from languages.saying import Said, shown

__all__ = ["Answer", "ForPeople", "Words", "absent", "kept_words"]


def _as_it_is(value: Any, validate: Any) -> Any:
    return value if isinstance(value, Said) else validate(value)


ForPeople = Annotated[str, WrapValidator(_as_it_is), PlainSerializer(shown, return_type=str, when_used="json")]
"""Text for people: English where it is made and kept, in the reader's language once it is sent."""

Words = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
    ),
]
"""Text that people write."""


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


def absent(value: object) -> bool:
    """For `exclude_if`: omits the field if it has no value."""
    return value is None
