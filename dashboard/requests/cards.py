"""The requests so far, one card each: status, outcome, what was kept and why, downloads.

While one is being worked on, this part of the page refreshes itself; the rest of the page doesn't.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from api_client.errors import AlreadyOpen, Conflict, SignInNotRecent
from api_client.models import ListedRequest, Request
from dashboard import done, states
from dashboard.language import listed, t, tn
from dashboard.moments import Zone, moment_words
from dashboard.paging import draw_more, gathered
from dashboard.requests import story, waiting
from dashboard.requests.steps import draw_steps
from dashboard.requests.wording import KINDS, STATES, covered_words
from dashboard.scopes import addresses, selection
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.verification.ledger_watch import draw_watch
from dashboard.verification.receipt_panel import draw_acknowledgement, draw_receipts
from languages import mark

EVERY_SECONDS = 2
WORKED_ON = {"received", "in_progress", "failed"}
"""States in which work continues automatically. A request that waits for a decision may wait for days."""
STATE_COLOURS = {
    "completed": "green",
    "partially_completed": "orange",
    "denied": "red",
    "failed": "orange",
    "withdrawn": "gray",
}
WITHDRAWABLE = {"received", "verifying"}
SHOWN = 8
CHOSEN, OLDER = "requests_chosen", "requests_older"
_RUNNING = "requests_running"


PARTS = {
    "request": addresses.id_part(CHOSEN, mark("request")),
    "older": addresses.switch_part(OLDER, mark("older requests"), usually=False, other="yes"),
}


def draw_requests() -> None:
    """Draws the list, and refreshes it while anything is being worked on."""
    addresses.follow(PARTS)
    # The first run finds out whether anything is being worked on: a fragment's interval is set by its caller.
    pace = EVERY_SECONDS if st.session_state.get(_RUNNING, True) else None
    st.fragment(_list, run_every=pace)()


def _list() -> None:
    with states.guarded("requests"):
        visitor = identity.visitor_of_a_part()
        with visitor.governance() as governance:
            requests = gathered(governance.requests, "requests")
            running = any(request.state in WORKED_ON and not waiting.waits(request) for request in requests)
            if running != st.session_state.get(_RUNNING, True):
                st.session_state[_RUNNING] = running
                st.rerun()
            st.header(t("What you asked for"), anchor=False)
            done.draw()
            draw_watch(governance, visitor.zone)
            shown = [governance.request(request.id) for request in _shown(requests)]
        addresses.keep(PARTS)
        addresses.draw_left_out()
        if not requests:
            states.empty(t("Nothing yet"), t("What you ask for appears here, with its progress."))
        for request in shown:
            _card(visitor, request)
        if not st.session_state.get(CHOSEN) and len(shown) == len(requests):
            draw_more(requests, "requests")


def _shown(requests: Sequence[ListedRequest]) -> Sequence[ListedRequest]:
    """The chosen one; else all that are open or in force, and the newest of the others, unless the person asks for
    all."""
    if chosen := st.session_state.get(CHOSEN):
        found = [request for request in requests if str(request.id) == chosen]
        with st.container(horizontal=True, vertical_alignment="center"):
            if found:
                st.caption(t("Only one request is shown."), width="content")
            else:
                st.caption(t("The request in this page's address is not among those listed here."), width="content")
            st.button(t("Show all requests"), type="tertiary", on_click=_choose, args=(None,), key="requests_all")
        if found:
            return found
    older = [request for request in requests[SHOWN:] if request.ended and not request.standing]
    if older and not st.toggle(tn("Show {n} older", "Show {n} older", len(older)), key=OLDER):
        return [request for request in requests if request not in older]
    return requests


def _card(visitor: Visitor, request: Request) -> None:
    kind = KINDS.get(request.type)
    with st.container(border=True, key=f"request-{request.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(
                t(kind.name) if kind else inert(request.type, 40), anchor=f"request-{request.id}", width="content"
            )
            _badge(request)
        st.markdown(story.answer(request, visitor.zone))
        st.caption(
            t("Covers {what}.", what=covered_words(request.type, story.scope_of(request), visitor.zone))
            + " "
            + t(
                "Submitted on {time} ({zone}).",
                time=moment_words(request.received_at, visitor.zone),
                zone=visitor.zone.label,
            )
        )
        _notices(request, visitor.zone)
        _note(visitor, request)
        _download(visitor, request)
        _withdrawal(visitor, request)
        _elsewhere(visitor, request)
        _stays(request)
        draw_acknowledgement(request)
        draw_receipts(visitor, request)
        with st.expander(t("Step by step"), icon=":material/route:", type="compact", key=f"steps-{request.id}"):
            draw_steps(request, visitor.zone)
        if str(request.id) != st.session_state.get(CHOSEN):
            st.button(
                t("Show only this request"),
                type="tertiary",
                icon=":material/link:",
                on_click=_choose,
                args=(str(request.id),),
                key=f"only-{request.id}",
            )


def _choose(request: str | None) -> None:
    """Shows only this one, under an address of its own."""
    st.session_state[CHOSEN] = request


def _badge(request: Request) -> None:
    state = t(STATES.get(request.state, request.state))
    colour = STATE_COLOURS.get(request.state, "blue")
    if request.state == "completed" and request.standing:
        state = t("Attached") if request.type == "rectification" else t("In force")
    st.badge(state, color=colour)  # type: ignore[arg-type]


def _notices(request: Request, zone: Zone) -> None:
    """What a person must not miss: an extension, a failure, a denial, what was kept, differences from the preview."""
    if story.awaits_decision(request):
        st.info(t(story.WAITS_FOR_A_DECISION), icon=":material/hourglass_empty:")
    if words := waiting.waits_until(request, zone):
        st.info(words, icon=":material/timer:")
    if words := story.extension(request):
        st.info(words, icon=":material/update:")
    if request.failure and not request.ended:
        st.warning(inert(request.failure, 400), icon=":material/refresh:")
    if denied := story.denial(request):
        st.error(denied[0], icon=":material/do_not_disturb_on:")
        st.markdown(t("**If you disagree:** {what_to_do}", what_to_do=denied[1]))
    outcome = request.outcome or {}
    if request.ended and (stayed := story.withheld(outcome)):
        for words in stayed:
            st.warning(words, icon=":material/gavel:")
        if request.state == "partially_completed" and request.type == "erasure":
            st.caption(t(story.DELETED_AUTOMATICALLY))
    if different := story.differences(outcome):
        st.markdown(_list_of(t("**Different from the preview:**"), different))


def _note(visitor: Visitor, request: Request) -> None:
    if request.note:
        st.caption(t("Your note:"))
        st.text(request.note)
    if request.type == "rectification" and story.awaits_decision(request):
        st.toggle(
            t("Let the privacy officer who decides read my note"),
            value=request.note_shared,
            key=f"share-{request.id}",
            help=t("You see each time that it is read, under Who looked. You can turn this off again."),
            on_change=_share,
            args=(visitor, request),
        )
    if refused := st.session_state.pop(f"share-refused-{request.id}", None):
        st.info(inert(refused, 300), icon=":material/info:")


def _share(visitor: Visitor, request: Request) -> None:
    try:
        with visitor.governance() as governance:
            governance.share_note(request.id, shared=not request.note_shared)
    except Conflict as error:
        st.session_state[f"share-{request.id}"] = request.note_shared
        st.session_state[f"share-refused-{request.id}"] = error.detail or error.title


def _elsewhere(visitor: Visitor, request: Request) -> None:
    """The outcome in models, at processors and in backups."""
    outcome = request.outcome or {}
    models, common = story.models(outcome)
    processors = story.processors(outcome, visitor.zone)
    backups = story.backups(outcome)
    if not (models or processors or backups):
        return
    with st.expander(
        t("Models, other places and backups"), icon=":material/hub:", type="compact", key=f"places-{request.id}"
    ):
        for model in [model for model in models if not model.untouched]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{model.name}**", width="content")
                st.badge(model.state, color=model.colour)  # type: ignore[arg-type]
            if model.sentences:
                st.caption(" ".join(model.sentences))
        if common:
            st.markdown(" ".join(common))
        if left_out := story.models_left_out(outcome):
            st.caption(left_out)
        if untouched := [model.name for model in models if model.untouched]:
            st.markdown(t("Never had any of it: {models}.", models=listed(untouched, 12)))
        if processors:
            st.markdown(_list_of(t("**Who else was notified**"), processors))
        if backups:
            st.markdown(backups)


def _list_of(heading: str, items: Sequence[str]) -> str:
    return "\n".join([heading, *(f"- {words}" for words in items)])


def _stays(request: Request) -> None:
    if request.ended and (left := story.stays(request.outcome or {})):
        with st.expander(
            t("What stays about you, and why"), icon=":material/inventory_2:", type="compact", key=f"stays-{request.id}"
        ):
            st.markdown("\n".join(f"- {words}" for words in left))


def _download(visitor: Visitor, request: Request) -> None:
    export = request.export
    if export is None:
        return
    if not export.available:
        st.caption(story.removed_file(export, visitor.zone))
        if st.button(t("Get a new copy"), icon=":material/refresh:", key=f"copy-again-{request.id}"):
            _copy_again(visitor, request)
        return
    size = _size_words(export.size)
    label = (
        t("Download the ZIP ({size}), available until {day}", size=size, day=export.expires_at.date())
        if export.expires_at
        else t("Download the ZIP ({size})", size=size)
    )
    st.link_button(label, f"/export/{request.id}", icon=":material/download:")
    with st.expander(t("Check the file"), icon=":material/fingerprint:", type="compact", key=f"file-{request.id}"):
        st.caption(t("The file's SHA-256 fingerprint. Compare it with that of the file you have:"))
        st.code(export.sha256, language=None, wrap_lines=True)


def _copy_again(visitor: Visitor, request: Request) -> None:
    """Files the same again. Where that isn't possible at once, the form takes over."""
    scope = story.scope_of(request)
    wanted = selection.as_request_scope(scope)
    try:
        with visitor.governance() as governance:
            governance.file_request("export", wanted)
    except SignInNotRecent:
        selection.start_request("export", scope)
        st.rerun()
    except AlreadyOpen:
        done.say(t("A new copy is already being made. You find it in this list."), ":material/info:")
    else:
        done.say(t("Submitted. The new copy appears in this list."))
    st.rerun()


AFTER_THE_END = {
    "objection": mark("From then on, models may be trained on it again, as your company's rules allow."),
    "restriction": mark(
        "From then on, the usual rules apply again: it may be used, and it is deleted when its time is up."
    ),
    "rectification": mark("Your note is removed, including its text."),
    "masking": mark("From then on, your name is masked in no further record. What is masked stays masked."),
}
NOT_IN_FORCE = mark("It is then no longer in force.")
ENDED, WITHDRAWN = mark("It has ended."), mark("Withdrawn.")


def _withdrawal(visitor: Visitor, request: Request) -> None:
    label = t("Don't delete it") if waiting.waits(request) else t("Withdraw")
    if request.state in WITHDRAWABLE and st.button(label, key=f"withdraw-{request.id}"):
        _withdraw(visitor, request)
    if request.standing and request.ended:
        label = t("Remove it…") if request.type == "rectification" else t("End this…")
        with st.popover(label, icon=":material/undo:"):
            st.markdown(t(AFTER_THE_END.get(request.type, NOT_IN_FORCE)))
            if st.button(t("Yes, end it"), type="primary", key=f"end-{request.id}"):
                _withdraw(visitor, request)


def _withdraw(visitor: Visitor, request: Request) -> None:
    try:
        with visitor.governance() as governance:
            governance.withdraw(request.id)
    except Conflict:
        done.say(t("Too late: work on it has already begun."), ":material/info:")
    else:
        said = ENDED if request.ended else WITHDRAWN
        done.say(t(said))
    st.rerun()


UNITS = ((10**9, mark("{size} GB")), (10**6, mark("{size} MB")), (10**3, mark("{size} kB")))


def _size_words(size: int) -> str:
    for bytes_each, words in UNITS:
        if size >= bytes_each:
            return t(words, size=round(size / bytes_each, 1))
    return tn("{n} byte", "{n} bytes", size)
