"""Whether a person's work may be recorded now."""

from __future__ import annotations

from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from governance.domain.moments import Moment
from governance.schemas.base import Answer


class NewPause(BaseModel):
    """One of the two."""

    model_config = ConfigDict(extra="forbid")

    minutes: int | None = Field(default=None, ge=1, le=527_040, description="From now on.")
    until: Literal["tomorrow"] | None = Field(default=None, description="The next midnight in your time zone.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.minutes is None) == (self.until is None):
            raise ValueError("needs either minutes or until")
        return self


class Pause(Answer):
    """Nothing that is recorded in it is stored. `until_at` is the first moment after it."""

    pause: UUID
    begins_at: Moment
    until_at: Moment


class Recording(Answer):
    paused_until: Moment | None = Field(description="Null: no pause is in force.")
    longest_pause_hours: int = Field(description="0: your employer's settings allow no pauses.")
    pauses: list[Pause] = Field(description="The newest first, at most 50.")


class ControlledPolicy(Answer):
    policy: str
    name: str
    signals: list[str]
    applications: list[str]
    safeguards: list[str]


class CaptureControl(Answer):
    """What a recorder may record of a person now."""

    may_record: bool = Field(description="False in a pause, without a policy, or of somebody who has left.")
    paused_until: Moment | None
    policies: list[ControlledPolicy] = Field(description="The policies in force today.")
    applications: list[str] = Field(description="All applications that one of them lists.")
    poll_seconds: int = Field(description="Ask again after so many seconds.")
