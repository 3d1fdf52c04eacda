"""The records of a selection, a page at a time, and one of them in full.

Captured text appears in `st.dataframe` and `st.code` only, which show it literally.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import states
from dashboard.captured.notes_panel import draw_notes_of_record
from dashboard.language import t, tn
from dashboard.moments import Zone, day_words
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert, plain
from dashboard.wording import SIGNALS, redaction_words, signal_words
from lake.rules.scope import Scope
from languages import mark
from law import limits
from queries import Cursor, Record
from queries.records import Screenshot

PAGE_ROWS = 200
SUMMARY_CHARACTERS = 160
THUMBNAILS = 6
MOVES = "mouse_move"
SCROLLED = ("dx", "dy")
_PAGES = "captured_pages"
_REDRAWN = "captured_redrawn"

WHEN = mark("D MMM YYYY, HH:mm:ss")
"""A time, in the notation of Moment.js. Its names of months are English: other languages write numbers."""
FIELDS = {
    "text": mark("Text"),
    "message": mark("Message"),
    "subject": mark("Subject"),
    "change": mark("Change"),
    "spent": mark("Time spent"),
    "files": mark("Files"),
    "edited": mark("Edited at (UTC)"),
    "as_of": mark("As of (UTC)"),
    "author": mark("Written by"),
    "title": mark("Window or tab"),
    "url": mark("Address"),
    "element": mark("Element"),
    "action": mark("Action"),
    "button": mark("Mouse button"),
    "key": mark("Key"),
    "dx": mark("Scrolled sideways"),
    "dy": mark("Scrolled down"),
}


@st.fragment
def draw_records(scope: Scope, totals: dict[str, int], lake: Hashable) -> None:
    """Draws the table, its paging, and the selected record. Selecting and paging rerun this part only, unless the lake
    has changed since.

    `totals`: captures of the scope by signal, in the snapshot `lake`."""
    with states.guarded("records"):
        _draw(identity.visitor_of_a_part(), *_without_moves(scope, totals), lake)


def _draw(visitor: Visitor, scope: Scope, total: int, lake: Hashable) -> None:
    cursors = _cursors(scope)
    with visitor.at_once() as own:
        changed = own.lake != lake
        page = own.records(scope, after=cursors[-1], limit=PAGE_ROWS)
        screenshots = own.screenshots(scope, THUMBNAILS)
    if not changed:
        st.session_state.pop(_REDRAWN, None)
    elif not st.session_state.get(_REDRAWN):  # once: others may change the lake all the time
        st.session_state[_REDRAWN] = True
        st.rerun()
    first = (len(cursors) - 1) * PAGE_ROWS + 1
    chosen = st.dataframe(
        table_of(page.records, visitor.zone),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"records-{hash(scope)}-{first}",
        height=430,
        column_config={
            "captured_at": st.column_config.DatetimeColumn(
                t("When ({zone})", zone=visitor.zone.label), format=t(WHEN), width=160
            ),
            "application": st.column_config.TextColumn(t("Application"), width=85),
            "what": st.column_config.TextColumn(t("What"), width=120),
            "content": st.column_config.TextColumn(t("Content"), width=215),
            "removed": st.column_config.TextColumn(
                t("Removed"),
                width=190,
                help=t("Masked before storage. The original is not kept anywhere."),
            ),
        },
    )
    _pictures(screenshots, visitor.zone)
    _paging(scope, page.next, first, len(page.records), total)
    if chosen.selection.rows and chosen.selection.rows[0] < len(page.records):
        draw_in_full(page.records[chosen.selection.rows[0]], visitor)
    else:
        st.caption(t("Select a row to read it."))


def _without_moves(scope: Scope, totals: dict[str, int]) -> tuple[Scope, int]:
    """The scope that the table shows, and its size. Mouse movements can be hidden: they outnumber everything else."""
    total = sum(totals.values())
    moves = totals.get(MOVES, 0)
    if not 0 < moves < total:
        return scope, total
    words = tn(
        "Hide the {n} mouse movement (shown under Mouse paths)",
        "Hide the {n} mouse movements (shown under Mouse paths)",
        moves,
    )
    if not st.checkbox(words, value=True, key="captured_without_moves"):
        return scope, total
    others = tuple(signal for signal in SIGNALS if signal in totals and signal != MOVES)
    return replace(scope, signals=others), total - moves


def table_of(records: list[Record], zone: Zone) -> pd.DataFrame:
    """[captured_at (local), application, what, content, removed], one row per record."""
    return pd.DataFrame(
        {
            "captured_at": pd.to_datetime([zone.local(record.captured_at) for record in records]),
            "application": [plain(record.application, 60) for record in records],
            "what": [signal_words(record.signal) for record in records],
            "content": [content_line(record) for record in records],
            "removed": [redaction_words(record.redactions) for record in records],
        }
    )


def content_line(record: Record) -> str:
    """A record's content on one line."""
    content = record.content or {}
    said = [plain(content[field]) for field in FIELDS if content.get(field) and field not in SCROLLED]
    if content.get("dy") or content.get("dx"):
        said.append(plain(t("by {dx} sideways, {dy} down", dx=content.get("dx", "0"), dy=content.get("dy", "0"))))
    if has_picture(record):
        said.append(t("picture of {width} by {height} pixels", width=str(record.x), height=str(record.y)))
    elif record.x is not None and record.y is not None:
        said.append(t("at {x}, {y}", x=str(record.x), y=str(record.y)))
    return plain(" · ".join(said), SUMMARY_CHARACTERS)


def has_picture(record: Record) -> bool:
    """x and y of a screenshot are the width and height of its picture."""
    return record.signal == "screenshot" and record.x is not None and record.y is not None


def _pictures(screenshots: list[Screenshot], zone: Zone) -> None:
    """The newest screenshots of the selection, small; each opens large."""
    if screenshots:
        for column, screenshot in zip(st.columns(THUMBNAILS), screenshots, strict=False):
            with column:
                _picture(screenshot, f"{zone.local(screenshot.captured_at):%H:%M:%S}")


def _picture(record: Record | Screenshot, when: str) -> None:
    alt = t("Your screen in {application} at {time}", application=inert(record.application, 60), time=when)
    place = f"/picture/{record.capture_id}"
    st.markdown(f"[![{alt}]({place}?small)]({place})")
    st.caption(f"[{t('Open large: {time}', time=when)}]({place})")


def _cursors(scope: Scope) -> list[Cursor | None]:
    """The cursors of the pages up to the current one; another scope starts over."""
    kept: tuple[Scope, list[Cursor | None]] | None = st.session_state.get(_PAGES)
    if not kept or kept[0] != scope:
        kept = (scope, [None])
        st.session_state[_PAGES] = kept
    cursors: list[Cursor | None] = kept[1]
    return cursors


def _paging(scope: Scope, following: Cursor | None, first: int, rows: int, total: int) -> None:
    cursors = _cursors(scope)
    with st.container(horizontal=True, vertical_alignment="center"):
        last = first + rows - 1
        st.caption(t("{first} to {last} of {total}, oldest first", first=first, last=last, total=total))
        st.button(
            t("Earlier"),
            icon=":material/arrow_back:",
            disabled=len(cursors) == 1,
            on_click=_turn_to,
            args=(scope, cursors[:-1]),
        )
        st.button(
            t("Later"),
            icon=":material/arrow_forward:",
            disabled=following is None,
            on_click=_turn_to,
            args=(scope, [*cursors, following]),
        )


def _turn_to(scope: Scope, cursors: list[Cursor | None]) -> None:
    st.session_state[_PAGES] = (scope, cursors)


def draw_in_full(record: Record, visitor: Visitor) -> None:
    """All of one record."""
    zone = visitor.zone
    local = zone.local(record.captured_at)
    with st.container(border=True, key="record"):
        st.markdown(
            t(
                "**{application}, {what}**: {day} at {time} ({zone})",
                application=inert(record.application, 60),
                what=signal_words(record.signal),
                day=day_words(local.date()),
                time=f"{local:%H:%M:%S}.{local.microsecond // 1000:03}",
                zone=zone.label,
            )
        )
        for field, words in FIELDS.items():
            if text := (record.content or {}).get(field):
                st.caption(t(words))
                st.code(text, language=None, wrap_lines=True)
        if has_picture(record):
            _picture(record, t("{time} on {day}", time=f"{local:%H:%M:%S}", day=day_words(local.date())))
        elif record.x is not None and record.y is not None:
            st.caption(t("On the screen: {x} pixels from the left, {y} from the top.", x=record.x, y=record.y))
        if record.unreadable:
            st.caption(t("Its text can no longer be read: the key was destroyed."))
        elif not record.content and record.x is None:
            st.caption(t("This record has no text and no position."))
        if record.redactions:
            masked = t("Masked before storage: {what}.", what=inert(redaction_words(record.redactions)))
            st.info(f"{masked} {t(limits.MASKING)}", icon=":material/ink_eraser:")
        st.caption(
            t(
                "Recorded by {source} under the rule {policy}, kept until {day}. Record number {number}.",
                source=inert(record.source, 60),
                policy=inert(record.policy, 60),
                day=day_words(record.retained_until),
                number=str(record.capture_id),
            )
        )
        draw_notes_of_record(visitor, record)
