"""Requests: ask for a copy or a deletion with a preview of what it covers, follow it, download it."""

from __future__ import annotations

import streamlit as st

from dashboard import identity, states
from dashboard.identity import Visitor
from dashboard.request_cards import draw_requests
from dashboard.request_form import draw_form


def show(visitor: Visitor) -> None:
    st.title("Your requests", anchor=False)
    st.caption(
        "Ask for a copy of what is held about you, or have it deleted. Nobody has to approve it, and it has no "
        "effect on your work."
    )
    with st.container(border=True, key="request_form"), states.guarded("form"), visitor.governance() as governance:
        draw_form(visitor, governance)
    draw_requests()


show(identity.visitor())
