"""What was done on a page: said there until the next thing is done or another page is opened.

A toast is gone after seconds, before slow readers, magnifiers and screen readers come to it.
"""

from __future__ import annotations

import streamlit as st

_SAID, _PLACE = "done_said", "done_place"


def say(words: str, icon: str = ":material/check:") -> None:
    """Of the next runs, where `draw` was called for what is being drawn. `words`: in the visitor's language, safe for
    Markdown."""
    st.session_state[_SAID] = (words, icon, st.session_state.get(_PLACE, ""))


def draw(place: str = "") -> None:
    """Draws what was done in this part of the page, if that is what was done last. Screen readers read it at once. A
    page with several parts calls it before each, with a name."""
    st.session_state[_PLACE] = place
    if said := st.session_state.get(_SAID):
        words, icon, where = said
        if where == place:
            st.success(words, icon=icon)


def forget() -> None:
    """Something new begins, or another page was opened."""
    for name in (_SAID, _PLACE):
        st.session_state.pop(name, None)
