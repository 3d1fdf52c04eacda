"""Words in your own records: `GovernanceClient.search`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from api_client.decoding import decode
from api_client.models.held import SearchPage, SearchResult
from api_client.models.scope import Scope
from api_client.sending import Sender, json_of


class Search:
    """See `GovernanceClient` for the errors that every call may raise; Invalid for words that can't be searched for."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def page(
        self,
        words: str,
        scope: Scope | None = None,
        *,
        masked: bool | None = None,
        session: UUID | str | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> SearchPage:
        """One page of results, newest first: about 2 seconds of searching. All words have to be in a record; words in
        double quotes are one phrase. `cursor`: `next` of the page before; `limit`: 1 to 100."""
        body: dict[str, Any] = {"words": words, "scope": (scope or Scope()).as_json(), "limit": limit}
        others = {"masked": masked, "session": session and str(session), "cursor": cursor}
        body |= {name: value for name, value in others.items() if value is not None}
        return decode(SearchPage, json_of(self._sender.send("POST", "/v1/me/captures/search", json=body)))

    def every(self, words: str, scope: Scope | None = None, **filters: Any) -> Iterator[SearchResult]:
        """All results, newest first, fetched page by page while you iterate. `filters`: those of `page`."""
        while True:
            page = self.page(words, scope, **filters)
            yield from page.results
            if page.next is None:
                return
            filters["cursor"] = page.next
