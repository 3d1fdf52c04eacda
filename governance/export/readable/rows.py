"""One record as a row of a page. Everything captured is escaped and kept apart from the text around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from html import escape
from uuid import UUID

from governance.export.readable.templates import word
from lake.safeguards import ON_REQUEST, masked
from languages import mark
from languages.saying import current, t

KINDS = {
    "keystroke": mark("Typed text"),
    "clipboard": mark("Copied and pasted"),
    "form_edit": mark("Entered into forms and cells"),
    "dropdown": mark("Choices in lists"),
    "message": mark("Chat messages"),
    "ticket": mark("Tickets"),
    "screenshot": mark("Pictures of the screen"),
    "navigation": mark("Pages opened"),
    "window_focus": mark("Windows in front"),
    "mouse_click": mark("Clicks"),
    "afk": mark("At the computer or away"),
    "mouse_move": mark("Positions of the mouse pointer"),
    "scroll": mark("Scrolling"),
}
"""The kinds of records, in the order in which people look for them."""

SUMMARISED = frozenset({"mouse_move", "scroll"})
"""Kinds that are only counted on pages: hundreds a minute, and no words."""

_ONE = {
    "keystroke": mark("Typed"),
    "clipboard": mark("Copied or pasted"),
    "form_edit": mark("Entered"),
    "dropdown": mark("Chosen in a list"),
    "message": mark("Chat message"),
    "ticket": mark("Ticket"),
    "screenshot": mark("Picture of the screen"),
    "navigation": mark("Page opened"),
    "window_focus": mark("Window in front"),
    "mouse_click": mark("Click"),
    "afk": mark("At the computer or away"),
}
_WORDS = ("text", "message")
_LABELS = {
    "url": mark("Address:"),
    "element": mark("On:"),
    "author": mark("By:"),
    "quoted": mark("Quoted:"),
    "quoted_author": mark("Quoted from:"),
    "title": mark("Title:"),
    "action": mark("Action:"),
    "button": mark("Button:"),
    "key": mark("Key:"),
}
"""Fields of the content. Others have no limit, and are called as they are."""
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""They change the direction of what follows, which can make text look like another."""
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), *_TURNING], "\ufffd")
_PICTURE = re.compile(r'<a class="picture" href="\.\./pictures/([0-9a-f-]{36})\.webp">.*?</a>', re.DOTALL)


class Rows:
    """Writes rows in the language of the block `speaking` in which it is made; texts are translated once."""

    def __init__(self) -> None:
        self._language = current()
        self._headings: dict[tuple[str, str], str] = {}
        self._labels = {name: _text(t(label)) for name, label in _LABELS.items()}
        self._unreadable = f'<p class="soft">{_text(t("Its text can no longer be opened."))}</p>'

    def row(
        self,
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
        said = [self._heading(signal, application)]
        if content:
            said += [f'<p class="words"><bdi>{_text(content[name])}</bdi></p>' for name in _WORDS if content.get(name)]
            more = [
                f"{self._label(name)} <bdi>{_text(text)}</bdi>"
                for name, text in content.items()
                if text and name not in _WORDS
            ]
            if more:
                said.append(f'<p class="more">{"<br>".join(more)}</p>')
        if unreadable:
            said.append(self._unreadable)
        if redactions:
            said += [f'<p class="soft">{_text(hidden)}</p>' for hidden in self._hidden(redactions)]
        time = f"{local:%H:%M:%S}"
        if pictured:
            alt = self._language.t(
                "Your screen in {application} at {time}; opens the picture", application=application, time=time
            )
            said.append(
                f'<a class="picture" href="../pictures/{capture_id}.webp"><img loading="lazy" '
                f'src="../pictures/{capture_id}.webp" alt="{_text(alt)}"></a>'
            )
        return f'<tr><th scope="row">{time}</th><td>{"".join(said)}</td></tr>\n'

    def _hidden(self, redactions: Mapping[str, int]) -> Iterator[str]:
        """What was masked, and when."""
        before = {kind: number for kind, number in redactions.items() if kind != ON_REQUEST}
        if before:
            yield self._language.t("Hidden before storage: {what}", what=masked(before, self._language.tn))
        if names := redactions.get(ON_REQUEST):
            what = masked({ON_REQUEST: names}, self._language.tn)
            yield self._language.t("Hidden later, because somebody asked for it: {what}", what=what)

    def _heading(self, signal: str, application: str) -> str:
        if (found := self._headings.get((signal, application))) is None:
            what = word(_ONE, signal)
            words = _text(self._language.t("{what} in {application}", what=what, application=application))
            found = self._headings[signal, application] = f'<p class="kind">{words}</p>'
        return found

    def _label(self, name: str) -> str:
        if (found := self._labels.get(name)) is None:
            found = f"{_text(name.replace('_', ' ').capitalize())}:"
        return found


def without_pictures(rows: str, missing: Callable[[UUID], bool]) -> str:
    """The rows, with words in place of each picture that is missing."""
    words = f'<p class="soft">{_text(t("The picture is missing."))}</p>'
    return _PICTURE.sub(lambda found: words if missing(UUID(found[1])) else found[0], rows)


def _text(text: str) -> str:
    return escape(text.translate(_CONTROLS))
