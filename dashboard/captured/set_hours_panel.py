"""Pauses in hours that come again every week: on Overview, below the pause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

import streamlit as st

from api_client.errors import Invalid, StatusError
from api_client.models.recording import PauseHours, Recording, SetHours
from api_client.recording import Recordings
from dashboard.language import listed, t, tn
from dashboard.moments import Zone, moment_words
from dashboard.sign_in.identity import Visitor
from languages import mark

DAYS = {
    "monday": mark("Monday"),
    "tuesday": mark("Tuesday"),
    "wednesday": mark("Wednesday"),
    "thursday": mark("Thursday"),
    "friday": mark("Friday"),
    "saturday": mark("Saturday"),
    "sunday": mark("Sunday"),
}
WORKING_DAYS = list(DAYS)[:5]
NOON, AFTER_NOON = time(12), time(13)
NOT_SET = mark(
    "These hours were not set. They must end after they begin, not overlap with others, and be no longer than your "
    "employer's settings allow."
)
FAILED = mark("This couldn't be saved just now. Nothing was changed; try again.")
ADD, END, REFUSED = "set_hours_add", "set_hours_end", "_set_hours_refused"


def draw_set_hours(state: Recording, visitor: Visitor) -> None:
    """Draws nothing if the employer's settings don't allow them, and never did."""
    if state.set_hours_ended_at and not state.most_set_hours_a_day:
        at = moment_words(state.set_hours_ended_at, visitor.zone)
        st.caption(
            t(
                "Your pauses in set hours ended on {at} ({zone}). Your employer's settings don't allow them now.",
                at=at,
                zone=visitor.zone.label,
            )
        )
    if not state.most_set_hours_a_day and not state.set_hours:
        return
    with st.expander(_title(state.set_hours), expanded=REFUSED in st.session_state, key="set_hours"):
        if refused := st.session_state.pop(REFUSED, None):
            st.error(t(refused))
        for each in state.set_hours:
            st.markdown(f"- {_words(each, visitor.zone)}")
        if state.set_hours:
            st.button(t("End all set hours"), key=END, icon=":material/play_arrow:")
        if state.most_set_hours_a_day:
            _draw_form(state.most_set_hours_a_day)


def change_set_hours(recording: Recordings) -> Recording | None:
    """Do what was clicked; None if nothing was. Raises GovernanceError that is no answer."""
    try:
        if st.session_state.get(END):
            return recording.set_hours([])
        if st.session_state.get(ADD):
            return recording.set_hours([*recording.state().set_hours, _wanted()])
    except Invalid:
        st.session_state[REFUSED] = NOT_SET
    except StatusError:
        st.session_state[REFUSED] = FAILED
    return None


def _draw_form(most: int) -> None:
    with st.form("set_hours", border=False):
        st.multiselect(t("On"), list(DAYS), WORKING_DAYS, format_func=lambda day: t(DAYS[day]), key="set_hours_days")
        begins, ends = st.columns(2)
        begins.time_input(t("Pause from"), NOON, key="set_hours_begins", step=300)
        ends.time_input(t("Pause until"), AFTER_NOON, key="set_hours_ends", step=300)
        st.form_submit_button(t("Pause in these hours every week"), key=ADD, icon=":material/pause:")
    st.caption(
        tn(
            "Your employer's settings allow {n} hour a day. Until 0:00 means until midnight.",
            "Your employer's settings allow {n} hours a day. Until 0:00 means until midnight.",
            most,
        )
    )


def _wanted() -> PauseHours:
    begins, ends = (st.session_state[f"set_hours_{name}"] for name in ("begins", "ends"))
    until = f"{ends:%H:%M}" if ends != time(0) else "24:00"
    return PauseHours(tuple(st.session_state["set_hours_days"]), f"{begins:%H:%M}", until)


def _title(hours: Sequence[SetHours]) -> str:
    if not hours:
        return t("Pause in set hours")
    return tn("Pause in set hours: {n} in force", "Pause in set hours: {n} in force", len(hours))


def _words(hours: SetHours, zone: Zone) -> str:
    return t(
        "**{days}, {begins} to {ends}** ({zone} time), every week since {since} ({label})",
        days=listed([t(DAYS[day]) for day in hours.days], len(DAYS)),
        begins=hours.begins,
        ends=hours.ends,
        zone=hours.zone,
        since=moment_words(hours.since, zone),
        label=zone.label,
    )
