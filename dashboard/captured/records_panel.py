"""The records of a selection, a page at a time, and one of them in full.

Captured text appears in `st.dataframe`, `st.text` and `st.code` only, which show it literally. Narrow screens show
cards instead of the table, and others do so on request.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import states
from dashboard.captured.notes_panel import draw_notes_of_record
from dashboard.language import t, tn
from dashboard.moments import Zone, day_words, moment_words
from dashboard.scopes import addresses
from dashboard.scopes.addresses import Parts
from dashboard.scopes.ticked import draw_ticked
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import in_a_label, inert, plain
from dashboard.wording import SIGNALS, masked_words, redaction_words, signal_words
from lake.rules.scope import Scope
from languages import mark
from law import limits
from queries import Cursor, Own, Record
from queries.records import MAX_LIMIT, Screenshot, write_cursor

PAGE_ROWS = 200
SUMMARY_CHARACTERS = 160
SHOWN_ROWS = 10
"""More than these are scrolled."""
THUMBNAILS = 6
MOVES = "mouse_move"
SCROLLED = ("dx", "dy")
MOST_PAGES = 250
"""Up to this page, an address leads to it: what is before has to be read."""
FIRST_CARDS = 10
MORE_CARDS = 40
WITHOUT_MOVES, PAGE, AS_CARDS = "captured_without_moves", "captured_page", "captured_as_cards"
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
    "dy": mark("Scrolled vertically"),
}


def page_parts() -> Parts:
    """What is chosen below the timeline, as parts of an address."""
    return {
        "moves": addresses.switch_part(WITHOUT_MOVES, mark("mouse movements"), usually=True, other="shown"),
        "as": addresses.switch_part(AS_CARDS, mark("cards"), usually=False, other="cards"),
        "page": addresses.page_part(PAGE, MOST_PAGES),
    }


def begin_pages() -> None:
    """An address was followed: its page is the one to show."""
    st.session_state.pop(_PAGES, None)


@st.fragment
def draw_records(scope: Scope, totals: dict[str, int], lake: Hashable, parts: Parts) -> None:
    """Draws the table, its paging, and the selected record. Selecting and paging rerun this part only, unless the lake
    has changed since.

    `totals`: captures of the scope by signal, in the snapshot `lake`."""
    with states.guarded("records"):
        _draw(identity.visitor_of_a_part(), *_without_moves(scope, totals), lake, parts)


def _draw(visitor: Visitor, scope: Scope, total: int, lake: Hashable, parts: Parts) -> None:
    with visitor.at_once() as own:
        changed = own.lake != lake
        cursors = _cursors(own, scope)
        page = own.records(scope, after=cursors[-1], limit=PAGE_ROWS)
        screenshots = own.screenshots(scope, THUMBNAILS)
    if not changed:
        st.session_state.pop(_REDRAWN, None)
    elif not st.session_state.get(_REDRAWN):  # once: others may change the lake all the time
        st.session_state[_REDRAWN] = True
        st.rerun()
    first = (len(cursors) - 1) * PAGE_ROWS + 1
    key = f"{hash(scope)}-{first}"
    with st.container(key="wide_switch"):
        as_cards = st.toggle(t("Show as cards"), key=AS_CARDS)
    addresses.keep(parts, only=("moves", "as", "page"))
    ticked: list[Record] = []
    if not as_cards:
        with st.container(key="wide_records"):
            ticked = _table(page.records, visitor.zone, key)
            if len(ticked) == 1:
                draw_in_full(ticked[0], visitor)
            elif not ticked:
                st.caption(t("Tick a row to read it. Tick several to ask for a request about them."))
    with st.container(key="cards" if as_cards else "narrow_cards"):
        ticked += _cards(page.records, visitor, key, read=not ticked)
    draw_ticked(ticked, visitor, "records")
    _pictures(screenshots, visitor.zone)
    _paging(scope, cursors, page.next, first, len(page.records), total)


def _table(records: list[Record], zone: Zone, key: str) -> list[Record]:
    """All of a page, for wide screens. Returns the ticked ones."""
    chosen = st.dataframe(
        table_of(records, zone),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"records-{key}",
        height=430 if len(records) > SHOWN_ROWS else "auto",
        column_config={
            "captured_at": st.column_config.DatetimeColumn(
                t("When ({zone})", zone=zone.label), format=t(WHEN), width=190
            ),
            "application": st.column_config.TextColumn(t("Application"), width=85),
            "what": st.column_config.TextColumn(t("What"), width=150),
            "content": st.column_config.TextColumn(t("Content"), width=205),
            "removed": st.column_config.TextColumn(
                t("Removed"),
                width=145,
                help=t("Masked. The original is not kept in this register."),
            ),
        },
    )
    return [records[row] for row in chosen.selection.rows if row < len(records)]


def _cards(records: list[Record], visitor: Visitor, key: str, *, read: bool) -> list[Record]:
    """The page as cards, content first: narrow screens show only these. Returns the ticked ones; `read`: the only one
    is shown in full."""
    more = f"more-cards-{key}"
    shown = records[: st.session_state.get(more, FIRST_CARDS)]
    ticked = [record for record in shown if st.session_state.get(f"card-{record.capture_id}")]
    for record in shown:
        with st.container(border=True, gap="xsmall", key=f"of-{record.capture_id}"):
            st.text(content_line(record) or t("No text"))
            if record.redactions:
                st.caption(inert(masked_words(record.redactions), 300))
            when = f"{moment_words(record.captured_at, visitor.zone)}:{record.captured_at:%S}"
            st.checkbox(
                f"{when} · {in_a_label(record.application, 60)}, {signal_words(record.signal)}",
                key=f"card-{record.capture_id}",
            )
            if read and ticked == [record]:
                draw_in_full(record, visitor)
    if left := len(records) - len(shown):
        st.button(
            tn("Show {n} more", "Show {n} more", min(left, MORE_CARDS)),
            on_click=_show_more,
            args=(more, len(shown) + MORE_CARDS),
            key=f"button-{more}",
        )
    return ticked


def _show_more(name: str, cards: int) -> None:
    st.session_state[name] = cards


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
    st.session_state.setdefault(WITHOUT_MOVES, True)
    if not st.checkbox(words, key=WITHOUT_MOVES):
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
        said.append(plain(t("by {dx} sideways, {dy} vertically", dx=content.get("dx", "0"), dy=content.get("dy", "0"))))
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
                draw_picture(screenshot, f"{zone.local(screenshot.captured_at):%H:%M:%S}")


def draw_picture(record: Record | Screenshot, when: str) -> None:
    """Small; it opens large. `when`: its time in words."""
    alt = t("Your screen in {application} at {time}", application=inert(record.application, 60), time=when)
    place = f"/picture/{record.capture_id}"
    st.markdown(f"[![{alt}]({place}?small)]({place})")
    st.caption(f"[{t('Open large: {time}', time=when)}]({place})")


def _cursors(own: Own, scope: Scope) -> list[Cursor | None]:
    """The cursors of the pages up to the current one; another scope starts over. An address may lead to a page of which
    the cursor isn't known: then those before are found, up to the last page that there is."""
    kept: tuple[Scope, list[Cursor | None]] | None = st.session_state.get(_PAGES)
    cursors: list[Cursor | None] = kept[1] if kept and kept[0] == scope else [None]
    wanted = int(st.session_state.get(PAGE) or 1) if kept is None else len(cursors)
    while len(cursors) < wanted:
        ahead = own.records(scope, after=cursors[-1], limit=MAX_LIMIT)
        ends = [write_cursor(record) for record in ahead.records[PAGE_ROWS - 1 :: PAGE_ROWS]]
        if ahead.next is None and len(ahead.records) % PAGE_ROWS == 0:
            ends = ends[:-1]  # nothing follows the last page
        cursors = [*cursors, *ends][:wanted]
        if ahead.next is None:
            break
    _turn_to(scope, cursors)
    return cursors


def _paging(
    scope: Scope, cursors: list[Cursor | None], following: Cursor | None, first: int, rows: int, total: int
) -> None:
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
    st.session_state[PAGE] = len(cursors)


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
            draw_picture(record, t("{time} on {day}", time=f"{local:%H:%M:%S}", day=day_words(local.date())))
        elif record.x is not None and record.y is not None:
            st.caption(t("On the screen: {x} pixels from the left, {y} from the top.", x=record.x, y=record.y))
        if record.unreadable:
            st.caption(t("Its text can no longer be read: the key was destroyed."))
        elif not record.content and record.x is None:
            st.caption(t("This record has no text and no position."))
        if record.redactions:
            st.info(f"{inert(masked_words(record.redactions), 300)} {t(limits.MASKING)}", icon=":material/ink_eraser:")
        st.caption(
            t(
                "Recorded by {source} under the policy {policy}, kept until {day}. Record number {number}.",
                source=inert(record.source, 60),
                policy=inert(record.policy, 60),
                day=day_words(record.retained_until),
                number=str(record.capture_id),
            )
        )
        draw_notes_of_record(visitor, record)
