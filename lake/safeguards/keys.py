"""The character that a key types, by the names that recorders use (pynput, X11, browsers, Windows key codes)."""

from __future__ import annotations

import re

BACKSPACE = frozenset(("backspace", "Key.backspace", "Backspace", "BackSpace"))
SHORTCUT = frozenset(
    f"{prefix}{name}"
    for prefix in ("", "Key.")
    for name in ("ctrl", "ctrl_l", "ctrl_r", "alt", "alt_l", "cmd", "cmd_l", "cmd_r", "Control", "Meta", "Alt")
)  # not alt_gr, which types @ on many keyboards
NAMED = {
    "space": " ", "tab": "\t", "enter": "\n", "return": "\n", "minus": "-", "plus": "+", "add": "+", "period": ".",
    "dot": ".", "decimal": ".", "at": "@", "underscore": "_", "slash": "/", "subtract": "-", "spacebar": " ",
}  # fmt: skip
NUMBERED = re.compile(r"(?:numpad|num|kp|digit|np)[ _-]?(\d)", re.IGNORECASE)
LETTERED = re.compile(r"key([a-z])", re.IGNORECASE)
CODE = re.compile(r"<(\d{1,6})>|\$?Unknown \((\d{1,6})\)\$?")
KEYPAD_0, KEYPAD_5 = 65456, 65437
"""X11's codes of the number pad: its digits from this on, and 5 when it is not locked, which pynput has no name for."""


def text_of(name: str) -> str:
    """The character that a key types, or "" for one that types nothing."""
    if len(name) == 1:
        return "\n" if name == "\r" else name
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
