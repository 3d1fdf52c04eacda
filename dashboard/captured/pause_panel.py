"""When recording is allowed, whether it is paused, and the buttons that pause it: on Overview."""

from __future__ import annotations

import streamlit as st

from api_client.errors import GovernanceError
from api_client.models.recording import Recording
from api_client.recording import Recordings
from dashboard.captured.set_hours_panel import change_set_hours, draw_set_hours
from dashboard.captured.working_hours_panel import draw_working_hours
from dashboard.language import t
from dashboard.moments import moment_words
from dashboard.sign_in.identity import Visitor
from languages import mark

UNREACHABLE = mark("Whether recording is paused can't be shown now, because a part of this app isn't responding.")
NOT_ALLOWED = mark("Your employer's settings don't allow you to pause recording.")
WHAT_IT_DOES = mark(
    "While it is paused, nothing dated in the pause is stored here, whatever a recorder does. Recorders that don't ask "
    "this app may still record it elsewhere."
)
DAY_HOURS = 24


def draw_pause(visitor: Visitor) -> Recording | None:
    """A line that says how it is, and what can be done. Returns how it is; None: that can't be read now."""
    try:
        with visitor.governance() as governance:
            state = _act(governance.recording)
    except GovernanceError:
        st.caption(t(UNREACHABLE))
        return None
    draw_working_hours(state.working_hours)
    if state.paused_until:
        until = moment_words(state.paused_until, visitor.zone)
        paused = t("**Paused** until {time} ({zone}).", time=until, zone=visitor.zone.label)
        st.info(f"{paused} {t(WHAT_IT_DOES)}", icon=":material/pause_circle:")
        if state.in_set_hours:
            st.caption(t("These are hours that you set. They end when you end or change them below."))
        else:
            st.button(t("End the pause"), key="resume", icon=":material/play_arrow:")
    elif not state.longest_pause_hours:
        st.caption(t(NOT_ALLOWED))
    else:
        with st.container(horizontal=True):
            st.button(t("Pause for 30 minutes"), key="pause_30", icon=":material/pause:", help=t(WHAT_IT_DOES))
            if state.longest_pause_hours >= DAY_HOURS:
                st.button(
                    t("Pause until tomorrow"), key="pause_tomorrow", icon=":material/pause:", help=t(WHAT_IT_DOES)
                )
    draw_set_hours(state, visitor)
    return state


def _act(recording: Recordings) -> Recording:
    """Do what was clicked. Raises GovernanceError."""
    if st.session_state.get("pause_30"):
        return recording.pause(30)
    if st.session_state.get("pause_tomorrow"):
        return recording.pause()
    if st.session_state.get("resume"):
        return recording.resume()
    return change_set_hours(recording) or recording.state()
