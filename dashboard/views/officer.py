"""The privacy officer's page: what is due, what waits for a decision, models, legal holds. No captured content."""

from __future__ import annotations

import streamlit as st

import timekeeping
from api_client.errors import Forbidden
from dashboard import identity, states
from dashboard.identity import Visitor
from dashboard.officer_holds import draw_holds
from dashboard.officer_models import draw_models
from dashboard.officer_requests import draw_due
from dashboard.text import inert
from directory import OFFICER


def show(visitor: Visitor) -> None:
    st.title("Privacy office", anchor=False)
    if not visitor.employee.is_now(OFFICER):
        _refused()
        return
    st.caption(
        "Requests, models and holds, without anything that was captured. Each time you look here, the people whose "
        "requests and holds you see can see that you did."
    )
    if clock_doubt := timekeeping.doubt():
        st.warning(inert(clock_doubt, 600), icon=":material/schedule:")
    with states.guarded("officer"), visitor.governance() as governance:
        states.missing_parts()
        try:
            draw_due(visitor, governance)
            draw_models(visitor, governance)
            draw_holds(visitor, governance)
        except Forbidden:  # the directory has changed since this page began
            _refused()


def _refused() -> None:
    states.empty(
        "This page is for the privacy officer",
        "Your company's directory does not name you as one now. Nothing of yours is missing: it is on the other pages.",
        icon=":material/lock:",
    )


show(identity.visitor())
