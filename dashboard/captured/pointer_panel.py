"""Mouse paths of a selection, one session at a time, drawn so that a person grasps what is in them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import states
from dashboard.charts import pointer
from dashboard.moments import day_words
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import plain
from dashboard.wording import count
from lake.rules.scope import Scope

MOST_POINTS = 20_000
SESSION_GAP = pd.Timedelta(minutes=10)


@st.fragment
def draw_pointer(scope: Scope) -> None:
    """Draws the picker of stretches and the chosen one's path; choosing draws this part alone."""
    with states.guarded("pointer"):
        _draw(identity.visitor_of_a_part(), scope)


def _draw(visitor: Visitor, scope: Scope) -> None:
    points = visitor.own.mouse_path(scope, limit=MOST_POINTS)
    if points.empty:
        states.empty(
            "No mouse path here", "Nothing in your selection tells where the pointer was.", icon=":material/mouse:"
        )
        return
    if len(points) == MOST_POINTS:
        st.caption(f"Shown: the first {MOST_POINTS:,} points. Choose a shorter period to see the others.")
    points["captured_at"] = visitor.zone.local_series(points["captured_at"])
    stretches = stretches_of(points)
    number = st.selectbox(
        "Which stretch of work",
        range(len(stretches)),
        index=most_telling(stretches),
        format_func=lambda index: _stretch_words(stretches[index]),
        key=f"stretch-{hash(scope)}",
    )
    stretch = stretches[number]
    seconds = max(1.0, (stretch["captured_at"].iloc[-1] - stretch["captured_at"].iloc[0]).total_seconds())
    from_second, to_second = st.slider(
        "Part of it, in seconds from its start",
        0.0,
        seconds,
        (0.0, seconds),
        format="%.0f",
        key=f"part-{hash(scope)}-{number}",
    )
    elapsed = (stretch["captured_at"] - stretch["captured_at"].iloc[0]).dt.total_seconds()
    part = stretch[(elapsed >= from_second) & (elapsed <= to_second)]
    if part.empty:
        st.caption("The pointer rested then. Choose a longer part.")
        return
    sentence = pointer.path_sentence(part)
    st.write(sentence)
    st.altair_chart(pointer.path(part), alt=sentence, width="content")


def stretches_of(points: pd.DataFrame) -> list[pd.DataFrame]:
    """The points cut where another session begins or nothing moved for ten minutes."""
    changed = points["session"].astype(str) != points["session"].astype(str).shift()
    paused = points["captured_at"].diff() > SESSION_GAP
    return [stretch.reset_index(drop=True) for _, stretch in points.groupby((changed | paused).cumsum())]


def most_telling(stretches: list[pd.DataFrame]) -> int:
    """Which stretch to show first: the one with most points of the latest day."""
    latest = stretches[-1]["captured_at"].iloc[0].date()
    return max(
        range(len(stretches)),
        key=lambda index: (stretches[index]["captured_at"].iloc[0].date() == latest, len(stretches[index])),
    )


def _stretch_words(stretch: pd.DataFrame) -> str:
    start, end = stretch["captured_at"].iloc[0], stretch["captured_at"].iloc[-1]
    applications = stretch["application"].value_counts().index
    where = plain(applications[0], 40) + (f" and {len(applications) - 1} more" if len(applications) > 1 else "")
    return f"{day_words(start.date())}, {start:%H:%M} to {end:%H:%M}: {count(len(stretch), 'point')} in {where}"
