"""Requests: ask for one of five things with a preview of what it covers, follow it, check what it did."""

from __future__ import annotations

import streamlit as st

from dashboard import states
from dashboard.requests.cards import draw_requests
from dashboard.requests.form import draw_form
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor


def show(visitor: Visitor) -> None:
    st.title("Your requests", anchor=False)
    st.caption(
        "What is held about you is yours to ask for, to have deleted, and to keep out of training. Your manager isn't "
        "told, and it has no effect on your work."
    )
    with st.container(border=True, key="request_form"), states.guarded("form"), visitor.governance() as governance:
        draw_form(visitor, governance)
    draw_requests()


show(identity.visitor())
