"""The path of the pointer in one stretch of work, as a picture that can be played, with a speed."""

from __future__ import annotations

import time

import pandas as pd
import streamlit as st

from dashboard import states
from dashboard.charts.drawing import offer_table
from dashboard.charts.pointer import PAUSE_SECONDS, path_sentence, path_table
from dashboard.charts.replay import elapsed, picture, replay, stop_at
from dashboard.language import t, tn
from dashboard.moments import Zone
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.story.stretches import POINTED, Stretch, in_parts, time_words
from lake.rules.scope import Scope

MOST_POINTS = 20_000
SPEEDS = (1, 2, 4, 8)
FIRST_SPEED = 2
SECOND, SPEED, PLAYED = "story_second", "story_speed", "story_played"
STRETCH = "story_stretch"


@st.fragment
def draw_replay(stretches: list[Stretch]) -> None:
    """Draws the picker, the picture and its controls. Each of them reruns this part only."""
    with states.guarded("replay"):
        pointed = [one for one in stretches if one.events(*POINTED)]
        parts = [part for one in pointed for part in in_parts(one, MOST_POINTS)]
        _draw(identity.visitor_of_a_part(), parts, cut=len(parts) > len(pointed))


def _draw(visitor: Visitor, stretches: list[Stretch], *, cut: bool) -> None:
    if not stretches:
        return
    fullest = max(range(len(stretches)), key=lambda number: stretches[number].events(*POINTED))
    day = stretches[0].from_at
    number = st.selectbox(
        t("Stretch of work"),
        range(len(stretches)),
        index=fullest,
        format_func=lambda index: _words(stretches[index], visitor.zone),
        key=f"{STRETCH}-{day}",
        on_change=stop,
    )
    if cut:
        st.caption(t("A stretch with more than {n} points is in the list in parts.", n=MOST_POINTS))
    stretch = stretches[number]
    with visitor.at_once() as own:
        points = own.mouse_path(Scope(from_at=stretch.from_at, until_at=stretch.until_at), limit=MOST_POINTS)
    if points.empty:
        st.caption(t("These records have no pointer positions, only that it moved."))
        return
    if len(points) == MOST_POINTS:
        st.caption(t("Showing the first {n} points of this part.", n=MOST_POINTS))
    points["captured_at"] = visitor.zone.local_series(points["captured_at"])
    name = f"{stretch.from_at}"
    second, speed = _controls(points, name)
    sentence = path_sentence(points)
    with st.container(key="replay"):
        if (played := st.session_state.get(PLAYED)) is not None:
            st.html(replay(points, sentence, second=second, speed=speed, number=played[0]))
            st.html(f'<p class="still">{t("Your device asks for less motion: move the slider instead.")}</p>')
        else:
            st.html(picture(points, sentence, second=second))
    st.write(sentence)
    offer_table(lambda: path_table(points), sentence, name="replay")


def _controls(points: pd.DataFrame, name: str) -> tuple[float, int]:
    """Draws them. Returns at which second the picture begins, and the speed."""
    most = max(1, int(elapsed(points)[-1]) + 1)
    key = f"{SECOND}-{name}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        speed = st.segmented_control(
            t("Speed"),
            SPEEDS,
            default=FIRST_SPEED,
            format_func=lambda times: f"{times}\N{MULTIPLICATION SIGN}",
            required=True,
            key=SPEED,
            on_change=_pause,
            args=(key, most),
        )
        if st.session_state.get(PLAYED) is None:
            st.button(t("Play"), icon=":material/play_arrow:", on_click=_play, args=(key, most))
        else:
            st.button(t("Pause"), icon=":material/pause:", on_click=_pause, args=(key, most))
    chosen = st.slider(t("Second of the replay"), 0, most, key=key, on_change=stop)
    at = points["captured_at"].iloc[stop_at(points, chosen)]
    st.caption(
        t(
            "The pointer as it was at {time}. Rests are shortened to {n} seconds.",
            time=f"{at:%H:%M:%S}",
            n=PAUSE_SECONDS,
        )
    )
    return float(chosen), int(speed or FIRST_SPEED)


def _play(key: str, most: int) -> None:
    """From the chosen second; from the start, if that is the end."""
    if st.session_state.get(key, 0) >= most - 1:
        st.session_state[key] = 0
    st.session_state[PLAYED] = (time.time_ns(), time.monotonic(), st.session_state.get(SPEED) or FIRST_SPEED)


def _pause(key: str, most: int) -> None:
    """Where the pointer has come to."""
    if (played := st.session_state.pop(PLAYED, None)) is not None:
        _, since, speed = played
        come = st.session_state.get(key, 0) + (time.monotonic() - since) * speed
        st.session_state[key] = min(most, int(come))


def stop() -> None:
    st.session_state.pop(PLAYED, None)


def _words(stretch: Stretch, zone: Zone) -> str:
    return t(
        "{first} to {last}: {points} in {applications}",
        first=time_words(stretch.from_at, zone),
        last=time_words(stretch.until_at, zone),
        points=tn("{n} point", "{n} points", stretch.events(*POINTED)),
        applications=stretch.where,
    )
