"""Erasing a subject's captures by request, in steps that are each safe to repeat.

    match    what a scope covers, and what a hold withholds; changes nothing
    bury     a tombstone: the captures are hidden, out of training, and can't be ingested again
    remove   the rows leave, except held ones; once nothing of the subject is left, so does their content key
    (purge)  `lake.maintenance.purge`: no byte of them stays in files, catalog or write-ahead log
    verify_absent   look again

A scope ends at the latest when the request was received, plus `CLOCK_TOLERANCE`: a recorder's clock may be that
far ahead, so a capture that was in the lake by then may bear a later time. What the person does in those five
minutes is covered, too: rather too much goes than something that was asked to go stays. What is captured later is
not part of it. A hold that is in force beats an erasure; when it is lifted, `remove` of the same request takes
the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from duckdb import DuckDBPyConnection

import clock
from directory.keys import KeyRing
from lake.connection import transaction
from lake.removal import take_out
from lake.scope import CLOCK_TOLERANCE, Scope
from lake.statements import statement


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
    reason: str
    exception: str
    review_on: date
    events: int


@dataclass(frozen=True)
class Matched:
    """What an erasure of a scope would do now."""

    events: int
    """Captures that would go: the sum over `by`."""
    by: tuple[Part, ...]
    withheld: int
    """Captures in the scope that stay because of a hold, each counted once."""
    held: tuple[HeldBack, ...]


@dataclass(frozen=True)
class Removed:
    """What a request took out, in all of its runs, and what is withheld now."""

    erased: int
    withheld: int
    by: tuple[Part, ...]
    key_destroyed: bool
    """Whether there was a content key and this run destroyed it."""


def match(connection: DuckDBPyConnection, subject: UUID, scope: Scope, received_at: datetime) -> Matched:
    """What would go and what is withheld; changes nothing, works on a reader. `received_at` is naive UTC."""
    parameters = _parameters(subject, scope, received_at)
    rows = connection.execute(statement("match_scope"), parameters).fetchall()
    holds = connection.execute(statement("active_holds"), {"subject": subject}).fetchall()
    by = tuple(Part(application, signal, *rest) for application, signal, held_by, *rest in rows if not held_by)
    held = tuple(
        HeldBack(hold, reason, exception, review_on, events)
        for hold, reason, exception, review_on in holds
        if (events := sum(row[-1] for row in rows if row[2] and hold in row[2]))
    )
    return Matched(sum(part.events for part in by), by, sum(row[-1] for row in rows if row[2]), held)


def bury(connection: DuckDBPyConnection, subject: UUID, scope: Scope, request_id: UUID, received_at: datetime) -> None:
    """Write the request's tombstone; a second call changes nothing."""
    with transaction(connection):
        connection.execute(
            statement("bury"),
            {
                **_parameters(subject, scope, received_at),
                "tombstone": uuid4(),
                "request": request_id,
                "now": clock.now_utc(),
            },
        )


def remove(
    connection: DuckDBPyConnection, subject: UUID, scope: Scope, request_id: UUID, received_at: datetime
) -> Removed:
    """Delete what the scope covers, except what is held; a second call finds nothing more and returns the
    same, but for `key_destroyed`.

    After an erasure of everything that leaves no capture of the subject, their batches go and their content
    key is destroyed: whatever was sealed under it, in a backup or an earlier export, can't be opened again.
    """
    with transaction(connection):
        parameters = _parameters(subject, scope, received_at)
        take_out(connection, "leaving_by_request", parameters, cause="erasure", request=request_id)
        nothing_left = scope.everything and _count_captures(connection, subject) == 0
        if nothing_left:
            connection.execute(statement("forget_batches"), {"subject": subject})
    key_destroyed = nothing_left and _destroy_content_key(subject)
    rows = connection.execute(statement("removed_by_request"), {"subject": subject, "request": request_id}).fetchall()
    by = tuple(Part(*row) for row in rows)
    withheld = match(connection, subject, scope, received_at).withheld
    return Removed(sum(part.events for part in by), withheld, by, key_destroyed)


def verify_absent(connection: DuckDBPyConnection, subject: UUID, scope: Scope, received_at: datetime) -> int:
    """How many captures, and slices that count any, are found in the scope outside holds: 0 once it is erased."""
    parameters = _parameters(subject, scope, received_at)
    [(found,)] = connection.execute(statement("verify_absent"), parameters).fetchall()
    return int(found)


def _parameters(subject: UUID, scope: Scope, received_at: datetime) -> dict[str, Any]:
    latest = received_at + CLOCK_TOLERANCE
    until_at = latest if scope.until_at is None else min(scope.until_at, latest)
    return {"subject": subject, **scope.parameters(), "until_at": until_at}


def _destroy_content_key(subject: UUID) -> bool:
    """False: there was none."""
    keys = KeyRing()
    try:
        existed = keys.content_key(subject) is not None
        keys.destroy_content_key(subject)
        return existed
    finally:
        keys.close()


def _count_captures(connection: DuckDBPyConnection, subject: UUID) -> int:
    [(captures,)] = connection.execute(statement("count_captures"), {"subject": subject}).fetchall()
    return int(captures)
