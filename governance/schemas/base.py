"""What all answers share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


def absent(value: object) -> bool:
    """For `exclude_if`: omits the field if it has no value."""
    return value is None
