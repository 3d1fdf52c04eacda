"""What the theme can't say: the answer's size, a focus ring that is seen, and text that is legible on both themes."""

from __future__ import annotations

import streamlit as st

_STYLE = """<style>
[class*="st-key-answer"] p { font-size: 1.2rem; font-weight: 600; line-height: 1.45; }
a:focus-visible, button:focus-visible, summary:focus-visible, [role="tab"]:focus-visible {
  outline: 2px solid currentColor !important; outline-offset: 2px;
}
[data-testid="stSidebar"] a:focus-visible, [role="tab"]:focus-visible { outline-offset: -2px; }
[role="tab"], [role="tab"] p, [data-testid="stButtonGroup"] button { color: inherit !important; }
</style>"""
"""The primary colour bears white text; as text on a dark ground it would be too faint, so chosen tabs stay plain."""


def apply() -> None:
    """Once a page."""
    st.html(_STYLE)


def answer(sentence: str, *, key: str = "answer") -> None:
    """What a page or a preview has to say first. `sentence` is Markdown; not a heading, for it heads nothing."""
    with st.container(key=key):
        st.markdown(sentence)
