"""Views that a person saved under names of their own: listed, opened, renamed, deleted, on every page with an address.

What is saved is the address's query, which means the same in every language and zone. It is kept with the person,
sealed (`governance.saved_views`), and asked for only when the list is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode
from uuid import UUID

import streamlit as st

from api_client.errors import GovernanceError, StatusError, Unauthorized
from api_client.models.saved_views import SavedView
from api_client.saved_views import SavedViews
from dashboard import pages
from dashboard.language import t
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert, plain
from languages import mark

LONGEST_NAME = 80
LONGEST_QUERY = 4000
TITLES = {name: title for name, title, _ in pages.PAGES}
UNREACHABLE = mark("Your saved views can't be reached right now. Nothing was changed. Try again in a minute.")
TOO_LONG = mark("What is selected here is too long to be saved. Choose fewer applications.")
NAME, RENAMING, _SAID, _REFUSED, _FORM = "view_name", "view_renaming", "view_said", "view_refused", "view_form"


def draw_saved_views(visitor: Visitor, page: str) -> None:
    """Call it once the page's address is written. `page`: its name, as in `pages.PAGES`."""
    with st.expander(
        t("Saved views"), icon=":material/bookmarks:", type="compact", key=f"views-{page}", on_change="rerun"
    ) as opened:
        if not opened.open:
            _forget()
            return
        try:
            with visitor.governance() as governance:
                views = governance.views.all()
        except Unauthorized:
            raise
        except GovernanceError:
            st.caption(t(UNREACHABLE))
            return
        _draw_said()
        for view in views:
            _draw(visitor, view)
        if not views:
            st.caption(t("You have no saved views yet."))
        _draw_form(visitor, page)


def _draw(visitor: Visitor, view: SavedView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"view-{view.id}"):
        st.page_link(
            f"views/{view.page}.py",
            label=t("{name} ({page})", name=inert(view.name, LONGEST_NAME), page=t(TITLES[view.page])),
            icon=":material/bookmark:",
            query_params=parse_qs(view.query),
        )
        named = plain(view.name, LONGEST_NAME)
        st.button(
            t("Rename"),
            type="tertiary",
            icon=":material/edit:",
            help=t("Rename the view “{name}”", name=inert(named)),
            key=f"view-rename-{view.id}",
            on_click=_rename,
            args=(view.id,),
        )
        st.button(
            t("Delete"),
            type="tertiary",
            icon=":material/delete:",
            help=t("Delete the view “{name}”", name=inert(named)),
            key=f"view-delete-{view.id}",
            on_click=_delete,
            args=(visitor, view),
        )
    if st.session_state.get(RENAMING) != view.id:
        return
    with st.form(f"view-new-name-{view.id}"):
        key = f"view-name-{view.id}"
        st.text_input(t("New name of the view"), value=view.name, max_chars=LONGEST_NAME, key=key)
        st.form_submit_button(t("Save the name"), on_click=_save_name, args=(visitor, key, view))


def _draw_form(visitor: Visitor, page: str) -> None:
    key = f"{NAME}-{st.session_state.get(_FORM, 0)}"  # empty again after each that was saved
    with st.form("view-save", border=False):
        st.text_input(t("Name for what is selected now"), max_chars=LONGEST_NAME, key=key)
        st.form_submit_button(
            t("Save this view"), icon=":material/bookmark_add:", on_click=_save_new, args=(visitor, key, page)
        )


def _rename(view: UUID) -> None:
    _forget()
    st.session_state[RENAMING] = view


def _save_new(visitor: Visitor, key: str, page: str) -> None:
    """When it is clicked: by then the whole page has written its address."""
    query = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    if len(query) > LONGEST_QUERY:
        _refuse(t(TOO_LONG))
    elif (name := _name(key)) and _changed(
        visitor, lambda views: views.save(name, page, query), t("The view was saved.")
    ):
        st.session_state[_FORM] = st.session_state.get(_FORM, 0) + 1


def _save_name(visitor: Visitor, key: str, view: SavedView) -> None:
    def change(views: SavedViews) -> None:
        views.save(name, view.page, view.query, view=view.id)

    if (name := _name(key)) and _changed(visitor, change, t("The view was renamed.")):
        st.session_state.pop(RENAMING, None)


def _name(key: str) -> str:
    if not (name := str(st.session_state.get(key) or "").strip()):
        _refuse(t("Give the view a name first. Nothing was saved."))
    return name


def _delete(visitor: Visitor, view: SavedView) -> None:
    _changed(visitor, lambda views: views.delete(view.id), t("The view was deleted. Your records are as they were."))


def _changed(visitor: Visitor, change: Callable[[SavedViews], object], said: str) -> bool:
    _forget()
    try:
        with visitor.governance() as governance:
            change(governance.views)
    except StatusError as error:
        st.session_state[_REFUSED] = inert(error.detail or error.title, 300) if error.status < 500 else t(UNREACHABLE)
        return False
    except GovernanceError:
        st.session_state[_REFUSED] = t(UNREACHABLE)
        return False
    st.session_state[_SAID] = said
    return True


def _refuse(why: str) -> None:
    _forget()
    st.session_state[_REFUSED] = why


def _draw_said() -> None:
    """Said until the next thing is done here, where a screen reader reads it at once."""
    if said := st.session_state.get(_SAID):
        st.success(said, icon=":material/check:")
    if refused := st.session_state.get(_REFUSED):
        st.error(refused)


def _forget() -> None:
    st.session_state.pop(_SAID, None)
    st.session_state.pop(_REFUSED, None)
