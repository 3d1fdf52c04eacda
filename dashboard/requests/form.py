"""The form for a new request: its kind, its scope, a preview, and an explicit last step.

A preview belongs to one exact draft: after a change to the draft, a new preview is needed before submitting. It also
carries the idempotency key, so a double click or a retry files only one request.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

import streamlit as st

from api_client import GovernanceClient
from api_client.errors import AlreadyOpen, SignInNotRecent, StatusError
from dashboard import done
from dashboard.language import t, tn
from dashboard.moments import Zone
from dashboard.requests.cards import CHOSEN
from dashboard.requests.preview_panel import Previewed, draw_preview
from dashboard.requests.recent_sign_in import draw_sign_in_again, resume_draft
from dashboard.requests.story import scope_from
from dashboard.requests.wording import KINDS, covered_words
from dashboard.scopes import selection
from dashboard.scopes.form import choose_scope
from dashboard.scopes.selection import Draft
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from lake.rules.scope import Scope
from languages import mark
from law import limits

NOTE_CHARACTERS = 2000
_PREVIEWED = "request_preview"
_ALREADY_OPEN = "request_already_open"
_SIGN_IN = "request_needs_sign_in"

NEXT = {
    "export": (mark("You get one ZIP file, usually within minutes. You can download it here for 7 days."),),
    "erasure": (
        mark(
            "The records disappear from every page at once and are then deleted, usually within minutes. Once that has "
            "begun, it can't be stopped."
        ),
        limits.DELETION,
    ),
    "waiting": (
        mark(
            "For a day nothing is deleted: you still see the records, new datasets leave them out, and you can take "
            "the request back here with one click. After that the deletion starts, and can't be stopped. The day "
            "of the answer stays the same."
        ),
        limits.DELETION,
    ),
    "objection": (
        mark(
            "It applies from now on, also to what is captured later. Your work is still captured. You can end it here "
            "at any time."
        ),
        limits.BEFORE_OBJECTION,
    ),
    "restriction": (
        mark("It applies from now on. You can end it here at any time; then the usual rules apply again."),
    ),
    "rectification": (
        mark(
            "A privacy officer decides whether your note is attached. They see what it is about, but not your records, "
            "and the text of your note only if you allow it, or if two of them open it. You can remove it here at any "
            "time."
        ),
    ),
    "masking": (
        mark(
            "A privacy officer decides. Neither they nor you see the records, and nobody is told in how many your name "
            "was: that would say something about colleagues. Their owners see that a name was masked on request, not "
            "whose."
        ),
        mark(
            "Your name is looked for as the directory has it. Nicknames, misspellings and records that don't mark you "
            "as mentioned aren't found. You can end it here at any time; what is masked by then stays masked."
        ),
    ),
}
"""What happens after the last step, by kind; `waiting`: of a deletion that waits a day."""
STARTS = {False: mark("Start at once"), True: mark("Wait a day, so that I can change my mind")}


def draw_form(visitor: Visitor, governance: GovernanceClient) -> None:
    """Draws the form, and files the request on the last step."""
    st.header(t("New request"), anchor=False)
    notice = st.container()
    resume_draft()
    begun = selection.draft()
    key = selection.form_key()
    kind = st.radio(
        t("What do you want?"),
        list(KINDS),
        index=list(KINDS).index(begun.type) if begun else None,
        format_func=lambda kind: f"{KINDS[kind].icon} {t(KINDS[kind].ask)}",
        captions=[t(kind.means) for kind in KINDS.values()],
        key=f"kind-{key}",
    )
    if kind is None:
        with notice:
            _say_already_open()
        st.caption(t("You see what it covers before you decide. Nothing happens until the last step."))
        return
    st.session_state.pop(_ALREADY_OPEN, None)
    done.forget()
    written = _write(visitor, kind, begun, key)
    if written is None:
        st.session_state.pop(_PREVIEWED, None)
        return
    previewed = st.session_state.get(_PREVIEWED)
    # A placeholder that is emptied at once. Otherwise the button would stay until the run ends, and its removal
    # would then move the last step while the person clicks it.
    place = st.empty()
    if previewed is None or previewed.draft != written:
        looked = place.button(t("Show what this covers"), type="primary", icon=":material/visibility:")
        if not looked and begun != written:
            return
        with place, st.spinner(t("Looking it up…")):
            st.session_state[_PREVIEWED] = _preview(governance, written, visitor.zone)
        st.rerun()
    draw_preview(previewed, visitor)
    _last_step(previewed, visitor, governance)


def _write(visitor: Visitor, kind: str, begun: Draft | None, key: str) -> Draft | None:
    """The draft so far; None while it is incomplete, with what is missing on screen."""
    if kind == "masking":
        return Draft(kind, Scope())
    scope = choose_scope(visitor, begun.scope if begun else None, key)
    note, share, wait = None, False, False
    if kind == "erasure":
        wait = st.radio(
            t("When should it start?"),
            list(STARTS),
            index=int(begun.wait_a_day) if begun else 0,
            format_func=lambda wait: t(STARTS[wait]),
            key=f"wait-{key}",
        )
    if kind == "rectification":
        note = st.text_area(
            t("What is wrong with it?"),
            placeholder=t("For example: I was off sick that day; someone else worked at my desk."),
            help=t("It is stored encrypted under your own key, like your records."),
            key=f"note-{key}",
        ).strip()
        share = st.checkbox(
            t("Let the privacy officer who decides read my note"),
            help=t(
                "Otherwise they decide without its text, unless two of them open it; you see that, and why, with your "
                "request. If they read it, you see that under Who looked."
            ),
            key=f"share-{key}",
        )
        if not note:
            st.info(t("Write what is wrong, in your own words."), icon=":material/info:")
            return None
        if len(note) > NOTE_CHARACTERS:  # Streamlit's own limit drops a pasted text without a word
            st.warning(
                t(
                    "Your note has {n} characters; {most} are possible. Nothing was submitted: make it shorter.",
                    n=len(note),
                    most=NOTE_CHARACTERS,
                )
            )
            return None
    return None if scope is None else Draft(kind, scope, note, share, wait)


def _preview(governance: GovernanceClient, draft: Draft, zone: Zone) -> Previewed:
    """Has no preview if the records can't be read right now; the request can be filed anyway."""
    try:
        preview = governance.preview(draft.type, selection.as_request_scope(draft.scope), zone=zone.info.key)
        since = _in_force_since(governance, draft)
    except StatusError as error:
        if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return Previewed(draft, None, inert(error.detail or error.title, 600))
    return Previewed(draft, preview, in_force_since=since)


def _in_force_since(governance: GovernanceClient, draft: Draft) -> datetime | None:
    """When the newest request was filed that is in force and asks for the same; a note is never the same."""
    if not KINDS[draft.type].standing or draft.note:
        return None
    same = (each for each in governance.requests() if each.standing and each.type == draft.type)
    return next((each.received_at for each in same if draft.scope.same_as(scope_from(each.scope))), None)


def _last_step(previewed: Previewed, visitor: Visitor, governance: GovernanceClient) -> None:
    draft = previewed.draft
    events = previewed.preview.events if previewed.preview else None
    kind = KINDS[draft.type]
    st.subheader(t("Last step"), anchor=False)
    what = t("**{kind}**: {what}.", kind=t(kind.ask), what=covered_words(draft.type, draft.scope, visitor.zone))
    st.markdown(" ".join([what, *(t(sentence) for sentence in NEXT["waiting" if draft.wait_a_day else draft.type])]))
    ready = True
    if draft.type == "erasure":
        ready = events != 0 and st.checkbox(
            t("I understand that this can't be undone once the day is over.")
            if draft.wait_a_day
            else t("I understand that this can't be undone."),
            key=f"understood-{previewed.idempotency_key}",
        )
    elif draft.type == "rectification":
        ready = events != 0
    with st.container(horizontal=True):
        file = st.button(
            t(kind.file) if events is None or kind.file_counted is None else tn(*kind.file_counted, events),
            type="primary",
            disabled=not ready,
            key=f"file-{previewed.idempotency_key}",
        )
        st.button(t("Cancel"), on_click=_forget, key=f"cancel-{previewed.idempotency_key}")
    if file:
        _file(previewed, governance)
    elif st.session_state.get(_SIGN_IN) == draft:
        draw_sign_in_again(draft)


def _file(previewed: Previewed, governance: GovernanceClient) -> None:
    draft = previewed.draft
    try:
        with st.spinner(t("Submitting…")):
            filed = governance.file_request(
                draft.type,
                selection.as_request_scope(draft.scope),
                note=draft.note,
                share_note=draft.share_note,
                wait_a_day=draft.wait_a_day,
                idempotency_key=previewed.idempotency_key,
            )
    except SignInNotRecent:
        st.session_state[_SIGN_IN] = draft
        st.rerun()
    except AlreadyOpen as error:
        _forget()
        st.session_state[_ALREADY_OPEN] = str(error.request_id)
        st.rerun()
    _forget()
    st.session_state[CHOSEN] = str(filed.id)  # alone, so that it is in view: the page is longer than a screen
    done.say(t("Submitted. You can follow it below, and save the proof that you asked."))
    st.rerun()


def _say_already_open() -> None:
    """Says that the same request is in progress, with a link to it, until another draft is started."""
    open_one = st.session_state.get(_ALREADY_OPEN)
    if open_one:
        st.info(
            t(
                "**You already asked for this, and it is in progress.** Nothing was submitted twice. "
                "[Go to that request](#request-{request})",
                request=open_one,
            ),
            icon=":material/check_circle:",
        )


def _forget() -> None:
    for name in (_PREVIEWED, _SIGN_IN, CHOSEN):
        st.session_state.pop(name, None)
    selection.drop_draft()
