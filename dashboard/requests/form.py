"""The form of a new request: what, of what, a preview, and an explicit last step.

A preview is of one exact draft: whoever changes the draft sees a new preview before they can file. It also
carries the idempotency key, so that filing it twice, by a double click or a retry, files one request.
"""

from __future__ import annotations

from http import HTTPStatus

import streamlit as st

from api_client import GovernanceClient
from api_client import Scope as RequestScope
from api_client.errors import AlreadyOpen, StatusError
from dashboard.requests.preview_panel import Looked, draw_preview
from dashboard.requests.wording import KINDS
from dashboard.scopes import selection
from dashboard.scopes.form import choose_scope
from dashboard.scopes.selection import Draft
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.wording import count, scope_words
from lake.rules.scope import Scope

NOTE_CHARACTERS = 2000
_LOOKED = "request_preview"
_ALREADY_OPEN = "request_already_open"

NEXT = {
    "export": "You get one ZIP file, as a rule within minutes. It can be downloaded here for 7 days.",
    "erasure": "It vanishes from every page at once and is then removed for good, as a rule within minutes. "
    "Once that has begun, nobody can stop it.",
    "objection": "It counts from now on, for what is captured later as well. You can end it here at any time.",
    "restriction": "It counts from now on. You can end it here at any time; then the usual rules apply again.",
    "rectification": "A privacy officer decides whether your note is attached. They see what it is about, but neither "
    "your captures nor the words of your note. You can remove it here at any time.",
}
"""What happens after the last step."""


def draw_form(visitor: Visitor, governance: GovernanceClient) -> None:
    """Draws the form; files the request at its end."""
    st.header("New request", anchor=False)
    notice = st.container()
    begun = selection.draft()
    key = selection.form_key()
    kind = st.radio(
        "What do you want?",
        list(KINDS),
        index=list(KINDS).index(begun.type) if begun else None,
        format_func=lambda kind: f"{KINDS[kind].icon} {KINDS[kind].ask}",
        captions=[kind.means for kind in KINDS.values()],
        key=f"kind-{key}",
    )
    if kind is None:
        with notice:
            _say_already_open()
        st.caption("You see what it covers before you decide. Nothing happens until the last step.")
        return
    st.session_state.pop(_ALREADY_OPEN, None)
    written = _write(visitor, kind, begun, key)
    if written is None:
        st.session_state.pop(_LOOKED, None)
        return
    looked = st.session_state.get(_LOOKED)
    # A place of its own that is emptied at once: left over until the run ends, the button would lengthen the page
    # and, on going, move the last step away under a click.
    place = st.empty()
    if looked is None or looked.draft != written:
        if not place.button("Show what this covers", type="primary", icon=":material/visibility:") and begun != written:
            return
        with place, st.spinner("Looking it up…"):
            st.session_state[_LOOKED] = _look(governance, written)
        st.rerun()
    draw_preview(looked, visitor)
    _last_step(looked, visitor, governance)


def _write(visitor: Visitor, kind: str, begun: Draft | None, key: str) -> Draft | None:
    """The draft as it is written so far; None, with what is missing on screen, while it isn't whole."""
    scope = choose_scope(visitor, begun.scope if begun else None, key)
    note = None
    if kind == "rectification":
        note = st.text_area(
            "What is wrong with it?",
            max_chars=NOTE_CHARACTERS,
            placeholder="For example: I was off sick that day; somebody else worked at my desk.",
            help="It is stored encrypted under your own key, like your captures.",
            key=f"note-{key}",
        ).strip()
        if not note:
            st.info("Write what is wrong, in your own words.", icon=":material/info:")
            return None
    return None if scope is None else Draft(kind, scope, note)


def _look(governance: GovernanceClient, draft: Draft) -> Looked:
    """Without a preview where the records can't be read just now, which is no reason not to file."""
    try:
        preview = governance.preview(draft.type, as_request_scope(draft.scope))
    except StatusError as error:
        if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return Looked(draft, None, inert(error.detail or error.title, 600))
    return Looked(draft, preview)


def _last_step(looked: Looked, visitor: Visitor, governance: GovernanceClient) -> None:
    draft = looked.draft
    events = looked.preview.events if looked.preview else None
    kind = KINDS[draft.type]
    st.subheader("Last step", anchor=False)
    st.markdown(f"**{kind.ask}**: {scope_words(draft.scope, visitor.zone)}. {NEXT[draft.type]}")
    ready = True
    if draft.type == "erasure":
        ready = events != 0 and st.checkbox(
            "I understand that this can't be undone, by anybody.", key=f"understood-{looked.idempotency_key}"
        )
    elif draft.type == "rectification":
        ready = events != 0
    with st.container(horizontal=True):
        file = st.button(
            kind.file.format(captures="what it covers" if events is None else count(events, "capture")),
            type="primary",
            disabled=not ready,
            key=f"file-{looked.idempotency_key}",
        )
        st.button("Cancel", on_click=_forget, key=f"cancel-{looked.idempotency_key}")
    if file:
        _file(looked, governance)


def _file(looked: Looked, governance: GovernanceClient) -> None:
    draft = looked.draft
    try:
        with st.spinner("Filing it…"):
            governance.file_request(
                draft.type,
                as_request_scope(draft.scope),
                note=draft.note,
                idempotency_key=looked.idempotency_key,
            )
    except AlreadyOpen as error:
        _forget()
        st.session_state[_ALREADY_OPEN] = str(error.request_id)
        st.rerun()
    _forget()
    st.toast("Filed. You can follow it below.", icon=":material/check:")
    st.rerun()


def _say_already_open() -> None:
    """That the same request is under way, with the way to it, until something else is begun."""
    open_one = st.session_state.get(_ALREADY_OPEN)
    if open_one:
        st.info(
            "**You have asked for this already, and it is under way.** Nothing was filed twice. "
            f"[Go to that request](#request-{open_one})",
            icon=":material/check_circle:",
        )


def _forget() -> None:
    st.session_state.pop(_LOOKED, None)
    selection.drop_draft()


def as_request_scope(scope: Scope) -> RequestScope:
    return RequestScope(scope.signals, scope.applications, scope.from_at, scope.until_at)
