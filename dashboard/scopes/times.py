"""Fields for a time in the visitor's time zone, and buttons that fill in usual ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

import streamlit as st

import clock
from dashboard.moments import Zone

Times = tuple[datetime | None, datetime | None]
"""From and until, naive local times; None: no limit."""

DAY = timedelta(days=1)


def moment_input(label: str, key: str, zone: Zone) -> datetime | None:
    """A naive time in the visitor's zone, or None while it is empty."""
    return st.datetime_input(
        f"{label} ({zone.label})",
        value=None,
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 (local time, naive)
        max_value=zone.local(clock.now()) + DAY,
        step=timedelta(minutes=1),
        format="YYYY-MM-DD",
        key=key,
    )


def draw_quick_choices(choices: Mapping[str, Callable[[datetime], Times]], keys: tuple[str, str], zone: Zone) -> None:
    """Buttons that fill in the fields with these keys; a choice gets the time that it is."""
    with st.container(horizontal=True):
        for words, choice in choices.items():
            st.button(words, type="tertiary", on_click=_fill_in, args=(choice, keys, zone), key=f"{words}-{keys[0]}")


def begin_of_day(now: datetime) -> datetime:
    return datetime.combine(now.date(), time())


def _fill_in(choice: Callable[[datetime], Times], keys: tuple[str, str], zone: Zone) -> None:
    now = zone.local(clock.now()).replace(second=0, microsecond=0)
    for key, value in zip(keys, choice(now), strict=True):
        st.session_state[key] = value
