"""Standing rules of a person about their captures that stay in the lake.

objection     not used for training: `collect_slices` leaves out every slice that it touches
restriction   the same, and retention does not remove them either: kept, but not used
waiting       the same as an objection to their use, of an erasure that waits until its owner can no longer change their
              mind; it says nothing about records of others

A rule is identified by the request that asked for it. It also covers later captures, unless its scope ends before.
An erasure requested by the same person takes precedence over their own rule.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid4

from duckdb import DuckDBPyConnection

import clock
from lake.rules.scope import Scope
from lake.statements import statement
from lake.storage.connection import transaction


class Rule(StrEnum):
    OBJECTION = "objection"
    RESTRICTION = "restriction"
    WAITING = "waiting"


def start_rule(connection: DuckDBPyConnection, subject: UUID, scope: Scope, request_id: UUID, kind: Rule) -> None:
    """Put a rule into force (times naive UTC); a second call for the same request changes nothing."""
    with transaction(connection):
        connection.execute(
            statement("start_rule"),
            {
                "rule": uuid4(),
                "subject": subject,
                "request": request_id,
                "kind": kind.value,
                **scope.parameters(),
                "now": clock.now_utc(),
            },
        )


def end_rule(connection: DuckDBPyConnection, request_id: UUID) -> None:
    """End the rule that a request asked for; a second call changes nothing."""
    with transaction(connection):
        connection.execute(statement("end_rule"), {"request": request_id, "now": clock.now_utc()})
