"""The interface of connectors: a connector turns one recording into records, and never stores anything.

A connector reads a location (a file, a folder or a URL) and yields one item per record of the source: a `Record`, a
`Quarantined` with the line and the reason why it can't be used, or a `LeftOut`. For a broken record it yields
`Quarantined` and continues; for a broken source it raises `InvalidSource`, at any point, and then nothing of it may be
stored. Reasons and messages never quote captured content.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import orjson

import clock
from directory.sealing import Content
from errors import OpenBookError

RECORD_LIMIT = 1 << 20
"""The largest source record in bytes; a larger one is quarantined."""

FILE_CONTENTS = "file_contents"
"""What a policy has to permit for the content of files that were sent (`lake.rules.notices.PERMITS`)."""
TOO_LARGE = "larger than 1 MB"
RELATIVE_BELOW = 1e8
"""Seconds: what is less counts from the start of a recording, as none lasts for three years."""
FARTHEST = 1e11
NEVER = 1e20
"""Seconds since 1970: what is more is in milliseconds, microseconds or nanoseconds, up to what no unit explains."""
UNKNOWN_APPLICATION = "Unknown"
"""Of records whose recorder doesn't say which application they belong to; a policy may list it."""
SIGNAL_OF = {
    "move": "mouse_move",
    "click": "mouse_click",
    "scroll": "scroll",
    "press": "keystroke",
    "release": "keystroke",
}
"""What the input events are that recorders built on pynput name so."""


class InvalidSource(OpenBookError, ValueError):
    """The source can't be read; nothing was changed. The message says what happened and what to do."""


class InvalidRecord(ValueError):
    """One record can't be used; the message is the reason, without captured content."""


@dataclass(frozen=True, slots=True)
class Window:
    """Where a window of an application is on a picture: left, top, right, bottom, in its pixels."""

    application: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a recording, and the windows on it that the recorder names. `read` gives its first bytes, as many as
    are asked for; it raises OSError."""

    read: Callable[[int], bytes]
    windows: tuple[Window, ...] = ()

    @classmethod
    def of_file(cls, path: Path, windows: tuple[Window, ...]) -> Picture:
        def read(most: int) -> bytes:
            with path.open("rb") as file:
                return file.read(most)

        return cls(read, windows)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a source. `captured_at` is naive UTC; `x` and `y` are screen pixels.

    `identity` is the digest of the source record in canonical form: equal for equal records, whichever file
    they are read from. `field` is what the source says about the field that text went into (type, name, label):
    the safeguards read it; it is never stored.
    """

    line: int
    captured_at: datetime
    signal: str
    application: str
    session: str
    identity: bytes
    content: Content
    x: int | None = None
    y: int | None = None
    field: str = ""
    picture: Picture | None = None
    part: str = ""
    """Which part of what has this session; empty: that itself. Each is edited and deleted on its own."""
    needs: str = ""
    """What its policy has to permit (`lake.rules.notices.PERMITS`)."""
    stored_session: bytes = b""
    """What the lake has in place of `session`, if that isn't known any more."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that can't be used. `line` is a line of the file, or the number of the event in its list; `identity`,
    `captured_at` and `application` as of a `Record`, if they are known. `file` says which file of several, by a name
    that holds no content."""

    line: int
    reason: str
    identity: bytes = b""
    file: str = ""
    captured_at: datetime | None = None
    application: str = ""

    @property
    def place(self) -> str:
        return f"record {self.line:,} of {self.file}" if self.file else f"record {self.line:,}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is in order but isn't stored, whatever the policies say: `what` (a kind, no content) of an
    application. It counts as outside the policies. `captured_at` and `identity` as of a `Record`, if they are known."""

    line: int
    application: str
    what: str
    captured_at: datetime | None = None
    identity: bytes = b""


@dataclass(frozen=True)
class Relative:
    """What connectors have in common whose times may count from the start of the recording: `start`, naive UTC, is
    when they were 0. The source doesn't say it, nor does the name or date of its file: the caller does."""

    start: datetime | None = None

    def time(self, value: object) -> datetime:
        """A time of the source as naive UTC: ISO 8601, a number or digits that count from 1970 in seconds or a smaller
        unit, or seconds from the start. Raises InvalidRecord, InvalidSource."""
        try:
            seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
        except ValueError:
            return moment(value)
        except OverflowError:
            seconds = math.nan
        if not 0 <= seconds < RELATIVE_BELOW:
            return since_1970(seconds)
        if self.start is None:
            raise InvalidSource(
                "The times of this recording count from its start, and it doesn't say when that was. Nothing was"
                " changed. Say it with --start, such as --start 2026-01-05T09:00:00+01:00, or in the column start of"
                " the manifest."
            )
        try:
            return self.start + timedelta(seconds=seconds)
        except OverflowError:
            raise InvalidRecord("the time can't be read") from None


class Connector(Protocol):
    """One source format. `copies`: two equal records of a source are copies of one."""

    name: str
    version: int
    copies: bool

    def read(self, location: str) -> Iterator[Record | Quarantined | LeftOut]:
        """Every record of the source. Raises InvalidSource."""
        ...


def identity(*values: Any) -> bytes:
    """The digest of a source record, given as JSON values and times. Raises InvalidRecord."""
    return digest_of(canonical(*values))


def canonical(*values: Any) -> bytes:
    """The same JSON for the same values. Raises InvalidRecord."""
    try:
        return orjson.dumps(values, default=_float, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise InvalidRecord("not plain JSON values") from error


def digest_of(canonical: bytes) -> bytes:
    return hashlib.blake2b(canonical, digest_size=16).digest()


def _float(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError


def moment(value: object) -> datetime:
    """An ISO 8601 time as naive UTC, in small letters, too; without a zone it is taken as UTC. Raises InvalidRecord."""
    try:
        parsed = datetime.fromisoformat(value.upper()) if isinstance(value, str) else None
        if parsed is not None:
            return clock.naive(parsed)
    except (ValueError, OverflowError):
        pass
    raise InvalidRecord("the time can't be read")


def since_1970(value: object) -> datetime:
    """A time as naive UTC that counts from 1970, in seconds or a smaller unit. Raises InvalidRecord."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not RELATIVE_BELOW <= value < NEVER:
        raise InvalidRecord("the time can't be read")
    while value >= FARTHEST:
        value /= 1000
    return clock.naive(datetime.fromtimestamp(value, UTC))


def pixel(value: object) -> int:
    """A screen coordinate. Raises InvalidRecord."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value and abs(value) < 2**31:
        return round(value)
    raise InvalidRecord("the position can't be read")


def pixel_of(text: str | None) -> int:
    """A screen coordinate that a text file has. Raises InvalidRecord."""
    try:
        return pixel(float(text or ""))
    except ValueError:
        raise InvalidRecord("the position can't be read") from None


def content_of(**fields: object) -> Content:
    """The non-empty fields, as storable text: lone surrogates are replaced."""
    return {name: storable(str(value)) for name, value in fields.items() if value is not None and value != ""}


def storable(text: str) -> str:
    """Without lone surrogates."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
