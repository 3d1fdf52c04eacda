"""Passwords typed key by key, where no field says so: recognised by what was typed before.

after Tab            a word of at least three of capitals, small letters, digits and signs, between Tab and the next
                     Tab, Enter or click
after a command      what follows a line in a terminal that asks for a password (`sudo …`, `su`, `ssh …`, `passwd`)
on a lock screen     every key, by the application's name
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from lake.connectors.records import Record
from lake.safeguards.keys import BACKSPACE, text_of

PAUSE = timedelta(seconds=60)
SHORTEST, LONGEST = 6, 64
LOCK_SCREEN = re.compile(
    r"lockapp|logonui|loginwindow|lock ?screen|screen ?saver|kscreenlocker|i3lock|swaylock|xscreensaver|light-?locker"
    r"|credential(?:ui|broker|dialog)|consent\.exe|pinentry|polkit|ssh-askpass|gcr-prompter|securityagent|keepass|1password",
    re.IGNORECASE,
)
ASKING = re.compile(
    r"(?:^|[;&|]\s*)(?:sudo(?!\s+-n)|su|ssh|scp|sftp|passwd|doas|pkexec|kinit|gpg|ssh-add|cryptsetup|openssl|htpasswd|runas"
    r"|login|docker login|mysql\b.*\s-p\b|psql|mongo\w*|ftp|telnet|smbclient|rsync|git (?:push|pull|clone|fetch)"
    r"|az login|ansible\S*\s.*(?:-K|--ask)\S*)(?:\s|$)",
    re.IGNORECASE,
)
CLASSES = (re.compile(r"[a-zà-ž]"), re.compile(r"[A-ZÀ-Þ]"), re.compile(r"\d"), re.compile(r"[^\w\s]"))
FEWEST_CLASSES = 3


@dataclass
class Hidden:
    """Indexes of the records of keys that type a password, and these passwords."""

    indexes: set[int] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)


@dataclass
class _Line:
    """Keys between two of Tab, Enter, a click or a pause. `before`: what ended the line before it, and its text."""

    before: str = ""
    said: str = ""
    indexes: list[int] = field(default_factory=list)
    characters: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.characters)


def password_keys(records: Sequence[Record], into_password: Callable[[Record], bool]) -> Hidden:
    """`into_password`: whether the field that the record's text goes into is known to take a password."""
    hidden = Hidden()
    order = sorted(
        (index for index, record in enumerate(records) if record.signal in ("keystroke", "mouse_click")),
        key=lambda index: (records[index].session, records[index].application, records[index].captured_at),
    )
    for _, group in groupby(order, key=lambda index: (records[index].session, records[index].application)):
        _of_application(records, list(group), into_password, hidden)
    return hidden


def _of_application(
    records: Sequence[Record], indexes: list[int], into_password: Callable[[Record], bool], hidden: Hidden
) -> None:
    locked = LOCK_SCREEN.search(records[indexes[0]].application) is not None
    presses = _kind_of_press(records[index] for index in indexes)
    line = _Line()
    last = records[indexes[0]].captured_at
    for index in indexes:
        record = records[index]
        if record.signal == "mouse_click" or record.captured_at - last > PAUSE:
            _finish(line, hidden, locked)
            line = _Line()
        last = record.captured_at
        key = record.content.get("key", "")
        if not key:
            continue
        known = into_password(record)
        if known:
            hidden.indexes.add(index)
        if record.content.get("action") not in presses:
            line.indexes.append(index)
            continue
        character = text_of(key)
        if character in ("\t", "\n"):
            _finish(line, hidden, locked or known)
            line = _Line(before=character, said=line.text)
            continue
        line.indexes.append(index)
        if key in BACKSPACE:
            del line.characters[-1:]
        elif character:
            line.characters.append(character)
    _finish(line, hidden, locked)


def _kind_of_press(records: Iterable[Record]) -> set[str | None]:
    """What `action` says when a key is pressed; a recording that has releases only is read by those."""
    actions = {record.content.get("action") for record in records if "key" in record.content}
    return actions - {"release"} or actions


def _finish(line: _Line, hidden: Hidden, known: bool) -> None:
    asked = line.before == "\n" and ASKING.search(line.said.strip()) is not None
    text = line.text
    if known or (asked and text and " " not in text) or (line.before == "\t" and _looks_like_one(text)):
        hidden.indexes.update(line.indexes)
        if text.strip():
            hidden.texts.add(text.strip())


def _looks_like_one(text: str) -> bool:
    if not SHORTEST <= len(text) <= LONGEST or " " in text:
        return False
    return sum(kind.search(text) is not None for kind in CLASSES) >= FEWEST_CLASSES
