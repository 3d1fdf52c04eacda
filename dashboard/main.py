"""The script that Streamlit runs: the visitor, the pages, and the frame around them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

import tracing
from dashboard import done, states, theme, tour
from dashboard.language import t
from dashboard.language_choice import draw_languages
from dashboard.pages import EVERY, FOR_MANAGERS, FOR_OFFICERS, START
from dashboard.scopes import addresses
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.verification import ledger_watch
from directory import MANAGER, OFFICER
from law import limits

ICON = (Path(__file__).parent / "icon.svg").read_text(encoding="utf-8")


def main() -> None:
    found = identity.known()
    page = st.navigation(_pages(found), position="sidebar" if isinstance(found, Visitor) else "hidden")
    st.set_page_config(page_title=f"{page.title} · Open Book", page_icon=ICON, layout="wide")
    st.logo(ICON, size="large")
    theme.apply()
    with states.guarded("page"):
        visitor = identity.shown(found)
        with st.sidebar:
            _frame(visitor)
        identity.keep_watch()
        ledger_watch.draw_alarm(visitor)
        if addresses.begin(page.url_path):
            done.forget()
        tour.draw(page.url_path or START)
        with tracing.page(page.url_path or START):
            page.run()


def _pages(found: object) -> list[Page]:
    """All pages; those of a role are listed for people who have it.

    They have no icon for Streamlit, which would fetch it from another site for the browser's tab: see `theme`.
    """
    roles = {FOR_MANAGERS: MANAGER, FOR_OFFICERS: OFFICER}
    return [
        st.Page(
            f"views/{page[0]}.py",
            title=t(page[1]),
            url_path=page[0],
            default=page[0] == START,
            visibility="visible" if page not in roles or _has(found, roles[page]) else "hidden",
        )
        for page in EVERY
    ]


def _has(found: object, role: str) -> bool:
    return isinstance(found, Visitor) and found.employee.is_now(role)


def _frame(visitor: Visitor) -> None:
    st.markdown(f"**{inert(visitor.employee.name, 60)}**")
    st.caption(t("The pages about you are shown only to you."), help=t(limits.TECHNICAL_ACCESS))
    draw_languages()
    st.button(t("Sign out"), icon=":material/logout:", on_click=st.logout)


main()
