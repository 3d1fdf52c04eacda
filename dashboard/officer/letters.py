"""Letters with a code for people who have left, for the privacy officer: make one, see which are in force, end one."""

from __future__ import annotations

from functools import partial

import streamlit as st

from api_client import GovernanceClient
from api_client.errors import StatusError
from api_client.models import Letter, LetterInForce
from dashboard.language import t, tn
from dashboard.moments import Zone, moment_words
from dashboard.officer.changing import carry_out
from dashboard.paging import draw_more, gathered
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert

_MADE = "letter_made"
MOST_DAYS = 180


def draw_letters(visitor: Visitor, governance: GovernanceClient) -> None:
    st.header(t("People who have left"), anchor=False)
    st.markdown(
        t(
            "They keep the rights to their data. If they can't sign in any more, send them a letter with a code, to "
            "the address at home that HR has confirmed. The person sees under Who looked that it was made, and each "
            "use."
        )
    )
    made = st.session_state.get(_MADE)
    if made is not None:
        _draw_code(made, visitor.zone)
    letters = gathered(governance.officer.letters, "officer_letters")
    for letter in letters:
        _card(visitor.zone, governance, letter)
    draw_more(letters, "officer_letters")
    with st.expander(t("Make a letter"), icon=":material/mail_lock:", key="make_letter"):
        _make(governance)


def _draw_code(made: Letter, zone: Zone) -> None:
    with st.container(border=True, key="letter-code"):
        st.markdown(
            t(
                "**Write this code into the letter now. It isn't stored, and can't be shown again.** It opens this "
                "person's data until {time} ({zone}), at this app's address, under “Use the code in your letter”. "
                "Whoever has it can read their data, so seal the letter at once.",
                time=moment_words(made.expires_at, zone),
                zone=zone.label,
            )
        )
        st.code(made.code, language=None)
        if st.button(t("I have written it down")):
            del st.session_state[_MADE]
            st.rerun()


def _card(zone: Zone, governance: GovernanceClient, letter: LetterInForce) -> None:
    with st.container(border=True, key=f"letter-{letter.letter}"):
        st.markdown(
            t(
                "**{name}**, {department}: the code works until {time}.",
                name=inert(letter.employee.name, 60),
                department=inert(letter.employee.department, 60),
                time=moment_words(letter.expires_at, zone),
            )
            + " "
            + tn("It was used {n} time.", "It was used {n} times.", letter.uses)
        )
        with st.popover(t("End…"), icon=":material/cancel:"):
            st.markdown(t("The code, and every sign-in with it, stops working at once."))
            if st.button(t("End this letter"), type="primary", key=f"end-{letter.letter}"):
                carry_out(partial(governance.officer.end_letter, letter.letter), t("The letter has ended."))


def _make(governance: GovernanceClient) -> None:
    with st.form("letter", border=False):
        employee = st.text_input(t("Whose? Their e-mail address in the directory"), max_chars=320)
        days = st.number_input(t("Days until the code ends"), 1, MOST_DAYS, 30)
        st.caption(t("An earlier letter of the same person ends."))
        sent = st.form_submit_button(t("Make the letter"), type="primary")
    if not sent:
        return
    if not employee.strip():
        st.warning(t("Enter the e-mail address. No letter was made."))
        return
    try:
        st.session_state[_MADE] = governance.officer.make_letter(employee.strip(), int(days))
    except StatusError as error:
        if error.status >= 500 or error.status == 401:
            raise
        st.error(inert(error.detail or error.title, 300), icon=":material/info:")
        return
    st.rerun()
