"""Erasing captures by request, in steps that are each safe to repeat.

    match               what a scope covers, and what a hold withholds; changes nothing
    write_tombstones    the captures are hidden, out of training, and can't be ingested again
    remove              deletes the rows, except held ones
    (purge)             `lake.storage.maintenance.purge`: no byte stays in files, catalog or write-ahead log
    verify_erased       counts how many are still found

Each step handles many requests at about the cost of one (`write_tombstones`, `remove_all`, `verify_erased`): most of
its work is done once for all of them.

While an erasure of everything is in progress, its tombstone has no end in time. So even if a clock was wrong, ours or
a recorder's, everything in the lake is erased and everything ingested meanwhile is refused. Once its receipt exists,
`close_tombstones` ends the tombstone, so that later captures can be stored; what a hold still withholds stays covered.

Any other scope ends at the latest when the request was received, plus `CLOCK_TOLERANCE`: a recorder's clock may be
that far ahead, so a capture that was in the lake by then may have a later time. Captures made in those five minutes
are covered, too: it is better to erase too much than to keep something that was to be erased. Later captures are not
covered. A hold in force beats an erasure; when it is lifted, `remove` of the same request takes the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

import duckdb
from duckdb import DuckDBPyConnection

import clock
from directory.keys import KeyRing
from lake.rules import indirect
from lake.rules.condensing import condense, condense_manifests
from lake.rules.removal import remove_captures
from lake.rules.scope import CLOCK_TOLERANCE, Scope
from lake.rules.withdrawals import Affected
from lake.statements import statement
from lake.storage.connection import parts, shards_of, transaction, wait_for_writers
from law.exceptions import LegalException


@dataclass(frozen=True)
class Part:
    """Captures of one application and signal. Days are UTC, both included."""

    application: str
    signal: str
    first_day: date
    last_day: date
    events: int


@dataclass(frozen=True)
class HeldBack:
    """Captures that a hold withholds. A capture under two holds counts for each."""

    hold: UUID
    case: str
    reason: str
    """What the exception means, in words."""
    exception: str
    """The article of the law."""
    review_on: date
    events: int


@dataclass(frozen=True)
class Matched:
    """What an erasure of a scope would do now."""

    events: int
    """Captures that would be erased: the sum over `by`, and over `days`."""
    by: tuple[Part, ...]
    days: tuple[tuple[date, int], ...]
    """Days of the zone that was asked for, and how many captures of each would be erased."""
    withheld: int
    """Captures in the scope that stay because of a hold, each counted once."""
    held: tuple[HeldBack, ...]


NOTHING = Matched(0, (), (), 0, ())
NO_END = datetime(9999, 12, 31)  # noqa: DTZ001 (naive UTC); catalogs have the column as not null
"""The end of the tombstone of an erasure of everything while its request is in progress."""
NO_REQUEST = UUID(int=0)
DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
"""A slice of the rollup is a quarter of an hour, and no zone's offset divides one."""


@dataclass(frozen=True)
class Asked:
    """A request for erasure. `received_at` is naive UTC."""

    request: UUID
    subject: UUID
    scope: Scope
    received_at: datetime
    ended_at: datetime | None = None
    """For everything only: when it was first completed. Work resumes when a hold is lifted."""
    despite_holds: bool = False
    """Only for a lake from a backup: everything had been erased once, so nothing held later can have been in it."""


@dataclass(frozen=True)
class Removed:
    """What a request erased, in all of its runs, and what is withheld now."""

    erased: int
    withheld: int
    held: tuple[HeldBack, ...]
    by: tuple[Part, ...]
    nothing_left: bool
    """Whether it covered everything, and no capture of the subject is left."""
    key_destroyed: bool = False
    """Whether there was a content key and this run destroyed it."""


def match(
    connection: DuckDBPyConnection, subject: UUID, scope: Scope, received_at: datetime, zone: tzinfo = UTC
) -> Matched:
    """What would be erased and what is withheld, by days of the zone. Changes nothing, works on a reader.
    `received_at` is naive UTC."""
    return _match(connection, subject, _parameters(subject, scope, _end(scope, received_at, None)), zone)


def _match(connection: DuckDBPyConnection, subject: UUID, parameters: dict[str, Any], zone: tzinfo = UTC) -> Matched:
    step = DAY if zone is UTC else QUARTER
    rows = connection.execute(statement("match_scope"), parameters | {"step": step}).fetchall()
    holds = connection.execute(statement("active_holds"), {"subject": subject}).fetchall()
    going = [
        (application, signal, start.replace(tzinfo=UTC).astimezone(zone).date(), events)
        for application, signal, held_by, start, events in rows
        if not held_by
    ]
    by = _parts(going)
    days: Counter[date] = Counter()
    for _, _, day, events in going:
        days[day] += events
    held = tuple(
        HeldBack(hold, case, law.words, law.article, review_on, events)
        for hold, case, law, review_on in (
            (hold, case, LegalException(code), review_on) for hold, case, code, review_on in holds
        )
        if (events := sum(row[-1] for row in rows if row[2] and hold in row[2]))
    )
    withheld = sum(row[-1] for row in rows if row[2])
    return Matched(sum(days.values()), by, tuple(sorted(days.items())), withheld, held)


def _parts(days: Iterable[tuple[str, str, date, int]]) -> tuple[Part, ...]:
    """One part per application and signal, from its days in order."""
    parts: dict[tuple[str, str], Part] = {}
    for application, signal, day, events in days:
        known = parts.get((application, signal), Part(application, signal, day, day, 0))
        parts[application, signal] = replace(known, last_day=day, events=known.events + events)
    return tuple(parts.values())


def write_tombstone(
    connection: DuckDBPyConnection, subject: UUID, scope: Scope, request_id: UUID, received_at: datetime
) -> None:
    """`write_tombstones` for one request."""
    write_tombstones(connection, [Asked(request_id, subject, scope, received_at)])


def remove(
    connection: DuckDBPyConnection, subject: UUID, scope: Scope, request_id: UUID, received_at: datetime
) -> Removed:
    """`remove_all` for one request, then destroys the content key if nothing is left."""
    removed = remove_all(connection, [Asked(request_id, subject, scope, received_at)])[request_id]
    if not removed.nothing_left:
        return removed
    keys = KeyRing()
    return replace(removed, key_destroyed=keys.destroy_content_key(subject))


def verify_absent(connection: DuckDBPyConnection, subject: UUID, scope: Scope, received_at: datetime) -> int:
    """`verify_erased` for one request."""
    return verify_erased(connection, [Asked(NO_REQUEST, subject, scope, received_at)])[NO_REQUEST]


def write_tombstones(connection: DuckDBPyConnection, group: Sequence[Asked]) -> None:
    """Write the tombstones of requests; a second call changes nothing."""
    with transaction(connection), _asked(connection, group):
        connection.execute(statement("write_tombstones"), {"now": clock.now_utc()})


def remove_all(connection: DuckDBPyConnection, group: Sequence[Asked]) -> dict[UUID, Removed]:
    """Delete what the scopes of requests cover, except what is held. A capture in two scopes counts for the earlier.

    A second call finds nothing more and returns the same. After an erasure of everything that leaves no capture
    of the subject, what batches, manifests and removals say about them is reduced to counts, too
    (`lake.rules.condensing`); the caller must destroy the content key.
    """
    subjects = {asked.subject for asked in group}
    everything = {asked.subject for asked in group if asked.scope.everything}
    nothing_left: set[UUID] = set()
    with _asked(connection, group):
        wait_for_writers(connection)
        concerned = indirect.shards_with_asked(connection) | shards_of(connection, subjects)
        for shard, here in parts(connection, subjects, concerned):
            with transaction(shard), nullcontext() if shard is connection else _asked(shard, group):
                remove_captures(shard, "leaving_by_requests", cause="erasure", people="people_leaving_by_requests")
                indirect.erase(shard)
                if here & everything:
                    left = {subject for (subject,) in shard.execute(statement("nothing_left")).fetchall()}
                    nothing_left |= left & here
        with transaction(connection):
            indirect.erase_mentions(connection)
            if nothing_left:
                condense_manifests(connection, nothing_left)
        for shard, _ in parts(connection, only=shards_of(connection, nothing_left)):
            with transaction(shard):
                condense(shard, nothing_left)
        with transaction(connection):
            by: dict[UUID, list[Part]] = {asked.request: [] for asked in group}
            for request, *part in connection.execute(statement("removed_by_requests")).fetchall():
                by[request].append(Part(*part))
            held = {subject for (subject,) in connection.execute(statement("subjects_held")).fetchall()}
            ends = dict(connection.execute(statement("ends_asked")).fetchall())
            return {
                asked.request: _removed(connection, asked, ends[asked.request], by[asked.request], held, nothing_left)
                for asked in group
            }


def verify_erased(connection: DuckDBPyConnection, group: Sequence[Asked]) -> dict[UUID, int]:
    """How many captures are found in each scope outside holds, directly or in the slices, also where they don't count
    because of a move: 0 once it is erased."""
    found: Counter[UUID] = Counter()
    for shard, _ in parts(connection, only=shards_of(connection, {asked.subject for asked in group})):
        with transaction(shard), _asked(shard, group):
            found.update(dict(shard.execute(statement("verify_absent")).fetchall()))
    return {asked.request: found[asked.request] for asked in group}


def datasets_affected(connection: DuckDBPyConnection, group: Sequence[Asked]) -> dict[UUID, Affected]:
    """For each request. A slice that a scope touches counts in full. Works on a reader."""
    rows: dict[UUID, list[tuple[UUID, int, datetime | None]]] = {asked.request: [] for asked in group}
    with _asked(connection, group):
        for request, *affected in connection.execute(statement("affected_by_requests")).fetchall():
            rows[request].append((affected[0], affected[1], affected[2]))
    return {request: Affected.of(of_request) for request, of_request in rows.items()}


def first_days(connection: DuckDBPyConnection, group: Sequence[Asked]) -> dict[UUID, datetime]:
    """The day of the first capture in the scope of each request that has any (naive UTC), also of one that was removed;
    in the year 1: unknown, because it was erased. Works on a reader."""
    with _asked(connection, group):
        return dict(connection.execute(statement("first_days_asked")).fetchall())


def close_tombstones(connection: DuckDBPyConnection, ended: Mapping[UUID, datetime]) -> None:
    """End the tombstones of erasures of everything: at the time (naive UTC) given for each request plus
    `CLOCK_TOLERANCE`, or after the last remaining capture, which a hold keeps. A second call changes nothing."""
    until_at = [at + CLOCK_TOLERANCE for at in ended.values()]
    parameters = {"requests": list(ended), "until_at": until_at, "no_end": NO_END}
    with transaction(connection):
        connection.execute(statement("close_tombstones"), parameters)


def open_tombstones(connection: DuckDBPyConnection) -> set[UUID]:
    """The requests whose tombstones have no end yet."""
    return {request for (request,) in connection.execute(statement("open_tombstones"), {"no_end": NO_END}).fetchall()}


def _removed(
    connection: DuckDBPyConnection,
    asked: Asked,
    until_at: datetime,
    by: list[Part],
    held: set[UUID],
    nothing_left: set[UUID],
) -> Removed:
    matched = NOTHING
    if asked.subject in held:
        matched = _match(connection, asked.subject, _parameters(asked.subject, asked.scope, until_at))
    return Removed(
        erased=sum(part.events for part in by),
        withheld=matched.withheld,
        held=matched.held,
        by=tuple(by),
        nothing_left=asked.scope.everything and asked.subject in nothing_left,
    )


@contextmanager
def _asked(connection: DuckDBPyConnection, group: Sequence[Asked]) -> Iterator[None]:
    """The requests as the temporary table `asked`, numbered from the earliest."""
    connection.execute(statement("start_asked"))
    try:
        in_order = sorted(group, key=lambda asked: (asked.received_at, asked.request))
        scopes = [asked.scope.parameters() for asked in in_order]
        columns = {
            "numbers": list(range(len(in_order))),
            "requests": [asked.request for asked in in_order],
            "subjects": [asked.subject for asked in in_order],
            **{name: [scope[name] for scope in scopes] for name in ("signals", "applications", "from_at")},
            "until_at": [_end(asked.scope, asked.received_at, asked.ended_at) for asked in in_order],
            "everything": [asked.scope.everything for asked in in_order],
            "despite_holds": [asked.despite_holds for asked in in_order],
        }
        connection.execute(statement("append_asked"), columns)
        if any(asked.scope.everything for asked in group):
            connection.execute(statement("end_asked_as_closed"), {"no_end": NO_END})
        yield
    except BaseException:
        with suppress(duckdb.Error):  # a transaction that failed takes the table with it
            connection.execute(statement("end_asked"))
        raise
    connection.execute(statement("end_asked"))


def _end(scope: Scope, received_at: datetime, ended_at: datetime | None) -> datetime:
    """The end of a scope; a closed tombstone of everything has a more exact one (`end_asked_as_closed`)."""
    if scope.everything:
        return NO_END if ended_at is None else ended_at + CLOCK_TOLERANCE
    latest = received_at + CLOCK_TOLERANCE
    return latest if scope.until_at is None else min(scope.until_at, latest)


def _parameters(subject: UUID, scope: Scope, until_at: datetime) -> dict[str, Any]:
    return {"subject": subject, **scope.parameters(), "until_at": until_at}
