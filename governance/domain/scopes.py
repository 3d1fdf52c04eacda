"""The scope of a request, as JSON: `{signals?, applications?, from?, until?}`.

A missing field does not restrict the scope; `{}` covers everything. Times are RFC 3339; `until` is exclusive.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

import clock
from governance.domain.moments import Moment
from lake.rules.scope import SIGNALS, Scope


def _known_signal(signal: str) -> str:
    if signal not in SIGNALS:
        raise ValueError(f"is not a signal; the signals are {', '.join(SIGNALS)}")
    return signal


def _absent(value: object) -> bool:
    return value is None


Signal = Annotated[str, AfterValidator(_known_signal), WithJsonSchema({"type": "string", "enum": list(SIGNALS)})]
Application = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class RequestScope(BaseModel):
    """Which captures a request is about: signals x applications x time range."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    signals: list[Signal] | None = Field(None, min_length=1, max_length=len(SIGNALS), exclude_if=_absent)
    applications: list[Application] | None = Field(None, min_length=1, max_length=200, exclude_if=_absent)
    from_at: Moment | None = Field(None, alias="from", description="The first moment included.", exclude_if=_absent)
    until_at: Moment | None = Field(
        None, alias="until", description="The first moment not included.", exclude_if=_absent
    )

    @model_validator(mode="after")
    def from_before_until(self) -> Self:
        if self.from_at is not None and self.until_at is not None and self.from_at >= self.until_at:
            raise ValueError("`from` must be before `until`; otherwise nothing is covered")
        return self

    def same_as(self, other: RequestScope) -> bool:
        """Whether both cover the same, in any order."""
        return self.of_the_lake().same_as(other.of_the_lake())

    def of_the_lake(self) -> Scope:
        """The same scope in the lake's terms."""
        return Scope(
            signals=tuple(self.signals) if self.signals is not None else None,
            applications=tuple(self.applications) if self.applications is not None else None,
            from_at=clock.naive(self.from_at),
            until_at=clock.naive(self.until_at),
        )
