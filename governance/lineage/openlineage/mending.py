"""Odd values that stop a JSON parser are marked in the body as it arrives, so that they cost only their own part of it.

    NaN, Infinity, 1e999          no number: `UNREADABLE` in their place
    whole numbers of any size     kept as they are, up to `LONGEST_NUMBER` digits; a longer one is `UNREADABLE`
    half of a surrogate pair      the text around it is `UNREADABLE`

What is marked is text that starts with a noncharacter of Unicode, which no producer sends.
"""

from __future__ import annotations

import math
import re
from typing import Any

LONGEST_NUMBER = 300
LONGEST_ESCAPE = 12
UNREADABLE_MARK, WHOLE_MARK = "\ufdd0", "\ufdd1"
_UNREADABLE, _WHOLE = UNREADABLE_MARK.encode(), WHOLE_MARK.encode()

_CHARACTERS = (
    rb'(?:[^"\\\xed]++|\xed[\x80-\x9f]|\\[^u]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}'
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*+"
)
_IN_TEXT = re.compile(_CHARACTERS, re.DOTALL)
_BETWEEN = re.compile(
    rb'(?:[^"0-9NI\-]++|"' + _CHARACTERS + rb'"|-?[0-9]{1,18}(?:\.[0-9]{1,300})?(?:[eE][+\-]?[0-9]{1,2})?'
    rb"(?![0-9.eE+\-])(?!\Z))*+",
    re.DOTALL,
)
_HALF = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\xed[\xa0-\xbf][\x80-\xbf]")
_ODD = re.compile(rb"-?Infinity|NaN|[\-0-9][0-9.eE+\-]*")
_JSON_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+\-]?[0-9]+)?")
_REST = re.compile(rb"[0-9.eE+\-]*")
_BEGUN = re.compile(rb"-?I[nfity]{0,6}|Na?|[\-0-9][0-9.eE+\-]*")


class Unreadable:
    """In place of a value that can't be read: no field accepts it."""


UNREADABLE = Unreadable()


def value_of(text: str) -> Any:
    """What a text of a mended body stands for."""
    if UNREADABLE_MARK in text:
        return UNREADABLE
    if not text.startswith(WHOLE_MARK):
        return text
    digits = text[1:]
    whole = len(digits) <= LONGEST_NUMBER and re.fullmatch(r"-?[0-9]+", digits, re.ASCII)
    return int(digits) if whole else UNREADABLE


class Mender:
    """`mended` gives as much of the body as is known by then; `rest` the end of it."""

    def __init__(self) -> None:
        self._held = b""
        self._in_text = False
        self._dropping = False
        """What is left of a number that is too long."""

    def mended(self, part: bytes) -> bytes:
        return self._mended(self._held + part, last=False)

    def rest(self) -> bytes:
        return self._mended(self._held, last=True)

    def _mended(self, data: bytes, *, last: bool) -> bytes:
        found: list[bytes] = []
        at = 0
        if self._dropping and data:
            at = _REST.match(data).end()  # type: ignore[union-attr]
            self._dropping = at == len(data)
        while at < len(data):
            ordinary = (_IN_TEXT if self._in_text else _BETWEEN).match(data, at)
            assert ordinary is not None
            found.append(ordinary[0])
            at = ordinary.end()
            if at == len(data):
                break
            after = (self._odd_text if self._in_text else self._odd_value)(data, at, found, last=last)
            if after is None:
                break
            at = after
        self._held = data[at:]
        return b"".join(found)

    def _odd_text(self, data: bytes, at: int, found: list[bytes], *, last: bool) -> int | None:
        """Within text: its end, half a character, or what the parser refuses. None: more must arrive first."""
        if data[at : at + 1] == b'"':
            self._in_text = False
            found.append(b'"')
            return at + 1
        if not last and len(data) - at < LONGEST_ESCAPE:
            return None
        half = _HALF.match(data, at)
        found.append(_UNREADABLE if half else data[at : at + 1])
        return half.end() if half else at + 1

    def _odd_value(self, data: bytes, at: int, found: list[bytes], *, last: bool) -> int | None:
        """Between texts: one that has not ended here, or a number. None: more must arrive first."""
        if data[at : at + 1] == b'"':
            self._in_text = True
            found.append(b'"')
            return at + 1
        begun = _BEGUN.match(data, at)
        if not last and begun is not None and begun.end() == len(data):
            if len(data) - at <= LONGEST_NUMBER:
                return None
            self._dropping = True
        odd = _ODD.match(data, at)
        found.append(_number(odd[0]) if odd else data[at : at + 1])
        return odd.end() if odd else at + 1


def _number(token: bytes) -> bytes:
    """A number as the parser takes it, or marked."""
    if len(token) > LONGEST_NUMBER or token[-1:] in b"Ny":
        return b'"' + _UNREADABLE + b'"'
    if re.fullmatch(rb"-?(?:0|[1-9][0-9]*)", token):
        return token if len(token) <= 18 else b'"' + _WHOLE + token + b'"'
    if not _JSON_NUMBER.fullmatch(token):
        return token  # the parser refuses it
    value = float(token)
    return repr(value).encode() if math.isfinite(value) else b'"' + _UNREADABLE + b'"'
