"""My area: is it treated as agreed? First what is certain, then what was published about the people below a manager.

The manager's own data is on the other pages."""

from __future__ import annotations

import streamlit as st

from api_client.errors import Forbidden
from api_client.models import Area
from dashboard import states, theme
from dashboard.language import t, tn
from dashboard.releases.panel import (
    draw_certain,
    draw_lost,
    draw_numbers,
    draw_protection,
    draw_state,
    draw_tables,
    newest,
)
from dashboard.releases.wording import no_numbers_words
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor


def show(visitor: Visitor) -> None:
    st.title(t("My area"), anchor=False)
    with states.guarded("area"), visitor.governance() as governance:
        try:
            area = governance.area()
        except Forbidden:
            states.empty(
                t("Nobody reports to you"),
                t(
                    "This page is for people who have others reporting to them in your company's directory. What is "
                    "held about you is on the other pages. Programme shows the whole company to everybody."
                ),
                icon=":material/group_off:",
            )
            return
        _draw(area, visitor)


def _draw(area: Area, visitor: Visitor) -> None:
    tables = newest(area)
    if tables:
        theme.answer(
            tn(
                "{n} person is in your area. The same rules apply to them as to everybody; numbers are below.",
                "{n} people are in your area. The same rules apply to them as to everybody; numbers are below.",
                area.people,
            )
        )
        draw_lost(area)
        draw_certain(area)
        draw_numbers(area, company=False)
        st.caption(
            t(
                "You are not included: what this register holds about you is on the other pages, which are shown only "
                "to you."
            )
        )
        draw_tables(area, company=False)
    else:
        theme.answer(
            tn(
                "{n} person is in your area: {why}",
                "{n} people are in your area: {why}",
                area.people,
                why=_why_nothing(area),
            )
        )
        st.caption(
            t(
                "The same rules apply to them as to everybody. They are counted with the larger area they are part of; "
                "Programme shows the whole company. What this register holds about you is on the other pages, which "
                "are shown only to you."
            )
        )
        draw_lost(area)
        st.page_link("views/programme.py", label=t("The whole company"), icon=":material/domain:")
        draw_certain(area)
    draw_state(area, visitor.zone)
    draw_protection(area.releases)


def _why_nothing(area: Area) -> str:
    """Depends on nothing but how many people are in it."""
    if not area.releases and any(one.period for one in area.lost):
        return t("what was published is lost.")
    if not area.releases:
        return t("nothing has been published yet.")
    fewest = min((size.ranges_from for size in area.sizes if not size.company_only), default=None)
    return no_numbers_words(fewest, area.people)


show(identity.visitor())
