"""Open requests by deadline, for the privacy officer, and the decisions they can make.

It shows who asked, the kind, the scope and the deadline. It shows no captured content, no count, and a
note only if its writer allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

import clock
from api_client import GovernanceClient
from api_client.errors import Conflict
from api_client.models import OfficerRequest
from dashboard import states, theme
from dashboard.moments import days_away, moment_words
from dashboard.officer.changing import carry_out
from dashboard.paging import draw_more, gathered
from dashboard.requests.story import due_words, scope_from
from dashboard.requests.wording import KINDS, STATES
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.wording import count, scope_words
from law.reasons import NOTE_WORDS, REASONS, Decision, NoteReason, words_of
from law.regimes import deadline_of

SHOWN = 20


def draw_due(visitor: Visitor, governance: GovernanceClient) -> None:
    listing = gathered(governance.officer.requests, "officer_requests")
    requests = by_deadline(listing)
    theme.answer(due_sentence(requests, listing.total))
    st.header("Requests due", anchor=False)
    if not requests:
        states.empty("Nothing is due", "Every request has been answered.", icon=":material/check_circle:")
        return
    if any(request.type == "rectification" and request.needs_decision for request in requests):
        st.caption(
            "The text of notes is sealed; you can read one only if its writer allows that, or if another privacy "
            "officer approves. You decide whether a note may be attached to the records it names, not whether it is "
            "right."
        )
    shown = requests
    if len(requests) > SHOWN and not st.toggle(f"Show all {len(requests)}", key="officer_all"):
        shown = requests[:SHOWN]
    for request in shown:
        _card(visitor, governance, request)
    if len(shown) == len(requests):
        draw_more(listing, "officer_requests")


def by_deadline(requests: Sequence[OfficerRequest]) -> list[OfficerRequest]:
    """The nearest deadline first, so overdue comes first; at the same deadline, those that need a decision first."""
    return sorted(requests, key=lambda request: (request.due_at, not request.needs_decision, str(request.id)))


def due_sentence(requests: Sequence[OfficerRequest], total: int | None = None) -> str:
    """How many are open, overdue, and need a decision. `total`: the real number, if `requests` has only some."""
    if not requests:
        return "No request is open."
    overdue = sum(request.due_at < clock.now() for request in requests)
    waiting = sum(request.needs_decision for request in requests)
    words = f"{count(total or len(requests), 'request is', 'requests are')} open"
    if total and total > len(requests):
        words += f"; of the {len(requests):,} that are due first"
    parts = [count(overdue, "is overdue", "are overdue")] if overdue else []
    parts += [f"{count(waiting, 'needs', 'need')} your decision"] if waiting else []
    return f"{words}: {' and '.join(parts)}." if parts else f"{words}. None needs a decision."


def _card(visitor: Visitor, governance: GovernanceClient, request: OfficerRequest) -> None:
    overdue = request.due_at < clock.now()
    with st.container(border=True, key=f"due-{request.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            kind = KINDS[request.type].name if request.type in KINDS else inert(request.type, 40)
            st.subheader(f"{kind}: {inert(request.employee.name, 60)}", anchor=False, width="content")
            if overdue:
                st.badge("Overdue", color="red", icon=":material/alarm:")
            if request.needs_decision:
                st.badge("Needs your decision", color="orange")
            else:
                st.badge(STATES.get(request.state, request.state), color="blue")
        st.markdown(
            f"{'Was due' if overdue else 'Due'} on **{due_words(request, visitor.zone)}** "
            f"({days_away(request.due_on, request.zone)}; "
            f"{deadline_of(request.regime, extended=request.extended)})."
        )
        what = scope_words(scope_from(request.scope), visitor.zone, theirs=True)
        st.caption(
            f"{inert(request.employee.department, 60)}. Covers {what}. "
            f"Submitted on {moment_words(request.received_at, visitor.zone)} ({visitor.zone.label})."
        )
        if request.failure:
            st.warning(inert(request.failure, 400), icon=":material/refresh:")
        if request.own:
            st.info("This request is your own. Another privacy officer has to decide on it.", icon=":material/info:")
        else:
            _note(visitor, governance, request)
            _decisions(governance, request, overdue=overdue)


def _note(visitor: Visitor, governance: GovernanceClient, request: OfficerRequest) -> None:
    """The text of a note, on demand: its writer sees that it was read."""
    opening = request.note_opening
    if request.type == "rectification" and not request.note_shared:
        _opening(visitor, governance, request)
    readable = request.note_shared or (opening is not None and opening.readable)
    if readable and st.button(
        "Read the note (its writer sees this)", icon=":material/visibility:", key=f"note-{request.id}"
    ):
        try:
            st.text(governance.officer.note(request.id))
        except Conflict as error:
            st.info(inert(error.detail or error.title, 300), icon=":material/info:")


def _opening(visitor: Visitor, governance: GovernanceClient, request: OfficerRequest) -> None:
    """Reading a note without its writer's consent: one officer asks, another approves."""
    opening = request.note_opening
    if opening is None:
        with st.popover("Ask to read the note…", icon=":material/lock_open:"):
            st.markdown(
                "Its writer didn't allow it. Another privacy officer has to approve; then both of you can read it "
                "until the time is over. Its writer sees that you asked, the reason, and each view."
            )
            why = st.selectbox(
                "What the person will read",
                list(NoteReason),
                format_func=lambda reason: f"Because {NOTE_WORDS[reason]}",
                key=f"opening-why-{request.id}",
            )
            hours = st.slider("Hours", 1, 24, 4, key=f"opening-hours-{request.id}")
            if st.button("Ask", type="primary", key=f"opening-ask-{request.id}"):
                _change(
                    lambda: governance.officer.ask_for_note(request.id, why or NoteReason.DECISION, hours), "You asked."
                )
    elif opening.ends_at is not None:
        until = f"{moment_words(opening.ends_at, visitor.zone)} ({visitor.zone.label})"
        st.caption(f"Two privacy officers can read the note until {until}.")
    elif opening.asked_by_you:
        st.caption("You asked to read the note. Another privacy officer has to approve.")
    else:
        with st.popover("Approve reading the note…", icon=":material/lock_open:"):
            st.markdown(
                f"Another privacy officer asked to read this note for {count(opening.hours, 'hour')}, because "
                f"{NOTE_WORDS[NoteReason(opening.reason)]}. If you approve, both of you can read it; its writer sees "
                "that, and each view."
            )
            if st.button("Approve", type="primary", key=f"opening-approve-{request.id}"):
                _change(lambda: governance.officer.approve_note(opening.opening), "Approved.")


def _decisions(governance: GovernanceClient, request: OfficerRequest, *, overdue: bool) -> None:
    with st.container(horizontal=True):
        if request.needs_decision:
            with st.popover("Approve…", type="primary", icon=":material/check:"):
                st.markdown("It is carried out at once, and the person sees that a privacy officer approved it.")
                if st.button("Approve it", type="primary", key=f"approve-{request.id}"):
                    _decide(governance, request, "approve", None)
        if not request.extended and not overdue:
            with st.popover("More time…", icon=":material/update:"):
                st.markdown(
                    f"Moves the deadline once ({deadline_of(request.regime, extended=True)}). "
                    "The person sees this and the reason."
                )
                why = st.radio(
                    "What the person will read",
                    REASONS[Decision.EXTEND],
                    format_func=partial(words_of, Decision.EXTEND),
                    key=f"why-{request.id}",
                )
                if st.button("Move the deadline", type="primary", key=f"extend-{request.id}"):
                    _decide(governance, request, "extend", why)
        with st.popover("Deny…", icon=":material/do_not_disturb_on:"):
            st.markdown("The person sees this, the reason and where they can complain. This can't be undone.")
            reason = st.radio(
                "What the person will read",
                REASONS[Decision.DENY],
                index=None,
                format_func=partial(words_of, Decision.DENY),
                key=f"no-{request.id}",
            )
            if st.button("Deny it", type="primary", disabled=reason is None, key=f"deny-{request.id}"):
                _decide(governance, request, "deny", reason)


def _decide(governance: GovernanceClient, request: OfficerRequest, decision: str, reason: str | None) -> None:
    said = {"approve": "Approved.", "extend": "The deadline was moved.", "deny": "Denied."}
    _change(lambda: governance.officer.decide(request.id, decision, reason), said[decision])


def _change(change: Callable[[], object], said: str) -> None:
    carry_out(change, f"{said} The person can see it.")
