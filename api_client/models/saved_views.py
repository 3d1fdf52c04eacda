"""Views of the dashboard that you saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class SavedView:
    """A page of the dashboard, and what is selected there: the query of its address."""

    id: UUID
    name: str
    page: str
    query: str
    saved_at: datetime
