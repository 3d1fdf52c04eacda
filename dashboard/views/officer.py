"""The privacy officer's page: requests due, pending decisions, models, legal holds. No captured content."""

from __future__ import annotations

import streamlit as st

from api_client.errors import Forbidden
from dashboard import done, states
from dashboard.language import t
from dashboard.officer.health import draw_health
from dashboard.officer.holds import draw_holds
from dashboard.officer.leases import draw_leases
from dashboard.officer.letters import draw_letters
from dashboard.officer.links import draw_links
from dashboard.officer.models import draw_models
from dashboard.officer.requests import draw_due
from dashboard.officer.training import draw_training
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from directory import OFFICER

PARTS = {
    "requests": draw_due,
    "links": draw_links,
    "training": draw_training,
    "leases": draw_leases,
    "models": draw_models,
    "holds": draw_holds,
    "letters": draw_letters,
}


def show(visitor: Visitor) -> None:
    st.title(t("Privacy office"), anchor=False)
    if not visitor.employee.is_now(OFFICER):
        _refused()
        return
    st.caption(
        t(
            "Requests, models, holds and sign-in changes, without any captured content. Each time you look here, the "
            "people whose requests, holds and changes you see can see that you did."
        )
    )
    with states.guarded("health"), visitor.governance() as governance:
        draw_health(governance)
    with states.guarded("officer"), visitor.governance() as governance:
        states.missing_parts()
        try:
            for name, draw in PARTS.items():
                done.draw(name)
                draw(visitor, governance)
        except Forbidden:  # the directory has changed since this page was opened
            _refused()


def _refused() -> None:
    states.empty(
        t("This page is for the privacy officer"),
        t(
            "Your company's directory doesn't list you as one now. None of your data is missing: it is on the other "
            "pages."
        ),
        icon=":material/lock:",
    )


show(identity.visitor())
