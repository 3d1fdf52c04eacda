"""Captured: choose applications, kinds and a period, narrow it on the timeline, read the records.

The choice, including the brush, is one scope, which can be used directly for a request.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

import pandas as pd
import streamlit as st

import clock
from dashboard import states, theme
from dashboard.captured.filters import choose_filters, filter_parts, only_day
from dashboard.captured.indirect_panel import draw_indirect
from dashboard.captured.notes_panel import draw_notes_of_selection
from dashboard.captured.pointer_panel import draw_pointer
from dashboard.captured.records_panel import begin_pages, draw_records, page_parts
from dashboard.captured.refused_panel import draw_refused
from dashboard.captured.search_panel import draw_search
from dashboard.captured.timeline import timeline_of
from dashboard.charts import activity
from dashboard.charts.drawing import draw_chart
from dashboard.language import current, t, tn
from dashboard.moments import Zone
from dashboard.scopes import addresses
from dashboard.scopes.addresses import Part, Parts
from dashboard.scopes.saved_views import draw_saved_views
from dashboard.scopes.selection import choose_times, open_request
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.wording import scope_words
from lake.rules.scope import Scope
from languages import mark
from law import limits
from queries import Own, Size

BRUSH = "period"
TAB = "captured_tab"
TYPED = "keystroke"
FILTERS = ("from", "until", "application", "kind")


def show(visitor: Visitor) -> None:
    st.title(t("What was captured"), anchor=False)
    answer, views = st.container(), st.container()
    with visitor.at_once() as own:
        selected = _select(own, visitor.zone)
        lake = own.lake
        refused, indirect = own.refused(), own.indirect()
    with views:
        draw_saved_views(visitor, "captured")
    if selected is None:
        draw_refused(refused)
        draw_indirect(indirect)
        return
    scope, totals, parts = selected
    total = sum(totals.values())
    with answer:
        theme.unseen_heading(t("Your selection"))
        _selection_bar(scope, totals, visitor)
        draw_notes_of_selection(visitor, scope)
    if not total:
        states.empty(
            t("Nothing in the time you marked"),
            t("Drag over a coloured part, or double-click to clear the selection."),
        )
        return
    theme.unseen_heading(t("Search"))
    draw_search(scope)
    records, pointer = st.tabs([t("Records"), t("Mouse paths")], on_change="rerun", key=TAB)
    addresses.keep(parts, only=("tab",))
    if records.open:
        with records:
            theme.unseen_heading(t("Records"))
            draw_records(scope, totals, lake, parts)
    if pointer.open:
        with pointer:
            theme.unseen_heading(t("Mouse paths"))
            draw_pointer(scope)
    draw_refused(refused)
    draw_indirect(indirect)


def _select(own: Own, zone: Zone) -> tuple[Scope, dict[str, int], Parts] | None:
    """Draws the filters and the timeline. Returns the chosen scope, its captures by signal, and the parts of the
    address; None: there is nothing to choose."""
    days = own.captures_per_day(zone.info)
    if days.empty:
        states.empty(
            t("This register has nothing about you"),
            f"{t('Records appear here once they are stored.')} {t(limits.REGISTER)}",
        )
        return None
    theme.unseen_heading(t("Filters and timeline"))
    parts = {**filter_parts(days, zone), "tab": _tab_part(), **page_parts()}
    if addresses.follow(parts):
        begin_pages()
    chosen = choose_filters(own, days, zone)
    addresses.keep(parts, only=FILTERS, restarts=("page",))
    addresses.draw_left_out()
    if chosen is None:
        return None
    bins = timeline_of(own, days, chosen, zone)
    if bins.empty:
        _say_nothing(days, zone)
        return None
    scope = _marked(chosen, bins, zone)
    counted = bins if scope == chosen else own.captures_per(scope, Size.DAY)
    totals = {str(signal): int(events) for signal, events in counted.groupby("signal")["events"].sum().items()}
    return scope, totals, parts


def _say_nothing(days: pd.DataFrame, zone: Zone) -> None:
    """Why there is nothing in the selection. Of one day: which day, as at a weekend, and the nearest with records."""
    day = only_day(zone)
    if day is None:
        states.empty(t("Nothing in this selection"), t("Choose a longer period, or more applications and kinds."))
        return
    states.empty(
        t("Nothing about you from {day}", day=current().full_day(day)),
        t("This register has nothing from that day: nothing was stored, or it was deleted since. This is no error."),
        icon=":material/event_available:",
    )
    with_records = sorted({moment.date() for moment in days["day"]})
    before = [each for each in with_records if each < day][-1:]
    after = [each for each in with_records if each > day][:1]
    with st.container(horizontal=True):
        for near in (*before, *after):
            begin = datetime.combine(near, time())
            st.button(
                t("Show {day}", day=current().full_day(near)),
                on_click=choose_times,
                args=(begin, begin + timedelta(days=1)),
                key=f"near-{near}",
            )


def _tab_part() -> Part:
    """Which tab is open: `paths`, or the records."""
    records, paths = t("Records"), t("Mouse paths")

    def read(values: list[str]) -> str:
        if values[-1] != "paths":
            raise ValueError
        return paths

    return Part(TAB, mark("tab"), read, lambda tab: ["paths"] if tab == paths else [], records)


def _marked(chosen: Scope, bins: pd.DataFrame, zone: Zone) -> Scope:
    """Draws the timeline. Returns the chosen scope, narrowed to the time marked on it."""
    state = draw_chart(
        partial(activity.timeline, bins, zone.label, brush=BRUSH),
        activity.timeline_sentence(bins, zone.label),
        lambda: activity.timeline_table(bins, zone.label),
        name="timeline",
        key=f"timeline-{hash(chosen)}",
        on_select="rerun",
    )
    marked = state.selection.get(BRUSH, {}).get("start")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            t("Within a row, a stronger colour means more. Drag to select a time, or set it above."),
            width="stretch",
        )
        if not marked or len(marked) != 2:
            return chosen
        from_at, until_at = sorted(clock.naive(datetime.fromtimestamp(mark / 1000, UTC)) for mark in marked)
        st.button(
            t("Zoom in"),
            icon=":material/zoom_in:",
            type="tertiary",
            on_click=choose_times,
            args=(_minute(from_at), _minute(until_at) + timedelta(minutes=1)),
        )
    return replace(chosen, from_at=zone.utc(from_at), until_at=zone.utc(until_at))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _selection_bar(scope: Scope, totals: dict[str, int], visitor: Visitor) -> None:
    total = sum(totals.values())
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="selection_bar"):
        st.markdown(
            tn(
                "**{n} record** in your selection: {scope}.",
                "**{n} records** in your selection: {scope}.",
                total,
                scope=scope_words(scope, visitor.zone),
            )
        )
        with st.container(horizontal=True, horizontal_alignment="right", width="content"):
            copy = st.button(t("Get a copy of these"), icon=":material/download:", disabled=not total)
            delete = st.button(t("Delete these…"), icon=":material/delete:", disabled=not total)
            delete_typed = 0 < totals.get(TYPED, 0) < total and st.button(
                t("Delete only the typed text…"), icon=":material/keyboard:"
            )
    if delete_typed:
        open_request("erasure", replace(scope, signals=(TYPED,)))
    if copy or delete:
        open_request("erasure" if delete else "export", scope)


show(identity.visitor())
