"""Fields for a time in the visitor's time zone, and buttons that fill in usual ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

import streamlit as st

import clock
from dashboard.language import t, tn
from dashboard.moments import Zone

Times = tuple[datetime | None, datetime | None]
"""From and until, naive; None: no limit."""

DAY = timedelta(days=1)
ONE_HOUR = timedelta(hours=1)


def moment_input(label: str, key: str, zone: Zone) -> datetime | None:
    """`label`: in the visitor's language. A naive time in the visitor's zone, or None while it is empty."""
    return st.datetime_input(
        t("{label} ({zone})", label=label, zone=zone.label),
        value=None,
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 (local time, naive)
        max_value=zone.local(clock.now()) + DAY,
        step=timedelta(minutes=1),
        format="YYYY-MM-DD",
        key=key,
    )


def draw_times(choices: Mapping[str, Callable[[datetime], Times]], keys: tuple[str, str], zone: Zone) -> Times | None:
    """Draws From, Until and buttons that fill in both; None, with the reason on screen, if they exclude each other.

    `choices`: by their names, marked. A choice gets the time that it is in the zone. The result is naive UTC."""
    columns = st.columns(2)
    with columns[0]:
        from_at = moment_input(t("From"), keys[0], zone)
    with columns[1]:
        until_at = moment_input(t("Until"), keys[1], zone)
    with st.container(horizontal=True):
        for words, choice in choices.items():
            st.button(t(words), type="tertiary", on_click=_fill_in, args=(choice, keys, zone), key=f"{words}-{keys[0]}")
    if from_at and until_at and from_at >= until_at:
        st.warning(t("“From” must be before “until”. Change one of them to see what this covers."))
        return None
    return zone.utc(from_at) if from_at else None, zone.utc(until_at) if until_at else None


def begin_of_day(now: datetime) -> datetime:
    return datetime.combine(now.date(), time())


def hour_words(hour: int, records: int) -> str:
    """`14:00 to 15:00: 12 records`."""
    counted = tn("{n} record", "{n} records", records)
    return t("{begin} to {end}: {records}", begin=f"{hour}:00", end=f"{hour + 1}:00", records=counted)


def _fill_in(choice: Callable[[datetime], Times], keys: tuple[str, str], zone: Zone) -> None:
    now = zone.local(clock.now()).replace(second=0, microsecond=0)
    for key, value in zip(keys, choice(now), strict=True):
        st.session_state[key] = value
