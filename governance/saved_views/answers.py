"""Saved views in answers of the API."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from governance.domain.moments import Moment
from governance.schemas.base import Answer

LONGEST_NAME = 80
LONGEST_QUERY = 4000
PageName = Literal["captured", "models", "requests"]
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f\u2028\u2029]+$"
    ),
]
Query = Annotated[str, StringConstraints(max_length=LONGEST_QUERY, pattern=r"^[A-Za-z0-9%._~&=+*:-]*$")]


class ViewToSave(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="In your own words; one of your views has it.")
    page: PageName = Field(description="The path of the page of the dashboard.")
    query: Query = Field(description="What is selected there: the query of the page's address, without `?`.")


class SavedView(Answer):
    """A view that you saved. It is shown to nobody else."""

    id: UUID
    name: str
    page: str
    query: str
    saved_at: Moment
