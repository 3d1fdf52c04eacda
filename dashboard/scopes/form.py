"""The scope of a request: everything, an earlier selection, or chosen applications, kinds and times.

An empty choice never means everything: a deletion would then remove far more than intended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import streamlit as st

from dashboard.language import t
from dashboard.scopes import addresses
from dashboard.scopes.choices import applications_of, signals_of
from dashboard.scopes.times import Times, begin_of_day, draw_times
from dashboard.sign_in.identity import Visitor
from dashboard.wording import SIGNALS, scope_words, signal_words
from lake.rules.scope import Scope
from languages import mark
from parts import PartUnavailable

HOW_MUCH = {
    "selection": mark("What I selected"),
    "everything": mark("Everything"),
    "some": mark("Only some of it"),
}
CHOICES: Mapping[str, Callable[[datetime], Times]] = {
    mark("Last 15 minutes"): lambda now: (now - timedelta(minutes=15), None),
    mark("Last hour"): lambda now: (now - timedelta(hours=1), None),
    mark("Today"): lambda now: (begin_of_day(now), None),
}


def choose_scope(visitor: Visitor, begun: Scope | None, key: str) -> Scope | None:
    """The chosen scope, or None with the reason on screen. `begun`: selected on another page."""
    selected = begun is not None and begun != Scope()
    options = [option for option in HOW_MUCH if selected or option != "selection"]
    how_much = st.radio(
        t("How much of it?"),
        options,
        format_func=lambda option: t(HOW_MUCH[option]),
        horizontal=True,
        key=f"how_much-{key}",
    )
    if how_much == "selection" and begun is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("This is {scope}.", scope=scope_words(begun, visitor.zone)), width="content")
            st.page_link(
                "views/captured.py",
                label=t("See these records"),
                icon=":material/arrow_back:",
                query_params=addresses.scope_query(begun),
            )
        return begun
    if how_much == "everything":
        return Scope()
    return _choose_some(visitor, key)


def _choose_some(visitor: Visitor, key: str) -> Scope | None:
    held_applications, held_signals = _held(visitor)
    applications_column, signals_column = st.columns(2)
    with applications_column:
        applications = st.multiselect(
            t("Applications"),
            held_applications or [],
            placeholder=t("All applications") if held_applications is not None else t("All, or type their names"),
            accept_new_options=held_applications is None,
            key=f"applications-{key}",
        )
    with signals_column:
        signals = st.multiselect(
            t("What"), held_signals, format_func=signal_words, placeholder=t("All kinds"), key=f"signals-{key}"
        )
    times = draw_times(CHOICES, (f"from-{key}", f"until-{key}"), visitor.zone)
    if not (applications or signals or times is None or any(times)):
        st.info(t("Choose at least one application, kind or time."), icon=":material/info:")
        return None
    return None if times is None else Scope(tuple(signals) or None, tuple(applications) or None, *times)


def _held(visitor: Visitor) -> tuple[list[str] | None, list[str]]:
    """The applications and signals with captures. None and all signals if that can't be read right now, so that a
    request can still be filed."""
    try:
        with visitor.at_once() as own:
            days = own.captures_per_day(visitor.zone.info)
    except PartUnavailable:
        return None, list(SIGNALS)
    return applications_of(days), signals_of(days)
