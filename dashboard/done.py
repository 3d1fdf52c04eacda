"""What was done on a page: said there until the next thing is done or another page is opened.

A toast is gone after seconds, before slow readers, magnifiers and screen readers come to it.
"""

from __future__ import annotations

import streamlit as st

from dashboard.language import t

_SAID = "done_said"


def say(words: str, icon: str = ":material/check:") -> None:
    """Of the next runs. `words`: marked (`languages.mark`)."""
    st.session_state[_SAID] = (words, icon)


def draw() -> None:
    """Draws it, if there is something. Screen readers read it at once."""
    if said := st.session_state.get(_SAID):
        words, icon = said
        st.success(t(words), icon=icon)


def forget() -> None:
    """Something new begins, or another page was opened."""
    st.session_state.pop(_SAID, None)
