"""The requests so far: where each stands, until when it must be answered, what it did, its download.

While one is under way, this part of the page asks again by itself; the rest of the page stays.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from api_client.errors import Conflict
from api_client.models import Request
from dashboard import identity, states
from dashboard.identity import Visitor
from dashboard.moments import day_words, days_away, moment_words
from dashboard.text import inert
from dashboard.wording import LEARNED_STAYS, REGIMES, REQUEST_STATES, REQUEST_TYPES, count, scope_words
from lake.scope import Scope

EVERY_SECONDS = 2
STATE_COLOURS = {"completed": "green", "partially_completed": "orange", "denied": "red", "failed": "red"}
WITHDRAWABLE = {"received", "verifying"}
_RUNNING = "requests_running"


def draw_requests() -> None:
    """Draws the list, and keeps it fresh while something is under way."""
    # The first drawing finds out whether anything runs; a fragment's pace is set where it is called.
    pace = EVERY_SECONDS if st.session_state.get(_RUNNING, True) else None
    st.fragment(_list, run_every=pace)()


def _list() -> None:
    with states.guarded("requests"):
        visitor = identity.visitor_of_a_part()
        with visitor.governance() as governance:
            requests = governance.requests()
        running = any(not request.ended for request in requests)
        if running != st.session_state.get(_RUNNING, True):
            st.session_state[_RUNNING] = running
            st.rerun()
        st.header("What you asked for", anchor=False)
        if not requests:
            states.empty("Nothing yet", "What you ask for stands here, with how far it is.")
        for request in requests:
            _card(visitor, request)


def _card(visitor: Visitor, request: Request) -> None:
    with st.container(border=True, key=f"request-{request.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{REQUEST_TYPES.get(request.type, request.type)}**", width="content")
            colour = STATE_COLOURS.get(request.state, "blue" if not request.ended else "gray")
            st.badge(REQUEST_STATES.get(request.state, request.state), color=colour)  # type: ignore[arg-type]
        st.markdown(
            f"Of {scope_words(_scope(request.scope), visitor.zone)}. Filed on "
            f"{moment_words(request.received_at, visitor.zone)} ({visitor.zone.label})."
        )
        if request.ended:
            _outcome(request)
        else:
            due = request.due_at.date()
            st.markdown(
                f"It must be answered by **{day_words(due)}** ({days_away(due)}; "
                f"{REGIMES.get(request.regime, inert(request.regime))})."
            )
            if request.failure:
                st.warning(inert(request.failure, 300), icon=":material/refresh:")
        _download(request)
        if request.state in WITHDRAWABLE and st.button("Take it back", key=f"withdraw-{request.id}"):
            _withdraw(visitor, request)
        with st.expander("Step by step"):
            for step in request.history:
                words = REQUEST_STATES.get(step.state, step.state)
                st.markdown(
                    f"{moment_words(step.at, visitor.zone)}:{step.at:%S} · **{words}** · {inert(step.note or '', 400)}"
                )
            st.caption(f"Times in {visitor.zone.label}. Request number {request.id}.")


def _outcome(request: Request) -> None:
    outcome = request.outcome or {}
    if request.type == "erasure" and "erased" in outcome:
        words = f"**{count(int(outcome['erased'] or 0), 'capture')} deleted for good.**"
        if withheld := int(outcome.get("withheld") or 0):
            words += f" {count(withheld, 'capture')} stayed:"
            words += " " + "; ".join(_withheld_words(part) for part in outcome.get("withheld_by") or []) + "."
        if outcome.get("content_key_destroyed"):
            words += " Nothing of yours is left, so the key to any old copy was destroyed as well."
        st.markdown(words)
        if outcome["erased"]:
            st.caption(LEARNED_STAYS)
    elif request.type == "export" and request.export is not None:
        st.markdown(_copy_words(outcome.get("exported") or {}))


def _copy_words(exported: dict[str, int]) -> str:
    """What a copy holds: of what was catalogued, all that was not withheld, some of it with something removed."""
    if "catalogued" not in exported:
        return "Your copy is made."
    withheld, redacted = exported.get("withheld", 0), exported.get("redacted", 0)
    words = f"**Your copy holds {count(exported['catalogued'] - withheld, 'capture')}**"
    words += f", {redacted:,} of them with something removed before storage." if redacted else "."
    return words + (f" {count(withheld, 'capture')} had to stay out; the copy says why." if withheld else "")


def _withheld_words(part: dict[str, Any]) -> str:
    return f"{int(part['events']):,} because {inert(str(part['reason']), 200)} ({inert(str(part['exception']), 80)})"


def _download(request: Request) -> None:
    export = request.export
    if export is None:
        return
    if not export.available:
        st.caption("The file was deleted after its time. Ask for a new copy whenever you like.")
        return
    until = f", there until {day_words(export.expires_at.date())}" if export.expires_at else ""
    st.link_button(
        f"Download the ZIP ({_size_words(export.size)}){until}", f"/export/{request.id}", icon=":material/download:"
    )
    with st.expander("Check the file"):
        st.caption("Its SHA-256 fingerprint. Compare it with that of the file you have:")
        st.code(export.sha256, language=None, wrap_lines=True)


def _withdraw(visitor: Visitor, request: Request) -> None:
    try:
        with visitor.governance() as governance:
            governance.withdraw(request.id)
    except Conflict:
        st.toast("Too late: work on it has begun.", icon=":material/info:")
    st.rerun(scope="fragment")


def _scope(scope: dict[str, Any]) -> Scope:
    signals, applications = scope.get("signals"), scope.get("applications")
    return Scope(
        tuple(signals) if signals else None,
        tuple(applications) if applications else None,
        _utc(scope.get("from")),
        _utc(scope.get("until")),
    )


def _utc(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) if text else None


def _size_words(size: int) -> str:
    value = float(size)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
