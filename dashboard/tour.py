"""A tour of one minute: a step above each page. It goes along with the person until they end it, and blocks nothing."""

from __future__ import annotations

import streamlit as st

from dashboard.language import t
from languages import mark

STEPS = (
    (
        "overview",
        mark("Overview: the answer in short"),
        mark(
            "How much of your work is held, since when and until when, and what is new. You can pause recording here."
        ),
    ),
    (
        "captured",
        mark("Captured: every record"),
        mark("Choose a day or an hour, and read what was recorded. From there you can ask for a copy or a deletion."),
    ),
    (
        "models",
        mark("Models: what learned from it"),
        mark("Which AI models used your records, and how certain that is. You can object to training here."),
    ),
    (
        "requests",
        mark("Requests: ask, and follow it"),
        mark("You see what a request covers before you submit it, and afterwards a receipt of what was done."),
    ),
    (
        "access",
        mark("Who looked"),
        mark("Who else viewed something about you, and why. Help explains the words, and how to complain."),
    ),
)
"""The page, its title and what it is for, both marked."""
_STEP = "tour_step"


def start() -> None:
    """For a button: the tour begins with the next run, on whatever page that is."""
    st.session_state[_STEP] = 0


def draw(page: str) -> None:
    """The step of the tour, if there is one. `page`: the name of the page that is open."""
    step = st.session_state.get(_STEP)
    if step is None:
        return
    name, title, words = STEPS[step]
    with st.container(border=True, key="tour"):
        st.markdown(
            t("**{title}** (tour, step {n} of {total})", title=t(title), n=step + 1, total=len(STEPS))
            + "  \n"
            + t(words)
        )
        with st.container(horizontal=True):
            back = st.button(t("Back"), icon=":material/arrow_back:", disabled=step == 0, key="tour_back")
            last = step == len(STEPS) - 1
            forth = not last and st.button(t("Next"), icon=":material/arrow_forward:", type="primary", key="tour_next")
            st.button(t("End the tour"), type="tertiary", on_click=_end, key="tour_end")
    if back or forth:
        step += 1 if forth else -1
        st.session_state[_STEP] = step
        name = STEPS[step][0]
        st.switch_page(f"views/{name}.py")
    if name != page:
        st.caption(t("You are on another page now. “Back” and “Next” go on with the tour."))


def _end() -> None:
    st.session_state.pop(_STEP, None)
