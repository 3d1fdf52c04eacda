"""Secrets typed key by key: single keys are joined into the typed text, which is scanned as a whole.

Keys of one session and application form a run as long as no pause between them exceeds `PAUSE`. A run is read in its
state before each correction and at its end, so that a secret is found whether it was corrected, finished, or deleted
again. It is read with every key and once more without shortcuts (keys held together with Ctrl, Alt or Cmd). Every key
between the first and the last of a secret is masked, including corrected keys and key releases.

A field whose every change is recorded (4, 41, 411, …) is treated the same: if one text of the field is the beginning
of another, the secret is masked in both, as far as it goes.

Keys have the names that recorders use: pynput, X11, browsers, Windows key codes, without what they print around them
(`key_name`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from lake.safeguards.patterns import Finding

BACKSPACE = frozenset(("backspace", "Key.backspace", "Backspace", "BackSpace", "\b"))
SHORTCUT = frozenset(
    (
        *(
            f"{prefix}{name}"
            for prefix in ("", "Key.")
            for name in ("ctrl", "ctrl_l", "ctrl_r", "alt", "alt_l", "cmd", "cmd_l", "cmd_r", "Control", "Meta", "Alt")
        ),
        *("Control_L", "Control_R", "Alt_L", "Super_L", "Super_R", "Meta_L", "Meta_R"),
        *("ControlLeft", "ControlRight", "AltLeft", "MetaLeft", "MetaRight"),
    )
)
"""Not the right Alt, which types @ on many keyboards."""
NAMED = {
    "space": " ", "tab": "\t", "enter": "\n", "return": "\n", "minus": "-", "plus": "+", "add": "+", "period": ".",
    "dot": ".", "decimal": ".", "at": "@", "underscore": "_", "slash": "/", "subtract": "-", "spacebar": " ",
    "exclam": "!", "quotedbl": '"', "numbersign": "#", "dollar": "$", "percent": "%", "ampersand": "&",
    "apostrophe": "'",
    "parenleft": "(", "parenright": ")", "asterisk": "*", "multiply": "*", "divide": "/", "comma": ",", "colon": ":",
    "semicolon": ";", "less": "<", "equal": "=", "greater": ">", "question": "?", "bracketleft": "[", "backslash": "\\",
    "bracketright": "]", "asciicircum": "^", "grave": "`", "braceleft": "{", "bar": "|", "braceright": "}",
    "asciitilde": "~", "section": "§", "iso_left_tab": "\t",
}  # fmt: skip
NUMBERED = re.compile(r"(?:numpad|num|kp|digit|np)[ _-]?(\d)", re.IGNORECASE)
LETTERED = re.compile(r"key([a-z])", re.IGNORECASE)
CODE = re.compile(r"<(\d{1,6})>|\$?Unknown \((\d{1,6})\)\$?")
KEYPAD_0, KEYPAD_5 = 65456, 65437
"""X11's codes of the number pad: its digits from this on, and 5 when it is not locked, which pynput has no name for."""

PAUSE = timedelta(seconds=60)
TRAIL = timedelta(seconds=2)
"""How long after a secret a key release without its press may still belong to it."""

REACH = 400
"""The longest secret, in characters."""

Find = Callable[[str], list[Finding]]


class KeyOrClick(NamedTuple):
    """What was pressed, released or clicked. They are sorted by session, application, time and number."""

    session: str
    application: str
    at: datetime
    number: int
    """Its index among all records."""
    clicked: bool
    name: str | None
    """None: no key."""
    action: str | None
    into_password: bool
    """Whether it is a key in a field that takes a password."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key event of a run: its index among all records, and its effect."""

    index: int
    at: datetime
    name: str
    pressed: bool


def secret_keys(events: Iterable[KeyOrClick], finds: Mapping[str, Find]) -> dict[str, dict[int, str]]:
    """By the names of what scans the typed text: the kind of secret that each key belongs to, by index of the record;
    other keys are absent. The events are sorted."""
    found: dict[str, dict[int, str]] = {name: {} for name in finds}
    for run in _runs(events):
        for name, find in finds.items():
            for first, last, kind in _secrets(run, find):
                for index in _covered(run, first, last):
                    found[name].setdefault(index, kind)
    return found


def _runs(events: Iterable[KeyOrClick]) -> Iterator[list[Key]]:
    """Key events by session and application, in order of time, split at long pauses."""
    run: list[Key] = []
    place: tuple[str, str] | None = None
    for event in events:
        if event.name is None or event.clicked:
            continue
        here = event.session, event.application
        if run and (here != place or event.at - run[-1].at > PAUSE):
            yield run
            run = []
        place = here
        run.append(Key(event.number, event.at, event.name, event.action != "release"))
    if run:
        yield run


def _secrets(run: list[Key], find: Find) -> list[tuple[int, int, str]]:
    """(first, last, kind) of each secret; first and last are positions in the run."""
    secrets: list[tuple[int, int, str]] = []
    for typing in _readings(run):
        for text, places in _states(run, typing):
            secrets.extend((places[found.start], places[found.end - 1], found.kind) for found in find(text))
    return secrets


def _readings(run: list[Key]) -> list[list[int]]:
    """Positions of the keys that type: all of them and, if that differs, without shortcuts.

    A recording with key releases only is read by those.
    """
    pressed = any(key.pressed and text_of(key.name) for key in run)
    held: set[str] = set()
    every: list[int] = []
    plain: list[int] = []
    for place, key in enumerate(run):
        if key.name in SHORTCUT:
            (held.add if key.pressed else held.discard)(key.name)
        elif key.pressed == pressed:
            every.append(place)
            if not held:
                plain.append(place)
    return [every] if plain == every else [every, plain]


def _states(run: list[Key], typing: Iterable[int]) -> Iterator[tuple[str, list[int]]]:
    """The typed text before each correction and at the end, with the position of each character; only the part that
    wasn't in an earlier state, and `REACH` before it."""
    characters: list[tuple[str, int]] = []
    fresh = 0
    for place in typing:
        if run[place].name in BACKSPACE:
            if fresh < len(characters):
                yield _state(characters, fresh)
            del characters[-1:]
            fresh = len(characters)
        elif text := text_of(run[place].name):
            characters.append((text, place))
    if fresh < len(characters):
        yield _state(characters, fresh)


def _state(characters: list[tuple[str, int]], fresh: int) -> tuple[str, list[int]]:
    part = characters[max(fresh - REACH, 0) :]
    return "".join(character for character, _ in part), [place for _, place in part]


def _covered(run: list[Key], first: int, last: int) -> Iterator[int]:
    """Indexes of the records of the keys from position `first` to `last`, and of the releases that follow them."""
    held: set[str] = set()
    for key in run[first : last + 1]:
        (held.add if key.pressed else held.discard)(key.name.casefold())
        yield key.index
    pressed_after: set[str] = set()
    for key in run[last + 1 :]:
        soon = key.at - run[last].at <= TRAIL
        if not soon and not held:
            return
        name = key.name.casefold()
        if key.pressed:
            pressed_after.add(name)
        elif name in held or (soon and name not in pressed_after):
            held.discard(name)
            yield key.index


def is_one_text(text: str, other: str) -> bool:
    """Whether these may be two states of what was typed into a field."""
    return text != other and (other.startswith(text) or text.startswith(other))


def shared_fates(edits: Sequence[tuple[str, list[Finding]]]) -> list[list[Finding]]:
    """The findings of each state of one field, given as (text, its own findings) in order of time, including those
    it shares with its neighbours."""
    fates = [list(findings) for _, findings in edits]
    steps = list(pairwise(range(len(edits))))
    for source, target in [(after, before) for before, after in reversed(steps)] + steps:
        text, other = edits[target][0], edits[source][0]
        if fates[source] and is_one_text(text, other):
            fates[target].extend(
                Finding(found.start, min(found.end, len(text)), found.kind)
                for found in fates[source]
                if found.start < len(text)
            )
    return fates


def text_of(name: str) -> str:
    """The character that a key types, or "" for one that types nothing."""
    if len(name) == 1:
        return "\n" if name == "\r" else name if name >= " " or name in "\t\n" else ""
    plain = name.removeprefix("Key.").removeprefix("KP_").casefold()
    if plain in NAMED:
        return NAMED[plain]
    if len(plain) == 1:
        return plain
    for form in (NUMBERED, LETTERED):
        if match := form.fullmatch(plain):
            return match.group(1)
    if match := CODE.fullmatch(name):
        code = int(match.group(1) or match.group(2))
        if code == KEYPAD_5 or KEYPAD_0 <= code <= KEYPAD_0 + 9:
            return "5" if code == KEYPAD_5 else str(code - KEYPAD_0)
        if 96 <= code <= 105:  # the number pad
            return str(code - 96)
        return chr(code) if 48 <= code <= 90 else ""
    return ""
