"""Open requests by deadline, for the privacy officer, and the decisions they can make.

It shows who asked, the kind, the scope and the deadline. It shows no captured content, no count, and a
note only if its writer allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

import clock
from api_client import GovernanceClient
from api_client.errors import Conflict
from api_client.models import OfficerRequest
from dashboard import states, theme
from dashboard.language import listed, t, tn
from dashboard.moments import days_away, moment_words
from dashboard.officer.changing import carry_out
from dashboard.paging import draw_more, gathered
from dashboard.requests.story import due_words, scope_from
from dashboard.requests.wording import KINDS, STATES, covered_words, deadline_of
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from law.reasons import NOTE_WORDS, REASONS, Decision, NoteReason, words_of

SHOWN = 20


def draw_due(visitor: Visitor, governance: GovernanceClient) -> None:
    listing = gathered(governance.officer.requests, "officer_requests")
    requests = by_deadline(listing)
    theme.answer(due_sentence(requests, listing.total))
    st.header(t("Requests due"), anchor=False)
    if not requests:
        states.empty(t("Nothing is due"), t("Every request has been answered."), icon=":material/check_circle:")
        return
    if any(request.type == "rectification" and request.needs_decision for request in requests):
        st.caption(
            t(
                "The text of notes is sealed; you can read one only if its writer allows that, or if another privacy "
                "officer approves. You decide whether a note may be attached to the records it names, not whether it "
                "is right."
            )
        )
    shown = requests
    if len(requests) > SHOWN and not st.toggle(t("Show all {n}", n=len(requests)), key="officer_all"):
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
        return t("No request is open.")
    overdue = sum(request.due_at < clock.now() for request in requests)
    waiting = sum(request.needs_decision for request in requests)
    parts = [tn("{n} is overdue", "{n} are overdue", overdue)] if overdue else []
    parts += [tn("{n} needs your decision", "{n} need your decision", waiting)] if waiting else []
    opened = total or len(requests)
    known_all = opened <= len(requests)
    if not parts:
        words = tn("{n} request is open.", "{n} requests are open.", opened)
        none = (
            t("None needs a decision.")
            if known_all
            else tn(
                "Of the {n} that are due first, none needs a decision.",
                "Of the {n} that are due first, none needs a decision.",
                len(requests),
            )
        )
        return f"{words} {none}"
    if known_all:
        return tn("{n} request is open: {parts}.", "{n} requests are open: {parts}.", opened, parts=listed(parts))
    return tn(
        "{n} request is open; of the {first} that are due first: {parts}.",
        "{n} requests are open; of the {first} that are due first: {parts}.",
        opened,
        first=len(requests),
        parts=listed(parts),
    )


def _card(visitor: Visitor, governance: GovernanceClient, request: OfficerRequest) -> None:
    overdue = request.due_at < clock.now()
    with st.container(border=True, key=f"due-{request.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            kind = t(KINDS[request.type].name) if request.type in KINDS else inert(request.type, 40)
            st.subheader(
                t("{kind}: {name}", kind=kind, name=inert(request.employee.name, 60)), anchor=False, width="content"
            )
            if overdue:
                st.badge(t("Overdue"), color="red", icon=":material/alarm:")
            if request.needs_decision:
                st.badge(t("Needs your decision"), color="orange")
            else:
                st.badge(t(STATES.get(request.state, request.state)), color="blue")
        day = due_words(request, visitor.zone)
        why = f"{days_away(request.due_on, request.zone)}; {deadline_of(request.regime, extended=request.extended)}"
        due = t("Was due on **{day}** ({why}).", day=day, why=why)
        st.markdown(due if overdue else t("Due on **{day}** ({why}).", day=day, why=why))
        what = covered_words(request.type, scope_from(request.scope), visitor.zone, theirs=True)
        submitted = moment_words(request.received_at, visitor.zone)
        said = [
            f"{inert(request.employee.department, 60)}.",
            t("Covers {what}.", what=what),
            t("Submitted on {time} ({zone}).", time=submitted, zone=visitor.zone.label),
        ]
        st.caption(" ".join(said))
        if request.failure:
            st.warning(inert(request.failure, 400), icon=":material/refresh:")
        if request.own:
            st.info(t("This request is your own. Another privacy officer has to decide on it."), icon=":material/info:")
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
        t("Read the note (its writer sees this)"), icon=":material/visibility:", key=f"note-{request.id}"
    ):
        try:
            st.text(governance.officer.note(request.id))
        except Conflict as error:
            st.info(inert(error.detail or error.title, 300), icon=":material/info:")


def _opening(visitor: Visitor, governance: GovernanceClient, request: OfficerRequest) -> None:
    """Reading a note without its writer's consent: one officer asks, another approves."""
    opening = request.note_opening
    if opening is None:
        with st.popover(t("Ask to read the note…"), icon=":material/lock_open:"):
            st.markdown(
                t(
                    "Its writer didn't allow it. Another privacy officer has to approve; then both of you can read it "
                    "until the time is over. Its writer sees that you asked, the reason, and each view."
                )
            )
            why = st.selectbox(
                t("What the person will read"),
                list(NoteReason),
                format_func=lambda reason: t("Because {reason}", reason=t(NOTE_WORDS[reason])),
                key=f"opening-why-{request.id}",
            )
            hours = st.slider(t("Hours"), 1, 24, 4, key=f"opening-hours-{request.id}")
            if st.button(t("Ask"), type="primary", key=f"opening-ask-{request.id}"):
                _change(
                    lambda: governance.officer.ask_for_note(request.id, why or NoteReason.DECISION, hours),
                    t("You asked."),
                )
    elif opening.ends_at is not None:
        until = f"{moment_words(opening.ends_at, visitor.zone)} ({visitor.zone.label})"
        st.caption(t("Two privacy officers can read the note until {time}.", time=until))
    elif opening.asked_by_you:
        st.caption(t("You asked to read the note. Another privacy officer has to approve."))
    else:
        with st.popover(t("Approve reading the note…"), icon=":material/lock_open:"):
            st.markdown(
                tn(
                    "Another privacy officer asked to read this note for {n} hour, because {reason}. If you approve, "
                    "both of you can read it; its writer sees that, and each view.",
                    "Another privacy officer asked to read this note for {n} hours, because {reason}. If you approve, "
                    "both of you can read it; its writer sees that, and each view.",
                    opening.hours,
                    reason=t(NOTE_WORDS[NoteReason(opening.reason)]),
                )
            )
            if st.button(t("Approve"), type="primary", key=f"opening-approve-{request.id}"):
                _change(lambda: governance.officer.approve_note(opening.opening), t("Approved."))


def _decisions(governance: GovernanceClient, request: OfficerRequest, *, overdue: bool) -> None:
    with st.container(horizontal=True):
        if request.needs_decision:
            with st.popover(t("Approve…"), type="primary", icon=":material/check:"):
                st.markdown(t("It is carried out at once, and the person sees that a privacy officer approved it."))
                if st.button(t("Approve it"), type="primary", key=f"approve-{request.id}"):
                    _decide(governance, request, "approve", None)
        if not request.extended and not overdue:
            with st.popover(t("More time…"), icon=":material/update:"):
                st.markdown(
                    t(
                        "Moves the deadline once ({deadline}). The person sees this and the reason.",
                        deadline=deadline_of(request.regime, extended=True),
                    )
                )
                why = st.radio(
                    t("What the person will read"),
                    REASONS[Decision.EXTEND],
                    format_func=lambda reason: t(words_of(reason)),
                    key=f"why-{request.id}",
                )
                if st.button(t("Move the deadline"), type="primary", key=f"extend-{request.id}"):
                    _decide(governance, request, "extend", why)
        with st.popover(t("Deny…"), icon=":material/do_not_disturb_on:"):
            st.markdown(t("The person sees this, the reason and where they can complain. This can't be undone."))
            reason = st.radio(
                t("What the person will read"),
                REASONS[Decision.DENY],
                index=None,
                format_func=lambda reason: t(words_of(reason)),
                key=f"no-{request.id}",
            )
            if st.button(t("Deny it"), type="primary", disabled=reason is None, key=f"deny-{request.id}"):
                _decide(governance, request, "deny", reason)


def _decide(governance: GovernanceClient, request: OfficerRequest, decision: str, reason: str | None) -> None:
    said = {"approve": t("Approved."), "extend": t("The deadline was moved."), "deny": t("Denied.")}
    _change(lambda: governance.officer.decide(request.id, decision, reason), said[decision])


def _change(change: Callable[[], object], said: str) -> None:
    carry_out(change, f"{said} {t('The person can see it.')}")
