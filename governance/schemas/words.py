"""Text for people in an answer: English where it is made and kept, in the reader's language once it is sent."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainSerializer, WrapValidator

from governance.domain import kept_words
from languages.saying import Said, shown

__all__ = ["ForPeople", "kept_words"]


def _as_it_is(value: Any, validate: Any) -> Any:
    return value if isinstance(value, Said) else validate(value)


ForPeople = Annotated[str, WrapValidator(_as_it_is), PlainSerializer(shown, return_type=str, when_used="json")]
