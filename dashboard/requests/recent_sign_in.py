"""Signing in once more before an erasure, and the request that waits for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from dashboard.language import t
from dashboard.scopes import selection
from dashboard.scopes.selection import Draft
from dashboard.sign_in import sessions, step_up
from lake.rules.scope import Scope

PLACE = "/requests"
_LOOKED = "looked_for_a_request_that_waits"


def draw_sign_in_again(draft: Draft) -> None:
    """Why, and the way there."""
    st.info(
        t(
            "**Nothing was submitted yet. Please sign in once more.** Deleted records can't be brought back, so we "
            "make sure that it is you, and not somebody who found your computer open. Your request is kept and shown "
            "here afterwards. If you have just done that, your company's sign-in service doesn't say when you signed "
            "in: tell the people who run Open Book."
        ),
        icon=":material/lock_person:",
    )
    st.button(t("Sign in again"), type="primary", icon=":material/login:", on_click=_leave, args=(draft,))


def resume_draft() -> None:
    """Puts the request that waited for the sign-in into the form, in the tab that the sign-in leads to."""
    if st.session_state.setdefault(_LOOKED, False):
        return
    st.session_state[_LOOKED] = True
    found = step_up.take_draft(st.user.get(sessions.CLAIM))
    if found is not None:
        selection.start_request(found["type"], _scope_from(found["scope"]), wait_a_day=found.get("wait_a_day", False))


def _leave(draft: Draft) -> None:
    reference = st.user.get(sessions.CLAIM)
    if isinstance(reference, str):
        kept = {"type": draft.type, "scope": _as_json(draft.scope), "wait_a_day": draft.wait_a_day}
        step_up.ask(reference, PLACE, kept)
    st.login()


def _as_json(scope: Scope) -> dict[str, Any]:
    moments = {
        name: at.isoformat() if at else None for name, at in (("from", scope.from_at), ("until", scope.until_at))
    }
    return {"signals": scope.signals, "applications": scope.applications, **moments}


def _scope_from(json: dict[str, Any]) -> Scope:
    signals, applications = (
        tuple(json[name]) if json[name] is not None else None for name in ("signals", "applications")
    )
    from_at, until_at = (datetime.fromisoformat(json[name]) if json[name] else None for name in ("from", "until"))
    return Scope(signals, applications, from_at, until_at)
