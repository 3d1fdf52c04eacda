"""Letters to people who have left."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from directory.tokens.letters import MOST_DAYS
from governance.domain.moments import Moment
from governance.schemas.base import Answer
from governance.schemas.officer import EmployeeName

LONGEST_CODE = 100


class NewLetter(BaseModel):
    """A letter for somebody who has left."""

    model_config = ConfigDict(extra="forbid")

    employee: str = Field(max_length=320, description="Their e-mail address in the directory.")
    days: int = Field(default=30, ge=1, le=MOST_DAYS, description="How long the code opens their data.")


class Letter(Answer):
    """The letter. Its code is shown only here."""

    letter: UUID
    code: str
    expires_at: Moment


class LetterInForce(Answer):
    """A letter whose code opens somebody's data until `expires_at`. `uses`: how often it was given."""

    letter: UUID
    employee: EmployeeName
    expires_at: Moment
    uses: int


class LetterCode(BaseModel):
    """The code of a letter; capitals, spaces and hyphens don't matter."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=LONGEST_CODE)


class LetterToken(Answer):
    """An access token (RFC 6749, 5.1), for the person's own data."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (the name of a kind)
    expires_in: int = Field(description="Seconds.")
