"""Long lists are paginated: `offset` and `limit` in the request; in the answer the headers `Total-Count` and, unless it
is the last page, `Link` with `rel="next"` (RFC 8288).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import pandas as pd
from fastapi import Depends, Query, Request, Response
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

LARGEST = 2**53 - 1
MOST = 100
MOST_SMALL = 1000
USUAL = 50

Item = TypeVar("Item")

HEADERS = {
    "Total-Count": {"required": True, "schema": {"type": "integer"}, "description": "Entries on all pages."},
    "Link": {"schema": {"type": "string"}, "description": 'The next page, as `rel="next"`.'},
}
PAGED: dict[int | str, dict[str, Any]] = {200: {"description": "A page of the list.", "headers": HEADERS}}


class Paging:
    """The requested page."""

    def __init__(
        self,
        request: Request,
        response: Response,
        offset: Annotated[int, Query(ge=0, le=LARGEST, description="Entries to skip.")] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Entries per page.")] = USUAL,
    ) -> None:
        self.offset, self.limit = offset, limit
        self._request, self._response = request, response

    def of(self, items: Sequence[Item]) -> list[Item]:
        """The page of a list that is in memory as a whole."""
        self.count(len(items))
        return list(items[self.offset : self.offset + self.limit])

    def select(self, session: Session, statement: Select[Item]) -> Sequence[Item]:
        """The same of an ordered statement for one kind of row: no more rows are read than are shown."""
        self.count(session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0)
        return session.scalars(statement.offset(self.offset).limit(self.limit)).all()

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """The same for a table."""
        self.count(len(table))
        return self.part(table)

    def part(self, table: pd.DataFrame) -> pd.DataFrame:
        """The same if the total was counted separately."""
        return table.iloc[self.offset : self.offset + self.limit]

    def count(self, total: int) -> None:
        """Set the number of entries on all pages."""
        headers = self._response.headers
        headers["Total-Count"] = str(total)
        if self.offset + self.limit < total:
            following = self._request.url.include_query_params(offset=self.offset + self.limit, limit=self.limit)
            headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        elif "Link" in headers:
            del headers["Link"]


def _long(
    request: Request,
    response: Response,
    offset: Annotated[int, Query(ge=0, le=LARGEST, description="Entries to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_SMALL, description="Entries per page.")] = MOST_SMALL,
) -> Paging:
    return Paging(request, response, offset, limit)


Page = Annotated[Paging, Depends(Paging)]
LongPage = Annotated[Paging, Depends(_long)]
"""For small entries."""
