"""What is drawn instead of a page: signed out, expired, unknown, unavailable, and an error nobody foresaw.

Each says what happened, what it means for the person's data, and what to do next. An unforeseen error is
logged under a reference, with where it happened but without its message, which may quote captured text.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import streamlit as st

import home
from api_client.errors import GovernanceError, Unauthorized
from home import HomeUnavailable
from parts import PartUnavailable, explained

log = logging.getLogger(__name__)


def welcome() -> NoReturn:
    """Signed out: what this is, and the way in."""
    with _card(key="welcome"):
        st.title("See what your employer's AI training holds about you", anchor=False)
        st.markdown(
            "Your company records how people use certain applications, to train AI models. "
            "Open Book shows **you**, and nobody else, what was recorded about you:"
        )
        st.markdown(
            "- every record itself, with what was removed from it before it was stored\n"
            "- which models were trained on it, and how well that is proven\n"
            "- until when it is kept, and what has already gone\n"
            "- a copy of it, or its deletion, whenever you ask"
        )
        st.button("Sign in", type="primary", icon=":material/login:", on_click=st.login)
        st.caption("You sign in with your company account. Your manager can't see these pages.")
    st.stop()


def sign_in_again() -> NoReturn:
    """The sign-in is over its time, or the API no longer accepts it."""
    with _card(key="expired"):
        st.title("Please sign in again", anchor=False)
        st.write("Your sign-in has ended: you signed out, or its time was over. Nothing was lost or changed.")
        st.button("Sign in again", type="primary", icon=":material/login:", on_click=st.login)
    st.stop()


def unknown_person() -> NoReturn:
    """Signed in, but not in the directory."""
    with _card(key="unknown"):
        st.title("We don't know you yet", anchor=False)
        st.write(
            "You signed in, but this account isn't in your company's directory, so there is nothing here to show. "
            "If you work here, ask the people who keep the directory to add this account. If you have another "
            "account, sign out and use that one."
        )
        st.button("Sign out", icon=":material/logout:", on_click=st.logout)
    st.stop()


def identity_provider_unavailable() -> NoReturn:
    """Nobody's sign-in can be checked just now."""
    _unavailable(
        "We can't check your sign-in just now",
        "The service that your company signs in with doesn't answer. Until it does, we show nobody's data, "
        "yours included. Nothing was lost or changed.",
    )


def part_unavailable(error: PartUnavailable) -> NoReturn:
    """The captures, or another part of what is kept, can't be read: the error says what it is."""
    _unavailable("Your records can't be read just now", str(error))


def home_unavailable() -> NoReturn:
    """A part of what Open Book keeps is not there."""
    _unavailable(
        "Open Book is incomplete just now",
        "A part of what it needs is missing, so nobody's data can be shown, yours included. Nothing was changed or "
        "deleted by this. The people who run Open Book have to bring the missing part back; try again later.",
    )


def missing_parts() -> None:
    """For the privacy officer: which parts are missing, such as a key, and what that means for requests."""
    if missing := home.missing_parts():
        st.error(
            f"**Open Book is incomplete: {', '.join(part.words for part in missing)} can't be found.** Requests are "
            "accepted, and wait until the people who run Open Book bring it back. Nothing takes its place meanwhile.",
            icon=":material/report:",
        )


def governance_unavailable(place: str) -> None:
    """The governance API doesn't answer; the rest of the page goes on."""
    st.warning(
        "**Requests can't be reached just now.** Nothing was lost: requests that you filed go on. "
        "What is held about you can still be seen on the other pages. Try again in a minute.",
        icon=":material/cloud_off:",
    )
    st.button("Try again", key=f"retry-{place}")


def empty(title: str, words: str, icon: str = ":material/inbox:") -> None:
    """A place where something could be, and nothing is."""
    with st.container(border=True):
        st.markdown(f"{icon} **{title}**")
        st.caption(words)


@contextmanager
def guarded(place: str) -> Iterator[None]:
    """Draws the fitting state for whatever goes wrong inside; nothing gets past it. `place` is a name of its own."""
    try:
        yield
    except PartUnavailable as error:
        part_unavailable(error)
    except HomeUnavailable as error:
        log.error("%s", error)
        home_unavailable()
    except Unauthorized:
        sign_in_again()
    except GovernanceError:
        governance_unavailable(place)
    except Exception as error:
        known = explained(error)
        if known is not None:
            part_unavailable(known)
        draw_error(error)


def draw_error(error: Exception) -> bool:
    """An error nobody foresaw, under a reference. True: Streamlit need not show it itself."""
    reference = secrets.token_hex(4)
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("page failed, reference %s: %s\n%s", reference, type(error).__name__, where)
    with _card(key=f"error-{reference}"):
        st.header("Something went wrong on our side", anchor=False)
        st.write("This part of the page could not be drawn. Nothing about you was changed or lost.")
        st.write("Load the page again. If it stays, tell the people who run Open Book this reference:")
        st.code(reference, language=None)
    return True


def _unavailable(title: str, words: str) -> NoReturn:
    with _card(key="unavailable"):
        st.title(title, anchor=False)
        st.write(words)
        st.button("Try again", icon=":material/refresh:")
    st.stop()


@contextmanager
def _card(key: str) -> Iterator[None]:
    with st.container(horizontal=True, horizontal_alignment="center"), st.container(border=True, width=640, key=key):
        yield
