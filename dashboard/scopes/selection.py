"""Carries a person's selection from one page to another within their session.

A day picked on the calendar opens in Captured; a selection in Captured opens as a request. It is stored in
`st.session_state`, which belongs to one browser tab and ends with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

import streamlit as st

from api_client import Scope as RequestScope
from lake.rules.scope import Scope

_TIMES = "picked_times"
_DRAFT = "request_draft"
_FORM = "request_form_number"


@dataclass(frozen=True)
class Draft:
    """An unfinished request. `type` is a key of `requests.wording.KINDS`; only a rectification has a `note`, and
    only a deletion waits."""

    type: str
    scope: Scope
    note: str | None = None
    share_note: bool = False
    wait_a_day: bool = False


def choose_times(from_at: datetime, until_at: datetime) -> None:
    """Makes Captured show what is between these times: naive, in the visitor's time zone."""
    st.session_state[_TIMES] = (from_at, until_at)


def chosen_times() -> tuple[datetime, datetime] | None:
    """The times picked on another page or on the timeline; returned once."""
    found = st.session_state.pop(_TIMES, None)
    return found if isinstance(found, tuple) else None


def start_request(kind: str, scope: Scope, *, wait_a_day: bool = False) -> None:
    """Starts a request with this scope; the page Requests continues it."""
    st.session_state[_DRAFT] = Draft(kind, scope, wait_a_day=wait_a_day)
    _fresh_form()


def open_request(kind: str, scope: Scope) -> NoReturn:
    """Starts a request with this scope, and goes on to it."""
    start_request(kind, scope)
    st.switch_page("views/requests.py")


def as_request_scope(scope: Scope) -> RequestScope:
    """The scope in the API's terms."""
    return RequestScope(scope.signals, scope.applications, scope.from_at, scope.until_at)


def draft() -> Draft | None:
    """The request started from a selection, if any."""
    found = st.session_state.get(_DRAFT)
    return found if isinstance(found, Draft) else None


def drop_draft() -> None:
    st.session_state.pop(_DRAFT, None)
    _fresh_form()


def form_key() -> str:
    """Changes with every new request, so that its form starts empty."""
    return str(st.session_state.get(_FORM, 0))


def _fresh_form() -> None:
    st.session_state[_FORM] = st.session_state.get(_FORM, 0) + 1
