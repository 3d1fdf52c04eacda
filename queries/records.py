"""The individual captures of a person, page by page, with their content.

Content is decrypted here, after the fetch, with the person's own key: the database never sees it. A page starts where
the previous one ended (captured_at, capture_id), so pages neither repeat nor skip a capture while others are stored or
removed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from directory.keys import KeyRing
from directory.sealing import Content, Sealer, Unreadable
from errors import NotValid
from lake.rules.scope import Scope
from lake.storage.objects import pictures
from queries.loader import ask, frame
from queries.slices.rows import bounds, microseconds, of_scope, rollup, times

MAX_LIMIT = 1000
INTERVAL = timedelta(minutes=15)
WIDER = 4
"""How many times as much a page reads if what it read was hidden by tombstones: it needs few rounds, whatever is
hidden."""
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (the lake's times are naive UTC)

Cursor = str
"""The position where a page ended: opaque, safe in a URL."""


Position = tuple[datetime, UUID]
"""When a record was captured (naive UTC), and its id."""


class InvalidCursor(NotValid, ValueError):
    """Not a cursor from an earlier page."""

    def __init__(self) -> None:
        super().__init__("This cursor is not valid.", "cursor", "is not a cursor; use `next` of the previous page")


@dataclass(frozen=True)
class Record:
    """One capture. `content` is None if it has no text, or if it is `unreadable`: the key is gone."""

    capture_id: UUID
    captured_at: datetime
    signal: str
    application: str
    x: int | None
    y: int | None
    session: UUID | None
    source: str
    policy: str
    retained_until: date
    redactions: dict[str, int]
    content: Content | None
    unreadable: bool


@dataclass(frozen=True)
class Screenshot:
    """A capture that has a picture."""

    capture_id: UUID
    captured_at: datetime
    application: str


@dataclass(frozen=True)
class Page:
    """Captures in order of captured_at, capture_id; `next` is None on the last page."""

    records: list[Record]
    next: Cursor | None


@dataclass(frozen=True)
class SealedPage:
    """A page as the lake has it: no text can be read."""

    rows: list[tuple[Any, ...]]
    more: bool

    def opened(self, subject: Subject) -> Page:
        """With the content, decrypted with the person's key."""
        page = _opened(self.rows, Opener(subject))
        return Page(page, write_cursor(page[-1]) if self.more else None)


class Opener:
    """Decrypts the content of one person; without a key everything sealed is unreadable."""

    def __init__(self, subject: Subject) -> None:
        ring = KeyRing()
        key = ring.content_key(subject.key, subject.reader)
        self._sealer = Sealer(key) if key else None

    def open(self, capture_id: UUID, sealed: bytes | None) -> tuple[Content | None, bool]:
        """The content, and whether it is unreadable."""
        if sealed is None:
            return None, False
        if self._sealer is None:
            return None, True
        try:
            return self._sealer.open(capture_id, bytes(sealed)), False
        except Unreadable:
            return None, True

    def open_all(self, ids: list[bytes], sealed: list[bytes]) -> list[bytes]:
        """The content of many as JSON; empty where it is unreadable."""
        return self._sealer.open_all(ids, sealed) if self._sealer else [b""] * len(ids)

    def open_picture(self, capture_id: UUID, sealed: bytes) -> bytes | None:
        try:
            return self._sealer.open_picture(capture_id, sealed) if self._sealer else None
        except Unreadable:
            return None


def sealed_page(
    cursor: DuckDBPyConnection, subject: Subject, scope: Scope, after: Cursor | None = None, limit: int = 100
) -> SealedPage:
    """Raises InvalidCursor, and ValueError for a limit out of 1 to 1000."""
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"The limit must be 1 to {MAX_LIMIT}.")
    parameters = {**scope_parameters(scope), "after": None}
    if after is not None:
        at, capture_id = read_cursor(after)
        if at >= parameters["from_at"]:
            parameters |= {"from_at": at, "after": capture_id}
    rows: list[tuple[Any, ...]] = []
    wanted = limit + 1
    while len(rows) <= limit and parameters["from_at"] < parameters["until_at"]:
        until_at = _end_of_next(cursor, subject, scope, parameters["from_at"], wanted)
        span = {**parameters, "until_at": until_at, "limit": limit + 1 - len(rows)}
        rows += ask(cursor, subject, "records", **span).fetchall()
        parameters |= {"from_at": until_at, "after": None}
        wanted *= WIDER
    return SealedPage(rows[:limit], more=len(rows) > limit)


def sealed_by_id(cursor: DuckDBPyConnection, subject: Subject, positions: tuple[Position, ...]) -> SealedPage:
    """Those of these records that are still there, newest first."""
    if not positions:
        return SealedPage([], more=False)
    times = [at for at, _ in positions]
    span = {"first_at": min(times), "last_at": max(times)}
    rows = ask(cursor, subject, "records_by_id", **span, ids=[capture_id for _, capture_id in positions]).fetchall()
    return SealedPage(rows, more=False)


def screenshots(cursor: DuckDBPyConnection, subject: Subject, scope: Scope, limit: int) -> list[Screenshot]:
    """The newest of the scope that have a picture."""
    rows = ask(cursor, subject, "screenshots", **scope_parameters(scope), limit=limit).fetchall()
    return [Screenshot(*row) for row in rows]


def has_picture(cursor: DuckDBPyConnection, subject: Subject, capture_id: UUID) -> bool:
    [(found,)] = ask(cursor, subject, "has_picture", capture_id=capture_id).fetchall()
    return bool(found)


def picture(subject: Subject, capture_id: UUID) -> bytes | None:
    """The picture of a capture of theirs, as WebP; None if it is missing or can't be opened with their key."""
    try:
        return Opener(subject).open_picture(capture_id, pictures.read(capture_id))
    except OSError:
        return None


def mouse_path(cursor: DuckDBPyConnection, subject: Subject, scope: Scope, limit: int = 20_000) -> pd.DataFrame:
    """DataFrame[captured_at, x, y, signal, session, application]: the first `limit` moves, clicks and scrolls of
    the scope in order of time; x and y in screen pixels."""
    return frame(cursor, subject, "mouse_path", **scope_parameters(scope), limit=limit)


def scope_parameters(scope: Scope) -> dict[str, Any]:
    """The scope as bound parameters (`bounds`)."""
    return scope.parameters() | bounds(scope)


def write_cursor(record: Record) -> Cursor:
    return position_of(record.captured_at, record.capture_id)


def position_of(at: datetime, capture_id: UUID) -> Cursor:
    """The cursor of a position between two records."""
    microseconds = (at - EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(microseconds.to_bytes(8, "big", signed=True) + capture_id.bytes).decode()


def read_cursor(cursor: Cursor) -> tuple[datetime, UUID]:
    """Raises InvalidCursor."""
    try:
        position = base64.b64decode(cursor, altchars=b"-_", validate=True)
        at = EPOCH + timedelta(microseconds=int.from_bytes(position[:8], "big", signed=True))
        return at, UUID(bytes=position[8:])
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidCursor from error


def _end_of_next(cursor: DuckDBPyConnection, subject: Subject, scope: Scope, from_at: datetime, rows: int) -> datetime:
    """The end of the quarter of an hour by which so many captures follow, so that a page reads only what holds it and
    not everything ever captured. Some of them may be hidden."""
    table = of_scope(rollup(cursor, subject, scope), scope)
    end = bounds(scope)["until_at"]
    starts = times(table["start"])
    following = np.flatnonzero(starts >= microseconds(from_at))
    following = following[np.argsort(starts[following])]
    reached = np.searchsorted(table["events"].to_numpy()[following].cumsum(), rows)
    if reached == len(following):
        return end
    start: datetime = table["start"][int(following[reached])].as_py()
    return min(start + INTERVAL, end)


def _opened(rows: Iterable[tuple[Any, ...]], opener: Opener) -> list[Record]:
    opened = []
    for *columns, redactions, sealed in rows:
        content, unreadable = opener.open(columns[0], sealed)
        record: tuple[Any, ...] = (*columns, redactions or {}, content, unreadable)
        opened.append(Record(*record))
    return opened
