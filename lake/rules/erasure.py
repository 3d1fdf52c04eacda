"""Erasing captures by request, in steps that are each safe to repeat.

    match       what a scope covers, and what a hold withholds; changes nothing
    bury        a tombstone: the captures are hidden, out of training, and can't be ingested again
    remove      the rows leave, except held ones
    (purge)     `lake.storage.maintenance.purge`: no byte of them stays in files, catalog or write-ahead log
    look_again  how many are found now

Each step does the work of many requests at about the cost of one (`bury_all`, `remove_all`, `look_again`): most of
what it does is done once, whoever's captures they are.

An erasure of everything has no end in time until it has ended: whatever clock was wrong, ours or a recorder's, what
is in the lake then goes, and what comes in meanwhile is refused. When its receipt is there, `close_tombstones` ends
its tombstone, so that what is captured later can be stored; what a hold still withholds stays covered.

Any other scope ends at the latest when the request was received, plus `CLOCK_TOLERANCE`: a recorder's clock may be
that far ahead, so a capture that was in the lake by then may bear a later time. What the person does in those five
minutes is covered, too: rather too much goes than something that was asked to go stays. What is captured later is
not part of it. A hold that is in force beats an erasure; when it is lifted, `remove` of the same request takes
the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

import clock
from directory.keys import KeyRing
from lake.rules.removal import take_out
from lake.rules.scope import CLOCK_TOLERANCE, Scope
from lake.statements import statement
from lake.storage.connection import transaction
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
    """Captures that a hold withholds. One under two holds is counted for each."""

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
    """Captures that would go: the sum over `by`, and over `days`."""
    by: tuple[Part, ...]
    days: tuple[tuple[date, int], ...]
    """UTC days and how many captures of each would go."""
    withheld: int
    """Captures in the scope that stay because of a hold, each counted once."""
    held: tuple[HeldBack, ...]


NOTHING = Matched(0, (), (), 0, ())
NO_END = datetime(9999, 12, 31)  # noqa: DTZ001 (naive UTC); catalogs have the column as not null
"""Where the tombstone of everything ends as long as its request has not ended."""
NO_REQUEST = UUID(int=0)


@dataclass(frozen=True)
class Asked:
    """A request for erasure. `received_at` is naive UTC."""

    request: UUID
    subject: UUID
    scope: Scope
    received_at: datetime
    ended_at: datetime | None = None
    """Of everything: when it first came to its end. It is worked on again when a hold is lifted."""
    despite_holds: bool = False
    """For a lake from a backup only: all of it was gone once, so what was held later can't have been there."""


@dataclass(frozen=True)
class Removed:
    """What a request took out, in all of its runs, and what is withheld now."""

    erased: int
    withheld: int
    held: tuple[HeldBack, ...]
    by: tuple[Part, ...]
    nothing_left: bool
    """Whether it was for everything, and no capture of the subject is left."""
    key_destroyed: bool = False
    """Whether there was a content key and this run destroyed it."""


def match(connection: DuckDBPyConnection, subject: UUID, scope: Scope, received_at: datetime) -> Matched:
    """What would go and what is withheld; changes nothing, works on a reader. `received_at` is naive UTC."""
    return _match(connection, subject, _parameters(subject, scope, _end(scope, received_at, None)))


def _match(connection: DuckDBPyConnection, subject: UUID, parameters: dict[str, Any]) -> Matched:
    rows = connection.execute(statement("match_scope"), parameters).fetchall()
    holds = connection.execute(statement("active_holds"), {"subject": subject}).fetchall()
    going = [(application, signal, day, events) for application, signal, held_by, day, events in rows if not held_by]
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
    """One part of each application and signal, from its days in order."""
    parts: dict[tuple[str, str], Part] = {}
    for application, signal, day, events in days:
        known = parts.get((application, signal), Part(application, signal, day, day, 0))
        parts[application, signal] = replace(known, last_day=day, events=known.events + events)
    return tuple(parts.values())


def bury(connection: DuckDBPyConnection, subject: UUID, scope: Scope, request_id: UUID, received_at: datetime) -> None:
    """`bury_all` of one."""
    bury_all(connection, [Asked(request_id, subject, scope, received_at)])


def remove(
    connection: DuckDBPyConnection, subject: UUID, scope: Scope, request_id: UUID, received_at: datetime
) -> Removed:
    """`remove_all` of one, and then the content key."""
    removed = remove_all(connection, [Asked(request_id, subject, scope, received_at)])[request_id]
    if not removed.nothing_left:
        return removed
    with closing(KeyRing()) as keys:
        return replace(removed, key_destroyed=keys.destroy_content_key(subject))


def verify_absent(connection: DuckDBPyConnection, subject: UUID, scope: Scope, received_at: datetime) -> int:
    """`look_again` for one."""
    return look_again(connection, [Asked(NO_REQUEST, subject, scope, received_at)])[NO_REQUEST]


def bury_all(connection: DuckDBPyConnection, group: Sequence[Asked]) -> None:
    """Write the tombstones of requests; a second call changes nothing."""
    with _asked(connection, group), transaction(connection):
        connection.execute(statement("bury"), {"now": clock.now_utc()})


def remove_all(connection: DuckDBPyConnection, group: Sequence[Asked]) -> dict[UUID, Removed]:
    """Delete what the scopes of requests cover, except what is held. What two of them cover is the earlier one's.

    A second call finds nothing more and returns the same. After an erasure of everything that leaves no capture
    of the subject, their batches go, too; the content key is for the caller to destroy.
    """
    with _asked(connection, group):
        with transaction(connection):
            take_out(connection, "leaving_by_requests", cause="erasure")
            nothing_left = {subject for (subject,) in connection.execute(statement("nothing_left")).fetchall()}
            if nothing_left:
                connection.execute(statement("forget_batches"), {"subjects": list(nothing_left)})
        by: dict[UUID, list[Part]] = {asked.request: [] for asked in group}
        for request, *part in connection.execute(statement("removed_by_requests")).fetchall():
            by[request].append(Part(*part))
        held = {subject for (subject,) in connection.execute(statement("subjects_held")).fetchall()}
        ends = dict(connection.execute(statement("ends_asked")).fetchall())
    return {
        asked.request: _removed(connection, asked, ends[asked.request], by[asked.request], held, nothing_left)
        for asked in group
    }


def look_again(connection: DuckDBPyConnection, group: Sequence[Asked]) -> dict[UUID, int]:
    """How many captures are found in each scope outside holds, by themselves or by the slices: 0 once it is erased."""
    with _asked(connection, group):
        found = dict(connection.execute(statement("verify_absent")).fetchall())
    return {asked.request: found.get(asked.request, 0) for asked in group}


def datasets_affected(connection: DuckDBPyConnection, group: Sequence[Asked]) -> dict[UUID, dict[UUID, int]]:
    """Of each request: the dataset versions that list captures of its scope, and how many.

    A slice that a scope touches counts whole. Works on a reader."""
    affected: dict[UUID, dict[UUID, int]] = {asked.request: {} for asked in group}
    with _asked(connection, group):
        for request, dataset_version, events in connection.execute(statement("affected_by_requests")).fetchall():
            affected[request][dataset_version] = events
    return affected


def close_tombstones(connection: DuckDBPyConnection, ended: Mapping[UUID, datetime]) -> None:
    """End the tombstones of everything: at the moment (naive UTC) given for each request and `CLOCK_TOLERANCE`, or
    after the last capture that is still there, which a hold keeps. A second call changes nothing."""
    with transaction(connection):
        for request, at in ended.items():
            parameters = {"request": request, "until_at": at + CLOCK_TOLERANCE, "no_end": NO_END}
            connection.execute(statement("close_tombstone"), parameters)


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
        for number, asked in enumerate(sorted(group, key=lambda asked: (asked.received_at, asked.request))):
            end = _end(asked.scope, asked.received_at, asked.ended_at)
            parameters = _parameters(asked.subject, asked.scope, end)
            parameters |= {"everything": asked.scope.everything, "despite_holds": asked.despite_holds}
            parameters |= {"number": number, "request": asked.request, "no_end": NO_END}
            connection.execute(statement("append_asked"), parameters)
        yield
    finally:
        connection.execute(statement("end_asked"))


def _end(scope: Scope, received_at: datetime, ended_at: datetime | None) -> datetime:
    """Where a scope ends; a tombstone of everything that was closed says it better (`append_asked`)."""
    if scope.everything:
        return NO_END if ended_at is None else ended_at + CLOCK_TOLERANCE
    latest = received_at + CLOCK_TOLERANCE
    return latest if scope.until_at is None else min(scope.until_at, latest)


def _parameters(subject: UUID, scope: Scope, until_at: datetime) -> dict[str, Any]:
    return {"subject": subject, **scope.parameters(), "until_at": until_at}
