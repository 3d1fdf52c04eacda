"""Reads the entries of one JSON file of an archive. Bytes that aren't text are replaced, and cost only their entry."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, cast

import ijson

from lake.connectors.lines import value_of
from lake.connectors.records import RECORD_LIMIT, TOO_LARGE, InvalidRecord, Quarantined

DEEPEST = 100
"""Real entries are nested some ten levels; a deeper one was made to exhaust whoever reads it."""


def entries(
    file: BinaryIO, name: str = "", places: Sequence[str] = ("item",)
) -> Iterator[tuple[int, Any] | Quarantined]:
    """(number from 1, value) of each value of a list, which is the whole file or at one of the other places; otherwise
    like `values_at`."""
    for found in values_at(file, places, name):
        yield found if isinstance(found, Quarantined) else found[1:]


def values_at(
    file: BinaryIO, prefixes: Sequence[str], name: str = "", limit: int = RECORD_LIMIT, *, several: bool = False
) -> Iterator[tuple[str, int, Any] | Quarantined]:
    """(prefix, number from 1, value) of each value at one of these places; Quarantined for one that is larger than
    `limit` bytes, and where the file stops being JSON. `name`: of the file, for quarantine.
    `several`: it may have several values one after the other."""
    number = 0
    tokens = ijson.parse(_as_text(file), multiple_values=several)
    try:
        for place, event, value in tokens:
            if place in prefixes and event not in ("end_map", "end_array"):
                entry = value_of(tokens, event, value, limit)
                number += 1
                if entry is TOO_LARGE:
                    yield Quarantined(number, f"larger than {limit >> 20} MB", file=name)
                elif is_too_deep(entry):
                    yield Quarantined(number, "nested too deep", file=name)
                else:
                    yield place, number, entry
    except (ijson.JSONError, UnicodeError, StopIteration):
        yield Quarantined(number + 1, "the file is not complete JSON from here on", file=name)


def beginning(file: BinaryIO, size: int) -> bytes:
    """Up to so many bytes of text in UTF-8 from where the file is, which stays there. Without a byte order mark."""
    start: bytes = cast(io.BufferedReader, file).peek(size)[:size]
    return start.removeprefix(codecs.BOM_UTF8)


def is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def an_object(value: Any) -> dict[str, Any]:
    """Raises InvalidRecord for anything else."""
    if isinstance(value, dict):
        return value
    raise InvalidRecord("not an object")


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none if it isn't one."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A string as it is; anything else counts as absent."""
    return value if isinstance(value, str) else ""


def _as_text(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Recoded(file)))


class _Recoded(io.RawIOBase):
    """A file as valid UTF-8 without a byte order mark."""

    def __init__(self, file: BinaryIO) -> None:
        self._start = file.read(2)
        found = "utf-16" if self._start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        self._file = file
        self._decoder = codecs.getincrementaldecoder(found)("replace")
        self._left = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left and not self._ended:
            part, self._start = self._start or self._file.read(1 << 16), b""
            self._ended = not part
            self._left = self._decoder.decode(part, final=self._ended).encode("utf-8", "replace")
        taken, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)
