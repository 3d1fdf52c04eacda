"""Draws the mouse paths of a selection, one session at a time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import states
from dashboard.charts import pointer
from dashboard.charts.drawing import draw_chart
from dashboard.language import t, tn
from dashboard.moments import day_words
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import plain
from lake.rules.scope import Scope

MOST_POINTS = 20_000
SESSION_GAP = pd.Timedelta(minutes=10)


@st.fragment
def draw_pointer(scope: Scope) -> None:
    """Draws the picker and the chosen path. Choosing another one reruns this part only."""
    with states.guarded("pointer"):
        _draw(identity.visitor_of_a_part(), scope)


def _draw(visitor: Visitor, scope: Scope) -> None:
    with visitor.at_once() as own:
        points = own.mouse_path(scope, limit=MOST_POINTS)
    if points.empty:
        states.empty(
            t("No mouse paths"), t("Nothing in your selection has a pointer position."), icon=":material/mouse:"
        )
        return
    if len(points) == MOST_POINTS:
        st.caption(t("Showing the first {n} points. Choose a shorter period to see the others.", n=MOST_POINTS))
    points["captured_at"] = visitor.zone.local_series(points["captured_at"])
    stretches = stretches_of(points)
    number = st.selectbox(
        t("Stretch of work"),
        range(len(stretches)),
        index=fullest_of_latest_day(stretches),
        format_func=lambda index: _stretch_words(stretches[index]),
        key=f"stretch-{hash(scope)}",
    )
    stretch = stretches[number]
    seconds = max(1.0, (stretch["captured_at"].iloc[-1] - stretch["captured_at"].iloc[0]).total_seconds())
    from_second, to_second = st.slider(
        t("Part of it, in seconds from the start"),
        0.0,
        seconds,
        (0.0, seconds),
        format="%.0f",
        key=f"part-{hash(scope)}-{number}",
    )
    elapsed = (stretch["captured_at"] - stretch["captured_at"].iloc[0]).dt.total_seconds()
    part = stretch[(elapsed >= from_second) & (elapsed <= to_second)]
    if part.empty:
        st.caption(t("The pointer didn't move then. Choose a longer part."))
        return
    sentence = pointer.path_sentence(part)
    st.write(sentence)
    draw_chart(pointer.path(part), sentence, lambda: pointer.path_table(part), name="path", width="content")


def stretches_of(points: pd.DataFrame) -> list[pd.DataFrame]:
    """The points, split where a new session begins or nothing moved for ten minutes."""
    changed = points["session"].astype(str) != points["session"].astype(str).shift()
    paused = points["captured_at"].diff() > SESSION_GAP
    return [stretch.reset_index(drop=True) for _, stretch in points.groupby((changed | paused).cumsum())]


def fullest_of_latest_day(stretches: list[pd.DataFrame]) -> int:
    """The stretch to show first: the one with the most points on the latest day."""
    latest = stretches[-1]["captured_at"].iloc[0].date()
    return max(
        range(len(stretches)),
        key=lambda index: (stretches[index]["captured_at"].iloc[0].date() == latest, len(stretches[index])),
    )


def _stretch_words(stretch: pd.DataFrame) -> str:
    start, end = stretch["captured_at"].iloc[0], stretch["captured_at"].iloc[-1]
    applications = stretch["application"].value_counts().index
    where = plain(applications[0], 40)
    if more := len(applications) - 1:
        where = tn("{application} and {n} more", "{application} and {n} more", more, application=where)
    return t(
        "{day}, {first} to {last}: {points} in {application}",
        day=day_words(start.date()),
        first=f"{start:%H:%M}",
        last=f"{end:%H:%M}",
        points=tn("{n} point", "{n} points", len(stretch)),
        application=where,
    )
