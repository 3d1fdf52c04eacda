"""Which recorders run, by what each last told: on Overview, below the pause."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from api_client.errors import GovernanceError
from api_client.models.recording import Recorder, Recorders, Recording
from dashboard.language import listed, t
from dashboard.moments import Zone, duration_words, moment_words
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from languages import mark

UNREACHABLE = mark("Which recorders run can't be shown now, because a part of this app isn't responding.")
NONE = mark("No recorder has told this app whether it runs.")
WHAT_IT_RESTS_ON = mark(
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
SAID = {"recording": mark("recording"), "paused": mark("paused"), "stopped": mark("stopped")}
"""What it said that it was."""


def draw_recorders(visitor: Visitor, pause: Recording | None) -> None:
    """A line for each recorder, and what isn't known. `pause`: the result of `pause_panel.draw_pause`."""
    try:
        with visitor.governance() as governance:
            found = governance.recording.recorders()
    except GovernanceError:
        st.caption(t(UNREACHABLE))
        return
    st.header(t("Recorders"), anchor=False)
    if not found.recorders:
        st.caption(t(NONE))
    lines = [f"{ICONS.get(each.state, HELP)} {_line(each, found, pause, visitor.zone)}" for each in found.recorders]
    if found.unreported:
        names = listed([inert(each.source, 40) for each in found.unreported])
        not_known = t(
            "**Not known**: {names}. Records came from there in the last 7 days, but no recorder reports whether it "
            "runs.",
            names=names,
        )
        lines.append(f"{HELP} {not_known}")
    st.markdown("\n".join(f"- {line}" for line in lines))
    if found.recorders:
        st.caption(f"{t(WHAT_IT_RESTS_ON)} {t('Times are {zone}.', zone=visitor.zone.label)}")


def _line(recorder: Recorder, found: Recorders, pause: Recording | None, zone: Zone) -> str:
    version = f" {inert(recorder.version, 40)}" if recorder.version else ""
    heard = moment_words(recorder.heard_at, zone)
    return (
        f"**{inert(recorder.device, 60)}** ({inert(recorder.service, 60)}{version}): "
        f"{_words(recorder, found, pause, heard, zone)}"
    )


def _words(recorder: Recorder, found: Recorders, pause: Recording | None, heard: str, zone: Zone) -> str:
    match recorder.state:
        case "recording":
            return t("**Recording now**, by what the recorder last told this app, on {time}.", time=heard)
        case "recording_before_pause":
            return t(
                "recording, by what the recorder last told this app, on {time}: before it could know that you paused. "
                "Its records are refused.",
                time=heard,
            )
        case "recording_despite_pause":
            return t(
                "**says that it is recording although you paused**, on {time}. Its records are refused.", time=heard
            )
        case "paused" if pause and pause.paused_until:
            return t(
                "**Paused** until {end}, by what the recorder last told this app, on {time}.",
                end=moment_words(pause.paused_until, zone),
                time=heard,
            )
        case "paused":
            return t("**Paused**, by what the recorder last told this app, on {time}.", time=heard)
        case "stopped":
            return t("**Stopped**, by what the recorder last told this app, on {time}.", time=heard)
        case _:
            return t(
                "**Silent since** {time}; then it said that it was {state}. Up to {usual} is normal. The device may "
                "be off or offline, or the recorder may have ended: whether it records isn't known.",
                time=heard,
                state=t(SAID[recorder.said]) if recorder.said in SAID else recorder.said,
                usual=duration_words(timedelta(seconds=found.silent_after_seconds)),
            )
