"""Shows a person's own notes (rectifications) beside the captures they are about.

Notes are fetched at most once a minute and cached in this person's session only.
"""

from __future__ import annotations

import time
from itertools import islice

import streamlit as st

from api_client import every
from api_client.errors import GovernanceError, Unauthorized
from api_client.models import Note
from dashboard.language import t, tn
from dashboard.moments import Zone, moment_words
from dashboard.requests.story import scope_from
from dashboard.sign_in.identity import Visitor
from dashboard.wording import scope_words
from lake.rules.scope import Scope
from queries import Record

KEPT_SECONDS = 60.0
MOST = 500
"""How many of the newest notes are considered."""
_NOTES = "notes"


def draw_notes_of_selection(visitor: Visitor, scope: Scope) -> None:
    """The notes on any part of the selection, if there are any."""
    notes = _notes(visitor)
    if notes is None:
        st.caption(t("Your notes can't be reached right now. Nothing was lost. Try again in a minute."))
        return
    matching = [note for note in notes if scope_from(note.scope).overlaps(scope)]
    if not matching:
        return
    title = tn("Your note on some of these", "Your {n} notes on some of these", len(matching))
    with st.expander(title, icon=":material/sticky_note_2:", type="compact", key="notes"):
        for note in matching:
            _draw(note, visitor.zone)


def draw_notes_of_record(visitor: Visitor, record: Record) -> None:
    """The notes on one record."""
    for note in _notes(visitor) or ():
        if scope_from(note.scope).covers(record.signal, record.application, record.captured_at):
            _draw(note, visitor.zone)


def _draw(note: Note, zone: Zone) -> None:
    about = scope_words(scope_from(note.scope), zone)
    st.caption(t("Your note of {time}, on {about}", time=moment_words(note.since, zone), about=about))
    st.code(note.note, language=None, wrap_lines=True)


def _notes(visitor: Visitor) -> tuple[Note, ...] | None:
    """Newest first; None if they can't be fetched."""
    kept: tuple[float, tuple[Note, ...] | None] | None = st.session_state.get(_NOTES)
    if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
        kept = time.monotonic(), _fetch(visitor)
        st.session_state[_NOTES] = kept
    return kept[1]


def _fetch(visitor: Visitor) -> tuple[Note, ...] | None:
    try:
        with visitor.governance() as governance:
            return tuple(islice(every(governance.notes), MOST))
    except Unauthorized:
        raise
    except GovernanceError:
        return None
