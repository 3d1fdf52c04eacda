"""Legal holds, for the privacy officer: see which are in force, place one, lift one.

A hold is placed by e-mail address and case reference. There is no list of people to browse, and no free text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

import clock
from api_client import GovernanceClient
from api_client.errors import StatusError
from api_client.models import OfficerHold
from dashboard import done, states
from dashboard.language import t
from dashboard.moments import Zone, days_away, moment_words
from dashboard.officer.changing import carry_out
from dashboard.paging import draw_more, gathered
from dashboard.scopes.selection import as_request_scope
from dashboard.scopes.times import moment_input
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert, plain
from dashboard.wording import SIGNALS, scope_words, signal_words
from lake.rules.scope import Scope
from languages import mark
from law.exceptions import LegalException

_FORM = "hold_form"
_READY = "hold_ready"
_FIELDS = (
    "hold-employee", "hold-reach", "hold-case", "hold-signals", "hold-from", "hold-review", "hold-applications",
    "hold-until", "hold-exception",
)  # fmt: skip
SOME, ALL = mark("Some of their records: choose below"), mark("Everything about them")
LONGEST_REVIEW = timedelta(days=365)


def draw_holds(visitor: Visitor, governance: GovernanceClient) -> None:
    st.header(t("Legal holds"), anchor=False)
    holds = gathered(governance.officer.holds, "officer_holds")
    standing = in_force(holds)
    if not standing:
        states.empty(
            t("No hold is in force"), t("Records are deleted when their time is up, or when their owner asks.")
        )
    for hold in standing:
        _card(visitor.zone, governance, hold)
    with st.expander(t("Place a hold"), icon=":material/gavel:", key="place_hold"):
        _place(visitor.zone, governance)
    lifted = [hold for hold in holds if hold.lifted_at]
    if lifted:
        with st.expander(t("Lifted ({n})", n=len(lifted)), icon=":material/history:", key="lifted_holds"):
            for hold in lifted:
                st.markdown(
                    t(
                        "**{name}**, case {case}: lifted on {time}.",
                        name=inert(hold.employee.name, 60),
                        case=inert(hold.case, 40),
                        time=moment_words(hold.lifted_at, visitor.zone) if hold.lifted_at else "",
                    )
                )
    draw_more(holds, "officer_holds")


def in_force(holds: Sequence[OfficerHold]) -> list[OfficerHold]:
    """Holds that are not lifted, the nearest review first."""
    return sorted((hold for hold in holds if not hold.lifted_at), key=lambda hold: (hold.review_on, str(hold.hold)))


def hold_scope(hold: OfficerHold) -> Scope:
    """What a hold covers; times are naive UTC, as in the lake."""
    return Scope(
        tuple(hold.signals) if hold.signals else None,
        tuple(hold.applications) if hold.applications else None,
        hold.from_at,
        hold.until_at,
    )


def _card(zone: Zone, governance: GovernanceClient, hold: OfficerHold) -> None:
    with st.container(border=True, key=f"hold-{hold.hold}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            title = t("{name}: case {case}", name=inert(hold.employee.name, 60), case=inert(hold.case, 40))
            st.subheader(title, anchor=False, width="content")
            if hold.review_on <= clock.today():
                st.badge(t("Review is due"), color="red", icon=":material/alarm:")
        review = t("Review on **{day}** ({when}).", day=hold.review_on, when=days_away(hold.review_on))
        article, why = inert(t(hold.exception), 80), inert(t(hold.exception_words), 200)
        st.markdown(f"{review} {t('{article}, because {why}', article=article, why=why)}.")
        said = [
            f"{inert(hold.employee.department, 60)}.",
            t("Keeps {what}.", what=scope_words(hold_scope(hold), zone, theirs=True)),
            t("Placed on {time} ({zone}).", time=moment_words(hold.placed_at, zone), zone=zone.label),
        ]
        st.caption(" ".join(said))
        if hold.own:
            st.info(
                t("This hold is on your own records. Another privacy officer has to decide on it."),
                icon=":material/info:",
            )
            return
        with st.popover(t("Lift…"), icon=":material/lock_open:"):
            st.markdown(
                t(
                    "Then, at once:\n"
                    "- this person's deletions that were waiting for it run automatically\n"
                    "- records whose time is up are deleted by the next daily sweep\n\n"
                    "Another hold on the same records still keeps them. Deleted records can't be brought back from "
                    "here."
                )
            )
            if st.button(t("Lift this hold"), type="primary", key=f"lift-{hold.hold}"):
                carry_out(
                    lambda: governance.officer.lift_hold(hold.hold),
                    t("Lifted. Deletions that waited for it run now."),
                )


def _named(code: str) -> str:
    exception = LegalException(code)
    return t("{article}, because {why}", article=t(exception.article), why=t(exception.words))


@dataclass(frozen=True)
class NewHold:
    """A hold that was filled in, and waits for the last step."""

    employee: str
    scope: Scope
    case: str
    exception: str
    review_on: date
    refused: str = ""
    """Why it could not be placed."""


def _place(zone: Zone, governance: GovernanceClient) -> None:
    """The form, or what it would do once it is filled in; nothing is placed before the second step."""
    ready: NewHold | None = st.session_state.get(_READY)
    if ready is None or ready.refused:
        _fill_in(zone, ready.refused if ready else "")
    else:
        _last_step(ready, zone, governance)


def _fill_in(zone: Zone, refused: str) -> None:
    number = st.session_state.get(_FORM, 0)
    with st.form(f"hold-{number}", border=False):
        employee = st.text_input(t("Whose records? Their e-mail address"), max_chars=320, key=f"hold-employee-{number}")
        if refused:
            st.error(f"{t('Nothing was placed.')} {inert(refused, 400)}", icon=":material/info:")
        reach = st.radio(t("What does it keep?"), [SOME, ALL], index=None, format_func=t, key=f"hold-reach-{number}")
        left, right = st.columns(2)
        with left:
            case = st.text_input(
                t("Case"),
                max_chars=40,
                placeholder="HR-2026/17",
                help=t("Its reference: capital letters, digits and . / - only. The person can read it."),
                key=f"hold-case-{number}",
            )
            signals = st.multiselect(
                t("What"),
                list(SIGNALS),
                format_func=signal_words,
                placeholder=t("All kinds"),
                key=f"hold-signals-{number}",
            )
            from_at = moment_input(t("From"), f"hold-from-{number}", zone)
        with right:
            review_on = st.date_input(
                t("Review on"),
                value=clock.today() + timedelta(days=90),
                min_value=clock.today() + timedelta(days=1),
                max_value=clock.today() + LONGEST_REVIEW,
                format="YYYY-MM-DD",
                key=f"hold-review-{number}",
            )
            applications = st.multiselect(
                t("Applications"),
                [],
                accept_new_options=True,
                placeholder=t("All applications, or type their names"),
                key=f"hold-applications-{number}",
            )
            until_at = moment_input(t("Until"), f"hold-until-{number}", zone)
        exception = st.selectbox(
            t("Legal exception"),
            [exception.value for exception in LegalException],
            index=None,
            format_func=_named,
            placeholder=t("Choose the exception"),
            key=f"hold-exception-{number}",
        )
        st.caption(t("The person sees this hold on Retention, and under Who looked that you placed it."))
        sent = st.form_submit_button(t("Look at it first"), type="primary")
    if not sent:
        return
    if not employee.strip() or not case.strip() or exception is None or reach is None:
        st.warning(
            t("Enter the e-mail address, what it keeps, the case and the exception. Nothing has been placed yet.")
        )
        return
    scope = Scope(
        tuple(signals) or None,
        tuple(plain(name, 200) for name in applications) or None,
        zone.utc(from_at) if from_at else None,
        zone.utc(until_at) if until_at else None,
    )
    if (scope == Scope()) != (reach == ALL):
        st.warning(
            t("Choose kinds, applications or a time, or that it keeps everything. Nothing has been placed yet.")
            if reach == SOME
            else t("You chose everything, and also kinds, applications or a time. Nothing has been placed yet.")
        )
        return
    st.session_state[_READY] = NewHold(employee.strip(), scope, case.strip(), exception, review_on)
    st.rerun()


def _last_step(ready: NewHold, zone: Zone, governance: GovernanceClient) -> None:
    number = st.session_state.get(_FORM, 0)
    for key in _FIELDS:  # Streamlit forgets a field that isn't drawn
        if f"{key}-{number}" in st.session_state:
            st.session_state[f"{key}-{number}"] = st.session_state[f"{key}-{number}"]
    st.subheader(t("Last step"), anchor=False)
    st.markdown(
        t(
            "This keeps **{what}** of {person}, from now on and until a privacy officer lifts it. Case {case}. "
            "{exception}. Review on {day}.\n\n"
            "While it is in force, nothing of it is deleted: not when its time is up, and not when they ask. They see "
            "the hold and its case.",
            what=scope_words(ready.scope, zone, theirs=True),
            person=inert(ready.employee, 320),
            case=inert(ready.case, 40),
            exception=_named(ready.exception),
            day=ready.review_on,
        )
    )
    place, change = st.columns(2)
    if change.button(t("Change it"), key=f"hold-change-{number}"):
        del st.session_state[_READY]
        st.rerun()
    if not place.button(t("Place this hold"), type="primary", key=f"hold-place-{number}"):
        return
    try:
        governance.officer.place_hold(
            ready.employee,
            scope=None if ready.scope == Scope() else as_request_scope(ready.scope),
            case=ready.case,
            exception=ready.exception,
            review_on=ready.review_on,
        )
    except StatusError as error:
        if error.status >= 500 or error.status == 401:
            raise
        st.session_state[_READY] = replace(ready, refused=str(error))
        st.rerun()
    del st.session_state[_READY]
    st.session_state[_FORM] = number + 1
    done.say(t("Placed. It applies from now on."))
    st.rerun()
