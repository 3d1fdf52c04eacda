"""A search in one tab: what is looked for, what was found so far, and how far it came.

It is kept in `st.session_state` and ends with the sign-in. Of what was found it has only positions: the records are
opened when they are drawn, so what was deleted meanwhile is gone from the list, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st

from dashboard.language import t
from dashboard.sign_in.identity import SEARCH
from queries import Cursor, Own, Record
from queries.records import Position
from queries.search import Filters, InvalidQuery, Place, Query

PAGE = 20
MOST = 200
STEP_SECONDS = 0.5


@dataclass
class Search:
    """`running` until a page is full, everything was searched, or it is stopped."""

    words: str
    query: Query
    filters: Filters
    found: list[Position] = field(default_factory=list)
    next: Cursor | None = None
    searched: int = 0
    total: int = 0
    back_to: datetime | None = None
    wanted: int = PAGE
    running: bool = True
    ended: bool = False

    def step(self, own: Own) -> None:
        """Looks on for half a second. Raises NotValid, LakeUnavailable."""
        missing = self.wanted - len(self.found)
        page = own.search(self.query, self.filters, after=self.next, limit=missing, seconds=STEP_SECONDS)
        self.found += [(hit.record.captured_at, hit.record.capture_id) for hit in page.hits]
        self.next, self.searched, self.total, self.back_to = page.next, page.searched, page.total, page.back_to
        self.ended = page.next is None
        self.running = not self.ended and len(self.found) < self.wanted

    def go_on(self) -> None:
        """Looks for another page of results, or for the rest of a page that was stopped."""
        if len(self.found) >= self.wanted:
            self.wanted += PAGE
        self.running = True

    def stop(self) -> None:
        self.running = False

    @property
    def full(self) -> bool:
        return len(self.found) >= MOST

    def results(self, own: Own) -> list[tuple[Record, list[Place]]]:
        """Those that are still there, newest first, and where the words are."""
        records = own.records_by_id(tuple(self.found))
        found = [(record, self.query.places_in(record.content or {})) for record in records]
        return [(record, places) for record, places in found if places]


def current() -> Search | None:
    found = st.session_state.get(SEARCH)
    return found if isinstance(found, Search) else None


def begin(words: str, filters: Filters, refuse: Callable[[str], object]) -> None:
    """Starts a search in place of the one before; no words end it. `refuse` is told why it can't be."""
    st.session_state.pop(SEARCH, None)
    if not words.strip():
        return
    try:
        st.session_state[SEARCH] = Search(words, Query.of(words), filters)
    except InvalidQuery as error:
        refuse(t("This can't be searched for: {why}", why=t(error.text, **error.values)))
