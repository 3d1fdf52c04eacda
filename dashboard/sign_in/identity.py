"""Identifies the visitor. Every run and every fragment checks this before it reads anything personal.

Signed out -> welcome page; expired or ended -> sign in again; unknown person, or identity provider or lake
unavailable -> an explanation. Streamlit identifies the user only when a tab is opened and never checks `exp`; this
module checks each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn, TypeVar

import streamlit as st

import clock
import home
import queries
from api_client import GovernanceClient
from dashboard import moments, states
from dashboard.sign_in import own_route, renewal, sessions
from directory import Employee, InvalidToken, UnknownPerson
from directory.access_tokens import IdentityProviderUnavailable, SubInQuestion
from queries import Kept, Own

Answer = TypeVar("Answer")

_SUBJECT = "subject"
_KEPT = "kept_answers"
SEARCH = "captured_search"
SEARCHED_WORDS = "searched_words"
_PARTS = "shown_parts"
_PERSONAL = (_KEPT, _PARTS, SEARCH, SEARCHED_WORDS)
"""Forgotten when a sign-in ends."""
WATCH_SECONDS = 5.0
"""How often an open tab checks that its sign-in has not ended."""


@dataclass
class _Part:
    """What a page read for a part that may run on its own. `is_drawn`: the page is, so that it does."""

    content: Any
    read: Hashable
    is_drawn: bool = False


@dataclass(frozen=True)
class Visitor:
    """The signed-in person; valid for one run of a page."""

    own: Own
    zone: moments.Zone
    _token: str

    @property
    def employee(self) -> Employee:
        return self.own.employee

    @contextmanager
    def at_once(self) -> Iterator[Own]:
        """Questions that are answered from one snapshot of the lake, and again only when the lake has changed: answers
        are kept in this tab's session. Ask in the block, and nothing else: erasures wait for its end."""
        with self.own.at_once(_kept()) as own:
            yield own

    def governance(self) -> GovernanceClient:
        """A client of the governance API that acts as this person. The caller closes it."""
        return own_route.governance(self._token)


def known() -> Visitor | Callable[[], NoReturn]:
    """The signed-in person, or what shows why there is none, and ends the run. Call once, when a page begins."""
    st.session_state[_PARTS] = {}
    try:
        return _look()
    except Exception as error:
        return partial(_raise, error)


def visitor() -> Visitor:
    """The signed-in person. For anybody else, shows why not and ends the run."""
    return shown(_look())


def shown(found: Visitor | Callable[[], NoReturn]) -> Visitor:
    """The person who was known. For anybody else, shows why not and ends the run."""
    if isinstance(found, Visitor):
        return found
    for name in _PERSONAL:
        st.session_state.pop(name, None)
    return found()


def _raise(error: Exception) -> NoReturn:
    raise error


def visitor_of_a_part() -> Visitor:
    """Like `visitor`, for a fragment. For anybody else, reruns the whole page."""
    found = _look()
    if not isinstance(found, Visitor):
        st.rerun()
    return found


def kept_answer(question: Hashable, make: Callable[[], Answer]) -> Answer:
    """What was made for this question before, in this tab and of the same snapshot of the lake; or else made now.
    `question`: has everything that the answer depends on."""
    return _kept().answer(question, make)


@contextmanager
def shown_part(name: str, content: object) -> Iterator[None]:
    """In the block the page draws a part that may draw this again on its own, and begins with `content_of`. The content
    is in this tab's session, and forgotten when the sign-in ends. `name`: unique on the page."""
    part = _parts()[name] = _Part(content, _read())
    try:
        yield
    finally:
        part.is_drawn = True


def content_of(name: str) -> Any:
    """What the page read for a part. Reruns the whole page if the lake, the person or their sign-in has changed since.
    Raises HomeUnavailable, LakeUnavailable."""
    part = _parts().get(name)
    if part is not None and not part.is_drawn:
        return part.content
    with visitor_of_a_part().at_once():
        now = _read()
    if part is None or now != part.read:
        st.rerun()
    return part.content


@st.fragment(run_every=WATCH_SECONDS)
def keep_watch() -> None:
    """Replaces the page in a tab that nobody touches, once its sign-in has ended."""
    with states.guarded("sign-in"):
        visitor_of_a_part()


def _read() -> Hashable:
    """Whose tab it is, and what was asked there last: the lake's snapshot, and what else answers depend on."""
    return st.session_state.get(_SUBJECT), _kept().stamp


def _parts() -> dict[str, _Part]:
    parts: dict[str, _Part] = st.session_state.setdefault(_PARTS, {})
    return parts


def _kept() -> Kept:
    kept: Kept = st.session_state.setdefault(_KEPT, Kept())
    return kept


def _look() -> Visitor | Callable[[], NoReturn]:
    """The signed-in person, or the state to show instead. Raises HomeUnavailable.

    Sessions are stored in the home: without it, no sign-in has ended and nobody can sign in.
    """
    home.require()
    if not st.user.get("is_logged_in"):
        return states.welcome
    session = sessions.read(st.user.get(sessions.CLAIM))
    if session is None:
        return states.sign_in_again
    try:
        token = renewal.access_token(session) if session.is_renewable else _token_of_the_tab()
    except IdentityProviderUnavailable:
        return states.identity_provider_unavailable
    if not token:
        return states.sign_in_again
    queries.bound_waits()
    try:
        own = queries.sign_in(token)
    except InvalidToken:
        return states.sign_in_again
    except SubInQuestion:
        return states.sub_in_question
    except UnknownPerson:
        return states.unknown_person
    except IdentityProviderUnavailable:
        return states.identity_provider_unavailable
    _forget_anybody_else(own)
    return Visitor(own, moments.here(), token)


def _token_of_the_tab() -> str | None:
    """The access token that the tab was opened with, until the id token expires."""
    expires_at = st.user.get("exp")
    if not isinstance(expires_at, int | float) or clock.now().timestamp() >= expires_at:
        return None
    return st.user.tokens.get("access")


def _forget_anybody_else(own: Own) -> None:
    """Clears the tab's state if another person signs in there."""
    subject = own.subject.key
    if st.session_state.setdefault(_SUBJECT, subject) != subject:
        st.session_state.clear()
        st.session_state[_SUBJECT] = subject
