"""The script that Streamlit runs: the visitor, the pages, and the frame around them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

import tracing
from dashboard import done, states, theme, tour
from dashboard.language import t
from dashboard.language_choice import draw_languages
from dashboard.pages import EVERY, FOR_MANAGERS, FOR_OFFICERS, PAGES, START
from dashboard.scopes import addresses
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.verification import ledger_watch
from directory import MANAGER, OFFICER
from law import limits

ICON = (Path(__file__).parent / "icon.svg").read_text(encoding="utf-8")


def main() -> None:
    # Streamlit would fetch a page's icon from another site for the browser tab, so the sidebar's links have the icons.
    pages = [
        st.Page(f"views/{name}.py", title=t(title), url_path=name, default=name == START) for name, title, _ in EVERY
    ]
    page = st.navigation(pages, position="hidden")
    st.set_page_config(page_title=f"{page.title} · Open Book", page_icon=ICON, layout="wide")
    st.logo(ICON, size="large")
    theme.apply()
    with states.guarded("page"):
        visitor = identity.visitor()
        with st.sidebar:
            _frame(visitor)
        identity.keep_watch()
        ledger_watch.draw_alarm(visitor)
        if addresses.begin(page.url_path):
            done.forget()
        tour.draw(page.url_path or START)
        with tracing.page(page.url_path or START):
            page.run()


def _frame(visitor: Visitor) -> None:
    of_the_role = ((MANAGER, FOR_MANAGERS), (OFFICER, FOR_OFFICERS))
    shown = (*PAGES, *(page for role, page in of_the_role if visitor.employee.is_now(role)))
    for name, title, icon in shown:
        st.page_link(f"views/{name}.py", label=t(title), icon=icon)
    st.divider()
    st.markdown(f"**{inert(visitor.employee.name, 60)}**")
    st.caption(t("The pages about you are shown only to you."), help=t(limits.TECHNICAL_ACCESS))
    draw_languages()
    st.button(t("Sign out"), icon=":material/logout:", on_click=st.logout)


main()
