"""The chosen day: stretches of work and breaks, applications, typing, pointer and screenshots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pandas as pd
import streamlit as st

from dashboard import states, theme
from dashboard.captured.records_panel import draw_picture
from dashboard.charts import day as chart
from dashboard.charts.drawing import draw_chart
from dashboard.charts.heat import heat, heat_sentence, heat_table
from dashboard.language import t
from dashboard.moments import Zone
from dashboard.scopes.selection import choose_times
from dashboard.sign_in.identity import Visitor
from dashboard.story.replay_panel import draw_replay, stop
from dashboard.story.shown_panel import draw_shown, shown_by
from dashboard.story.stretches import (
    BY_PROGRAMS,
    POINTED,
    TYPED,
    Stretch,
    breaks_of,
    day_sentence,
    stretches_of,
    stretches_table,
)
from lake.rules.scope import Scope
from law import limits
from queries import Own
from queries.records import Screenshot

DAY = "story_day"
ONE_DAY = timedelta(days=1)
MOST_PICTURES = 500
THUMBNAILS = 12
A_ROW = 6


@dataclass(frozen=True)
class Day:
    """What is read of one day, from one snapshot. `begins`: naive local."""

    begins: datetime
    scope: Scope
    minutes: pd.DataFrame
    squares: pd.DataFrame
    screenshots: list[Screenshot]
    stretches: list[Stretch]


def draw_day(visitor: Visitor) -> None:
    st.title(t("Your day"), anchor=False)
    with visitor.at_once() as own:
        days, busy = days_of(own, visitor.zone)
        chosen = None if not days else _read(own, _chosen(days, busy), visitor.zone)
        shown = [] if chosen is None or not chosen.stretches else shown_by(own, chosen.scope, visitor.zone)
    if chosen is None:
        states.empty(
            t("This register has nothing about you"),
            f"{t('Records appear here once they are stored.')} {t(limits.REGISTER)}",
        )
        return
    _draw_choice(days, visitor.zone)
    if not chosen.stretches:
        states.empty(
            t("Nothing that you did is recorded on this day"),
            t("Choose another day, or look at Captured for everything that is held."),
        )
        return
    theme.answer(day_sentence(chosen.begins, chosen.stretches, visitor.zone))
    _draw_along(chosen, visitor.zone)
    _draw_pictures(chosen.screenshots, visitor.zone)
    _draw_heat(chosen)
    if not chosen.squares.empty:
        st.header(t("Your pointer, replayed"), anchor=False)
        draw_replay(chosen.stretches)
    draw_shown(shown)


def days_of(own: Own, zone: Zone) -> tuple[list[date], list[date]]:
    """The local days that have records, in order; and those of them on which the person did something."""
    table = own.captures_per_day(zone.info)
    done = ~table["signal"].isin(BY_PROGRAMS)
    return sorted({at.date() for at in table["day"]}), sorted({at.date() for at in table.loc[done, "day"]})


def _chosen(days: list[date], busy: list[date]) -> date:
    """The day chosen in this session; at first the last one on which something was done."""
    if not isinstance(st.session_state.get(DAY), date):
        st.session_state[DAY] = [*days, *busy][-1]
    found: date = min(max(st.session_state[DAY], days[0]), days[-1])
    st.session_state[DAY] = found
    return found


def _read(own: Own, day: date, zone: Zone) -> Day:
    begins = datetime.combine(day, time())
    scope = Scope(from_at=zone.utc(begins), until_at=zone.utc(begins + ONE_DAY))
    minutes = own.minutes(scope)
    return Day(
        begins, scope, minutes, own.pointer_heat(scope), own.screenshots(scope, MOST_PICTURES), stretches_of(minutes)
    )


def _draw_choice(days: list[date], zone: Zone) -> None:
    day: date = st.session_state[DAY]
    before = [one for one in days if one < day]
    after = [one for one in days if one > day]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input(
            t("Day ({zone})", zone=zone.label),
            min_value=days[0],
            max_value=days[-1],
            format="YYYY-MM-DD",
            key=DAY,
            width=220,
            on_change=stop,
        )
        st.button(
            t("Day before"),
            icon=":material/arrow_back:",
            disabled=not before,
            on_click=_choose,
            args=(before[-1] if before else day,),
        )
        st.button(
            t("Day after"),
            icon=":material/arrow_forward:",
            disabled=not after,
            on_click=_choose,
            args=(after[0] if after else day,),
        )
        if st.button(t("All records of this day"), icon=":material/timeline:", type="tertiary"):
            begins = datetime.combine(day, time())
            choose_times(begins, begins + ONE_DAY)
            st.switch_page("views/captured.py")


def _choose(day: date) -> None:
    stop()
    st.session_state[DAY] = day


def _draw_along(chosen: Day, zone: Zone) -> None:
    minutes = chosen.minutes.assign(minute=zone.local_series(chosen.minutes["minute"]))
    done = minutes[~minutes["signal"].isin(BY_PROGRAMS)]
    rows = (
        (t("Typing"), TYPED),
        (t("Pointer"), POINTED),
        (t("Messages and tickets"), ("message", "ticket")),
        (t("Screenshots"), ("screenshot",)),
    )
    breaks = [(zone.local(begin), zone.local(end)) for begin, end in breaks_of(chosen.stretches)]
    draw_chart(
        chart.day(chart.bands_of(done), chart.recorded_of(minutes, rows), breaks, zone.label),
        day_sentence(chosen.begins, chosen.stretches, zone),
        lambda: stretches_table(chosen.stretches, zone),
        name="day",
    )
    st.caption(
        t(
            "Each row at the top is an application, and shows when something was recorded in it. Below, a stronger "
            "colour means more. A break, shaded, is ten minutes or longer without a record of something you did: "
            "reading, talking and paper leave none."
        )
    )


def _draw_pictures(screenshots: list[Screenshot], zone: Zone) -> None:
    if not screenshots:
        return
    st.header(t("Screenshots"), anchor=False)
    shown = spread(screenshots[::-1], THUMBNAILS)
    if len(shown) < len(screenshots):
        st.caption(
            t(
                "{shown} of {n}, spread over the day. All of them are in Captured.",
                shown=len(shown),
                n=len(screenshots),
            )
        )
    for first in range(0, len(shown), A_ROW):
        for column, screenshot in zip(st.columns(A_ROW), shown[first : first + A_ROW], strict=False):
            with column:
                draw_picture(screenshot, f"{zone.local(screenshot.captured_at):%H:%M:%S}")


def spread(screenshots: list[Screenshot], most: int) -> list[Screenshot]:
    """At most so many of them, evenly spaced, with the first and the last."""
    if len(screenshots) <= most:
        return screenshots
    return [screenshots[round(place * (len(screenshots) - 1) / (most - 1))] for place in range(most)]


def _draw_heat(chosen: Day) -> None:
    st.header(t("Where your pointer was"), anchor=False)
    if chosen.squares.empty:
        st.caption(t("No pointer positions are recorded on this day."))
        return
    sentence = heat_sentence(chosen.squares)
    st.write(sentence)
    draw_chart(heat(chosen.squares), sentence, lambda: heat_table(chosen.squares), name="heat")
