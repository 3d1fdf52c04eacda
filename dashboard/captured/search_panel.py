"""Searches the records of a selection: a field, how far it came, and the results with their words marked.

Captured text appears escaped (`dashboard.text.markup`), and in full as in the list of records.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import streamlit as st

from dashboard import states
from dashboard.captured.found_text import excerpts
from dashboard.captured.records_panel import draw_in_full
from dashboard.captured.searching import MOST, Search, begin, current
from dashboard.language import t, tn
from dashboard.moments import moment_words
from dashboard.scopes.selection import choose_times
from dashboard.scopes.ticked import draw_ticked
from dashboard.sign_in import identity
from dashboard.sign_in.identity import SEARCH, SEARCHED_WORDS, Visitor
from dashboard.text import in_a_label, inert
from dashboard.wording import masked_words, scope_words, signal_words
from errors import NotValid
from lake.rules.scope import Scope
from languages import mark
from queries import Record
from queries.search import Filters, Place

AROUND = timedelta(minutes=30)
MASKED = {
    None: mark("All records"),
    True: mark("Only with something masked"),
    False: mark("Only with nothing masked"),
}
HOW = mark(
    "Finds records with all of these words, also within longer words. Case and accents don't matter. Put a phrase in "
    "quotation marks. What was masked before storage can't be found by what it was, and words that were recorded key "
    "by key can't be found as words."
)
NOT_KEPT = mark("Your words are not stored or logged, and are forgotten when you sign out.")
_REFUSED = "search_refused"
_OPEN = "search_open"
_MASKED = "searched_masked"


@st.fragment
def draw_search(scope: Scope) -> None:
    """Draws the field and, while there is a search, what it found. Only this part is run again by it."""
    with states.guarded("search"):
        visitor = identity.visitor_of_a_part()
        _field(scope)
        if refused := st.session_state.pop(_REFUSED, None):
            st.warning(inert(refused), icon=":material/search_off:")
        if (search := current()) is not None:
            if search.running:
                _run(search, visitor)
            _results(search, scope, visitor)


def _field(scope: Scope) -> None:
    with st.form("search", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            t("Search in your selection"),
            key=SEARCHED_WORDS,
            placeholder=t('Words, or "an exact phrase"'),
            help=f"{t(HOW)} {t(NOT_KEPT)}",
            autocomplete="off",
            icon=":material/search:",
            width="stretch",
        )
        st.selectbox(t("Masked"), list(MASKED), format_func=lambda masked: t(MASKED[masked]), key=_MASKED, width=250)
        st.form_submit_button(t("Search"), on_click=_begin, args=(scope,))


def _begin(scope: Scope, session: UUID | None = None) -> None:
    """Searches for the words in the field."""
    for name in [str(name) for name in st.session_state if str(name).startswith("tick-")]:
        del st.session_state[name]
    st.session_state[_OPEN] = None
    filters = Filters(scope, st.session_state.get(_MASKED), session)
    begin(str(st.session_state.get(SEARCHED_WORDS) or ""), filters, _refuse)


def _refuse(why: str) -> None:
    st.session_state[_REFUSED] = why


def _read(number: str | None) -> None:
    st.session_state[_OPEN] = number


def _run(search: Search, visitor: Visitor) -> None:
    """Looks until the search no longer runs, with progress. Stop, or any other click, ends a step early; the next run
    goes on where it was."""
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text=t("Searching…"))
        st.button(t("Stop"), icon=":material/stop_circle:", on_click=search.stop, key="search_stop")
    while search.running:
        try:
            search.step(identity.visitor_of_a_part().own)
        except NotValid as error:
            search.stop()
            search.ended = True
            st.warning(inert(str(error)), icon=":material/search_off:")
        found = tn("{n} result so far.", "{n} results so far.", len(search.found))
        bar.progress(_part(search), text=f"{_how_far(search, visitor)} {found}")
    place.empty()


def _part(search: Search) -> float:
    return min(1.0, search.searched / search.total) if search.total else 1.0


def _how_far(search: Search, visitor: Visitor) -> str:
    records = tn("{n} record", "{n} records", search.total)
    if search.back_to is None:
        return t("Searched {n} of {records}.", n=search.searched, records=records)
    return t(
        "Searched {n} of {records}, back to {time} ({zone}).",
        n=search.searched,
        records=records,
        time=moment_words(search.back_to, visitor.zone),
        zone=visitor.zone.label,
    )


def _results(search: Search, scope: Scope, visitor: Visitor) -> None:
    with visitor.at_once() as own:
        found = search.results(own)
    where = scope_words(search.filters.scope, visitor.zone)
    if search.filters.session:
        where = t("one session of work, {scope}", scope=where)
    results = tn("{n} result", "{n} results", len(found))
    words = inert(search.words, 200)
    st.markdown(t("**{results}** for “{words}” in {scope}.", results=results, words=words, scope=where))
    how_far = _how_far(search, visitor)
    st.caption(f"{how_far} {t('Newest first.')}" if found else how_far)
    if not found and search.ended:
        states.empty(
            t("Nothing found"),
            t(
                "None of these records has all of your words. Try fewer or shorter words, or a longer period. What was "
                "masked before storage can't be found by what it was, and words that were recorded key by key can't be "
                "found as words."
            ),
            icon=":material/search_off:",
        )
    ticked = [record for record, _ in found if st.session_state.get(f"tick-{record.capture_id}")]
    if found:
        draw_ticked(ticked, visitor, "search")
    for record, places in found:
        _result(record, places, search, scope, visitor)
    _go_on(search, scope)


def _result(record: Record, places: list[Place], search: Search, scope: Scope, visitor: Visitor) -> None:
    when = f"{moment_words(record.captured_at, visitor.zone)}:{record.captured_at:%S}"
    number = str(record.capture_id)
    with st.container(border=True, key=f"found-{number}"):
        label = f"{when} · {in_a_label(record.application, 60)}, {signal_words(record.signal)}"
        st.checkbox(label, key=f"tick-{number}")
        st.html(excerpts(record.content or {}, places))
        if record.redactions:
            st.caption(inert(masked_words(record.redactions), 300))
        is_open = st.session_state.get(_OPEN) == number
        local = visitor.zone.local(record.captured_at).replace(second=0, microsecond=0)
        around = local - AROUND, local + AROUND
        on_timeline = (scope.from_at, scope.until_at) == tuple(map(visitor.zone.utc, around))
        if on_timeline:
            st.success(t("The timeline shows the hour around this record."), icon=":material/timeline:")
        with st.container(horizontal=True):
            st.button(
                t("Close") if is_open else t("Read all of it"),
                type="tertiary",
                on_click=_read,
                args=(None if is_open else number,),
                key=f"read-{number}",
            )
            if st.button(t("Show on the timeline"), type="tertiary", disabled=on_timeline, key=f"show-{number}"):
                choose_times(*around)
                st.rerun()
            if record.session and search.filters.session is None:
                st.button(
                    t("Search in this session of work"),
                    type="tertiary",
                    on_click=_begin,
                    args=(search.filters.scope, record.session),
                    key=f"session-{number}",
                )
        if is_open:
            draw_in_full(record, visitor)


def _go_on(search: Search, scope: Scope) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if search.full and not search.ended:
            st.caption(t("The newest {n} results. Choose a shorter period or other words to see others.", n=MOST))
        elif not search.ended:
            st.button(t("Go on searching"), icon=":material/arrow_downward:", on_click=search.go_on, key="search_go_on")
        if scope != search.filters.scope:
            st.button(t("Search in what is selected now"), on_click=_begin, args=(scope,), key="search_again")
        st.button(t("End search"), type="tertiary", on_click=_end, key="search_end")


def _end() -> None:
    for name in (SEARCH, _OPEN):
        st.session_state.pop(name, None)
    st.session_state[SEARCHED_WORDS] = ""
