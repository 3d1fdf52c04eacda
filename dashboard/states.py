"""What is shown instead of a page: signed out, expired, unknown, unavailable, or an unexpected error.

Each says what happened, what it means for the person's data, and what to do next. An unexpected error is
logged under a reference with its traceback but without its message, which may quote captured text.
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
from dashboard.language import t
from dashboard.language_choice import draw_languages
from home import HomeUnavailable
from law import limits
from parts import PartUnavailable, explained

log = logging.getLogger(__name__)


def welcome() -> NoReturn:
    """Signed out: what Open Book is, and how to sign in."""
    with _card(key="welcome"):
        st.title(t("See what your employer's AI training holds about you"), anchor=False)
        st.markdown(
            t(
                "Your company records how people use certain applications, to train AI models. "
                "Open Book shows **you** what was recorded about you:"
            )
        )
        st.markdown(
            t(
                "- every record in its register, and what kinds of details were masked before it was stored\n"
                "- which models were trained on it, and how certain that is\n"
                "- how long it is kept, and what has already been deleted\n"
                "- how to get a copy of it, or have it deleted"
            )
        )
        st.button(t("Sign in"), type="primary", icon=":material/login:", on_click=st.login)
        st.caption(
            t("You sign in with your company account. Your manager can't see these pages.")
            + " "
            + t(limits.TECHNICAL_ACCESS)
        )
        st.markdown(t("No longer with the company? [Use the code in your letter](/letter)."))
        draw_languages()
    st.stop()


def sign_in_again() -> NoReturn:
    """The sign-in has expired, or the API no longer accepts it."""
    with _card(key="expired"):
        st.title(t("Please sign in again"), anchor=False)
        st.write(t("Your sign-in has ended. Nothing was lost or changed."))
        st.button(t("Sign in again"), type="primary", icon=":material/login:", on_click=st.login)
    st.stop()


def unknown_person() -> NoReturn:
    """Signed in, but not in the directory."""
    _without_data(
        "unknown",
        t("We don't know you yet"),
        t(
            "You signed in, but this account isn't in your company's directory, so there is nothing to show. "
            "If you work here, ask the people who maintain the directory to add this account. If you have another "
            "account, sign out and use that one."
        ),
    )


def sub_in_question() -> NoReturn:
    """Signed in, and a privacy officer has yet to decide who it is."""
    _without_data(
        "in-question",
        t("Your sign-in is being checked"),
        t(
            "Your company's HR system gives your address another sign-in id than before. A privacy officer has to "
            "check that you are the same person; ask your privacy office. Until then no data is shown here. None was "
            "deleted."
        ),
    )


def _without_data(key: str, title: str, words: str) -> NoReturn:
    """Signed in, with nothing to show."""
    with _card(key=key):
        st.title(title, anchor=False)
        st.write(words)
        st.button(t("Sign out"), icon=":material/logout:", on_click=st.logout)
    st.stop()


def identity_provider_unavailable() -> NoReturn:
    """No sign-in can be checked right now."""
    _unavailable(
        t("We can't check your sign-in right now"),
        t(
            "The service that your company signs in with isn't responding. Until it does, we can't show anybody's "
            "data, including yours. Nothing was lost or changed."
        ),
    )


def part_unavailable(error: PartUnavailable) -> NoReturn:
    """Captures, or another part of the home, can't be read. The error says which."""
    _unavailable(t("Your records can't be read right now"), str(error))


def home_unavailable() -> NoReturn:
    """A part of the home is missing."""
    _unavailable(
        t("Open Book is incomplete right now"),
        t(
            "A part it needs is missing or damaged, so nobody's data can be shown, including yours. This didn't change "
            "or delete anything. The people who run Open Book have to restore that part. Try again later."
        ),
    )


def missing_parts() -> None:
    """For the privacy officer: which parts are missing, for example a key, and what that means for requests."""
    if missing := home.missing_parts():
        st.error(
            t(
                "**Open Book is incomplete: {parts} can't be found.** Requests are accepted and wait until the people "
                "who run Open Book restore it. Nothing replaces it in the meantime.",
                parts=", ".join(part.words for part in missing),
            ),
            icon=":material/report:",
        )


def governance_unavailable(place: str) -> None:
    """The governance API isn't responding; the rest of the page still works."""
    st.warning(
        t(
            "**Requests can't be reached right now.** Nothing was lost, and the requests you submitted continue. "
            "You can still see what is held about you on the other pages. Try again in a minute."
        ),
        icon=":material/cloud_off:",
    )
    st.button(t("Try again"), key=f"retry-{place}")


def empty(title: str, words: str, icon: str = ":material/inbox:") -> None:
    """An empty state: why there is nothing to show."""
    with st.container(border=True):
        st.markdown(f"{icon} **{title}**")
        st.caption(words)


@contextmanager
def guarded(place: str) -> Iterator[None]:
    """Draws the matching state for any error inside; no exception leaves it. `place`: a unique name."""
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
    """Shows an unexpected error under a reference. Returns True: Streamlit doesn't have to show it."""
    reference = secrets.token_hex(4)
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("page failed, reference %s: %s\n%s", reference, type(error).__name__, where)
    with _card(key=f"error-{reference}"):
        st.header(t("Something went wrong on our side"), anchor=False)
        st.write(t("This part of the page could not be shown. Nothing about you was changed or lost."))
        st.write(t("Reload the page. If this happens again, give this reference to the people who run Open Book:"))
        st.code(reference, language=None)
    return True


def _unavailable(title: str, words: str) -> NoReturn:
    with _card(key="unavailable"):
        st.title(title, anchor=False)
        st.write(words)
        st.button(t("Try again"), icon=":material/refresh:")
    st.stop()


@contextmanager
def _card(key: str) -> Iterator[None]:
    with st.container(horizontal=True, horizontal_alignment="center"), st.container(border=True, width=640, key=key):
        yield
