"""Looks through a person's records, newest first, until a page of results is full or its time is used up.

1. Take the next records before a position, by whole quarters of an hour of the rollup: few at first, then more.
2. Read them in one snapshot, sealed, and end it: erasures don't wait for what follows.
3. Decrypt a few hundred, fold them together, and leave them if a word is in none of them. Otherwise look at each.

The cursor is the position of the last record that was looked at. Several searches in one process take turns, part by
part.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Semaphore
from typing import Any
from uuid import UUID

import orjson
import pyarrow as pa
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from directory.sealing import Content
from errors import NotValid
from lake.rules.scope import Scope
from queries import overview, slices
from queries.connection import answering
from queries.loader import ask
from queries.records import Cursor, Opener, Record, position_of, read_cursor, scope_parameters
from queries.search.words import Place, Query, fold

SECONDS = 2.0
"""How long one call looks."""
MAX_LIMIT = 100
FIRST_ROWS = 4_000
MOST_ROWS = 100_000
GROWTH = 5
TOGETHER = 256
"""Records that are folded together."""
MICROSECOND = timedelta(microseconds=1)

_turns = Semaphore(2)


class NoSuchValue(NotValid, ValueError):
    """A filter names what the person has no records of."""


@dataclass(frozen=True)
class Filters:
    """Which records are looked at. `masked`: only those in which something was masked before storage, or only the
    others."""

    scope: Scope = field(default_factory=Scope)
    masked: bool | None = None
    session: UUID | None = None


@dataclass(frozen=True)
class Hit:
    """A record that was found, and where its words are."""

    record: Record
    places: list[Place]


@dataclass(frozen=True)
class Found:
    """A page of results, newest first. `next` is None when everything was looked at."""

    hits: list[Hit]
    next: Cursor | None
    searched: int
    """Records that were looked at, since the first page."""
    total: int
    """Records that the scope has."""
    back_to: datetime | None
    """Everything since then was looked at. Naive UTC; None: everything was."""


def search(
    subject: Subject,
    query: Query,
    filters: Filters,
    after: Cursor | None = None,
    limit: int = 20,
    seconds: float | None = None,
) -> Found:
    """Raises InvalidCursor, NoSuchValue, LakeUnavailable, and ValueError for a limit out of 1 to 100."""
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"The limit must be 1 to {MAX_LIMIT}.")
    until = time.monotonic() + (SECONDS if seconds is None else seconds)
    before = None if after is None else read_cursor(after)
    filters, total = answering(lambda cursor: _checked(cursor, subject, filters), subject.key)
    opener, needed = Opener(subject), query.in_sealed_form
    hits: list[Hit] = []
    rows = FIRST_ROWS if before is None else MOST_ROWS
    while (part := _read(subject, filters, before, rows)) is not None:
        for group, at in _groups(part.table):
            with _turns:
                found = _hits(group, opener, query, needed, limit - len(hits))
            hits += found
            if len(hits) == limit:
                last = hits[-1].record
                return _so_far(subject, filters, hits, (last.captured_at, last.capture_id), total)
            before = at
            if time.monotonic() > until:
                return _so_far(subject, filters, hits, before, total)
        before = part.ends_before
        rows = min(rows * GROWTH, MOST_ROWS)
        if before is None:
            break
        if time.monotonic() > until:
            return _so_far(subject, filters, hits, before, total)
    return Found(hits, None, total, total, None)


@dataclass(frozen=True)
class _Part:
    """Records in order, newest first, and where the next part begins; None: nowhere."""

    table: pa.Table
    ends_before: tuple[datetime, UUID] | None


def _checked(cursor: DuckDBPyConnection, subject: Subject, filters: Filters) -> tuple[Filters, int]:
    """The filters, narrowed to the time of the session, and how many records their scope has. Raises NoSuchValue."""
    scope = filters.scope
    if scope.applications:
        known = set(slices.visible_of(slices.pieces(cursor, subject))["application"].to_pylist())
        for application in scope.applications:
            if application not in known:
                raise _no_such("scope/applications", f"You have no records of {application}.", known)
    if filters.session is not None:
        [(first_at, last_at)] = ask(cursor, subject, "session_times", session=filters.session).fetchall()
        if first_at is None:
            raise NoSuchValue("You have no records of this session.", "session", "is not a session of your records")
        scope = replace(
            scope,
            from_at=max(first_at, scope.from_at or first_at),
            until_at=min(last_at + MICROSECOND, scope.until_at or datetime.max),  # noqa: DTZ901
        )
        filters = replace(filters, scope=scope)
    return filters, overview.count(cursor, subject, scope)


def _no_such(field: str, words: str, known: set[str]) -> NoSuchValue:
    offered = ", ".join(sorted(known)[:20]) or "none"
    return NoSuchValue(f"{words} Those that you have records of: {offered}.", field, "is not in your records")


def _read(subject: Subject, filters: Filters, before: tuple[datetime, UUID] | None, rows: int) -> _Part | None:
    """The next records before a position; None: there are none."""
    bounds = scope_parameters(filters.scope)
    if before is not None:
        # Of records of the same moment, those with a lower number follow.
        bounds["until_at"] = min(bounds["until_at"], before[0] + MICROSECOND)
    if bounds["from_at"] >= bounds["until_at"]:
        return None
    before_at, before_id = before or (None, None)

    def ask_for_them(cursor: DuckDBPyConnection) -> _Part:
        [(start,)] = ask(cursor, subject, "interval_before", **bounds, rows=rows).fetchall()
        from_at = bounds["from_at"] if start is None else max(start, bounds["from_at"])
        table = ask(
            cursor,
            subject,
            "search",
            **(bounds | {"from_at": from_at}),
            before_at=before_at,
            before_id=before_id,
            masked=filters.masked,
            session=filters.session,
            limit=MOST_ROWS,
        ).to_arrow_table()
        if table.num_rows == MOST_ROWS:
            return _Part(table, _position(table, -1))
        return _Part(table, None if from_at == bounds["from_at"] else (from_at, UUID(int=0)))

    return answering(ask_for_them, subject.key)


def _groups(table: pa.Table) -> Iterator[tuple[pa.Table, tuple[datetime, UUID]]]:
    """A few hundred rows at a time, and the position of the last."""
    for start in range(0, table.num_rows, TOGETHER):
        group = table.slice(start, TOGETHER)
        yield group, _position(group, -1)


def _position(table: pa.Table, row: int) -> tuple[datetime, UUID]:
    row %= table.num_rows
    return table["captured_at"][row].as_py(), UUID(table["capture_id"][row].as_py())


def _hits(group: pa.Table, opener: Opener, query: Query, needed: tuple[str, ...], most: int) -> list[Hit]:
    plain = opener.open_all(group["id"].to_pylist(), group["sealed"].to_pylist())
    folded = fold(b"\n".join(plain).decode())
    if not all(piece in folded for piece in needed):
        return []
    hits = []
    for row, one in enumerate(plain):
        words = fold(one.decode())
        if not one or not all(piece in words for piece in needed):
            continue
        content: Content = orjson.loads(one)
        if places := query.places_in(content):
            hits.append(Hit(_record(group.slice(row, 1).to_pylist()[0], content), places))
            if len(hits) == most:
                break
    return hits


def _record(row: dict[str, Any], content: Content) -> Record:
    return Record(
        capture_id=UUID(row["capture_id"]),
        captured_at=row["captured_at"],
        signal=row["signal"],
        application=row["application"],
        x=row["x"],
        y=row["y"],
        session=UUID(row["session"]) if row["session"] else None,
        source=row["source"],
        policy=row["policy"],
        retained_until=row["retained_until"],
        redactions=dict(row["redactions"] or ()),
        content=content,
        unreadable=False,
    )


def _so_far(subject: Subject, filters: Filters, hits: list[Hit], position: tuple[datetime, UUID], total: int) -> Found:
    """What was found up to a position."""
    at = position[0]
    until_at = min(at, filters.scope.until_at or at)
    begun = filters.scope.from_at
    rest = replace(filters.scope, until_at=until_at)
    left = 0
    if begun is None or begun < until_at:
        left = answering(lambda cursor: overview.count(cursor, subject, rest), subject.key)
    return Found(hits, position_of(*position), max(0, total - left), total, at)
