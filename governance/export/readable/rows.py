"""One record as a row of a page. Everything captured is escaped and kept apart from the text around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from uuid import UUID

from lake.safeguards import counted

KINDS = {
    "keystroke": "Typed text",
    "clipboard": "Copied and pasted",
    "form_edit": "Entered into forms and cells",
    "dropdown": "Choices in lists",
    "message": "Chat messages",
    "ticket": "Tickets",
    "screenshot": "Pictures of the screen",
    "navigation": "Pages opened",
    "window_focus": "Windows in front",
    "mouse_click": "Clicks",
    "afk": "At the computer or away",
    "mouse_move": "Positions of the mouse pointer",
    "scroll": "Scrolling",
}
"""The kinds of records, in the order in which people look for them."""

SUMMARISED = frozenset({"mouse_move", "scroll"})
"""Kinds that are only counted on pages: hundreds a minute, and no words."""

_ONE = {
    "keystroke": "Typed",
    "clipboard": "Copied or pasted",
    "form_edit": "Entered",
    "dropdown": "Chosen in a list",
    "message": "Chat message",
    "ticket": "Ticket",
    "screenshot": "Picture of the screen",
    "navigation": "Page opened",
    "window_focus": "Window in front",
    "mouse_click": "Click",
    "afk": "At the computer or away",
}
_WORDS = ("text", "message")
_LABELS = {"url": "Address", "element": "On", "author": "By", "quoted_author": "Quoted from"}
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""They change the direction of what follows, which can make text look like another."""
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), *_TURNING], "\ufffd")
_PICTURE = re.compile(r'<a class="picture" href="\.\./pictures/([0-9a-f-]{36})\.webp">.*?</a>', re.DOTALL)


def row(
    capture_id: str,
    signal: str,
    application: str,
    local: datetime,
    content: Mapping[str, str] | None,
    redactions: Mapping[str, int],
    *,
    pictured: bool,
    unreadable: bool,
) -> str:
    """The row: time, then what it was and its words. A picture is linked as `../pictures/<capture_id>.webp`."""
    said = [f'<p class="kind">{_ONE.get(signal, _text(signal))} in {_text(application)}</p>']
    if content:
        said += [f'<p class="words"><bdi>{_text(content[name])}</bdi></p>' for name in _WORDS if content.get(name)]
        more = [
            f"{_label(name)}: <bdi>{_text(text)}</bdi>" for name, text in content.items() if text and name not in _WORDS
        ]
        if more:
            said.append(f'<p class="more">{"<br>".join(more)}</p>')
    if unreadable:
        said.append('<p class="soft">Its text can no longer be opened.</p>')
    if redactions:
        said.append(f'<p class="soft">Hidden before storage: {_text(counted(redactions))}</p>')
    if pictured:
        said.append(
            f'<a class="picture" href="../pictures/{capture_id}.webp"><img loading="lazy" '
            f'src="../pictures/{capture_id}.webp" alt="Your screen in {_text(application)} at {local:%H:%M:%S}; '
            'opens the picture"></a>'
        )
    return f'<tr><th scope="row">{local:%H:%M:%S}</th><td>{"".join(said)}</td></tr>\n'


def without_pictures(rows: str, missing: Callable[[UUID], bool]) -> str:
    """The rows, with words in place of each picture that is missing."""
    return _PICTURE.sub(
        lambda found: '<p class="soft">The picture is missing.</p>' if missing(UUID(found[1])) else found[0], rows
    )


def _text(text: str) -> str:
    return escape(text.translate(_CONTROLS))


def _label(name: str) -> str:
    return _LABELS.get(name) or _text(name.replace("_", " ").capitalize())
