"""Which recorders run, by what each last told: on Overview, below the pause."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from api_client.errors import GovernanceError
from api_client.models.recording import Recorder, Recorders, Recording
from dashboard.language import listed
from dashboard.moments import Zone, duration_words, moment_words
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert

UNREACHABLE = "Which recorders run can't be shown now, because a part of this app isn't responding."
NONE = "No recorder has told this app whether it runs."
WHAT_IT_RESTS_ON = (
    "This is what recorders say about themselves. One that doesn't report may run without being listed here."
)
HELP = ":material/help:"
ICONS = {
    "recording": ":material/radio_button_checked:",
    "recording_before_pause": ":material/radio_button_checked:",
    "recording_despite_pause": ":material/warning:",
    "paused": ":material/pause_circle:",
    "stopped": ":material/stop_circle:",
    "silent": HELP,
}


def draw_recorders(visitor: Visitor, pause: Recording | None) -> None:
    """A line for each recorder, and what isn't known. `pause`: the result of `pause_panel.draw_pause`."""
    try:
        with visitor.governance() as governance:
            found = governance.recording.recorders()
    except GovernanceError:
        st.caption(UNREACHABLE)
        return
    st.header("Recorders", anchor=False)
    if not found.recorders:
        st.caption(NONE)
    lines = [f"{ICONS.get(each.state, HELP)} {_line(each, found, pause, visitor.zone)}" for each in found.recorders]
    if found.unreported:
        names = listed([inert(each.source, 40) for each in found.unreported])
        lines.append(
            f"{HELP} **Not known**: {names}. Records came from there in the last 7 days, but no recorder reports "
            "whether it runs."
        )
    st.markdown("\n".join(f"- {line}" for line in lines))
    if found.recorders:
        st.caption(f"{WHAT_IT_RESTS_ON} Times are {visitor.zone.label}.")


def _line(recorder: Recorder, found: Recorders, pause: Recording | None, zone: Zone) -> str:
    version = f" {inert(recorder.version, 40)}" if recorder.version else ""
    heard = moment_words(recorder.heard_at, zone)
    return (
        f"**{inert(recorder.device, 60)}** ({inert(recorder.service, 60)}{version}): "
        f"{_words(recorder, found, pause, heard, zone)}"
    )


def _words(recorder: Recorder, found: Recorders, pause: Recording | None, heard: str, zone: Zone) -> str:
    by = f"by what the recorder last told this app, on {heard}"
    match recorder.state:
        case "recording":
            return f"**Recording now**, {by}."
        case "recording_before_pause":
            return f"recording, {by}: before it could know that you paused. Its records are refused."
        case "recording_despite_pause":
            return f"**says that it is recording although you paused**, on {heard}. Its records are refused."
        case "paused" if pause and pause.paused_until:
            return f"**Paused** until {moment_words(pause.paused_until, zone)}, {by}."
        case "paused":
            return f"**Paused**, {by}."
        case "stopped":
            return f"**Stopped**, {by}."
        case _:
            usual = duration_words(timedelta(seconds=found.silent_after_seconds))
            return (
                f"**Silent since** {heard}; then it said that it was {recorder.said}. Up to {usual} is normal. The "
                "device may be off or offline, or the recorder may have ended: whether it records isn't known."
            )
