"""Pages through long lists: shows the first part, and more on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from api_client import Listing
from dashboard.language import t, tn

Item = TypeVar("Item")

PART = 50


def gathered(fetch: Callable[..., Listing[Item]], key: str) -> Listing[Item]:
    """The parts of a list that have been requested so far, at least the first."""
    found: list[Item] = []
    total = 0
    for part in range(st.session_state.get(_key(key), 1)):
        page = fetch(offset=part * PART, limit=PART)
        found += page
        total = page.total
    return Listing.of(tuple(found), total)


def draw_more(listing: Listing[Item], key: str) -> None:
    """How many are shown, and a button for the next part; nothing if all are."""
    left = listing.total - len(listing)
    if left <= 0:
        return
    st.caption(t("{n} of {total} are shown.", n=len(listing), total=listing.total))
    if st.button(tn("Show {n} more", "Show {n} more", min(left, PART)), key=f"{key}-more"):
        st.session_state[_key(key)] = st.session_state.get(_key(key), 1) + 1
        st.rerun()


def _key(key: str) -> str:
    return f"{key}-parts"
