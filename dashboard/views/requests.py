"""Requests: submit one of six kinds with a preview of what it covers, follow it, check its outcome."""

from __future__ import annotations

import streamlit as st

from dashboard import states
from dashboard.language import t
from dashboard.requests.cards import draw_requests
from dashboard.requests.form import draw_form
from dashboard.scopes.saved_views import draw_saved_views
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor


def show(visitor: Visitor) -> None:
    st.title(t("Your requests"), anchor=False)
    st.caption(
        t(
            "You can ask for a copy of what this register holds about you, have it deleted, or keep it out of "
            "training. This app doesn't tell your manager."
        )
    )
    with st.container(border=True, key="request_form"), states.guarded("form"), visitor.governance() as governance:
        draw_form(visitor, governance)
    draw_requests()
    draw_saved_views(visitor, "requests")


show(identity.visitor())
