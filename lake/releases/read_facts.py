"""What a release counts, read from one snapshot of the lake: complete days, captures that are held and may be used.

Captures that a tombstone hides, or that their owner asked not to have used (an objection or a restriction in force),
are left out; a person without others counts as having none. A capture on a day that a rule partly touches is left out,
too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.releases.counted_facts import KIND_OF, Facts
from lake.rules.policies import read_policies
from lake.statements import statement
from lake.storage.connection import reader, reading, retrying


@dataclass(frozen=True)
class State:
    """What applies to everyone: published with every release, and whenever it changes. It comes from no capture."""

    policies: list[dict[str, Any]]
    """Those in force on the day."""
    models: list[dict[str, Any]]

    @property
    def applications(self) -> list[str]:
        return sorted({name for policy in self.policies for name in policy["applications"]})


@dataclass(frozen=True)
class Moment:
    """The lake at the beginning of a day."""

    facts: Mapping[UUID, Facts]
    """People without counted captures are absent."""
    state: State


def read(today: date) -> Moment:
    """Raises LakeUnavailable."""

    def attempt() -> Moment:
        with reading():
            connection = reader()
            try:
                connection.execute("begin")
                return Moment(_facts(connection, today), _state(connection, today))
            finally:
                connection.close()

    return retrying(attempt)


def read_state(today: date) -> State:
    """What applies on a day, without personal facts. Raises LakeUnavailable."""

    def attempt() -> State:
        with reading():
            connection = reader()
            try:
                connection.execute("begin")
                return _state(connection, today)
            finally:
                connection.close()

    return retrying(attempt)


def _facts(connection: DuckDBPyConnection, today: date) -> dict[UUID, Facts]:
    rows = connection.execute(statement("release_facts"), {"today": today}).fetchall()
    return {
        subject: Facts(captures, frozenset(KIND_OF[signal] for signal in signals), frozenset(applications), within)
        for subject, captures, signals, applications, within in rows
    }


def _state(connection: DuckDBPyConnection, today: date) -> State:
    policies = [
        {
            **asdict(policy),
            "valid_from": policy.valid_from.isoformat(),
            "valid_to": policy.valid_to and policy.valid_to.isoformat(),
        }
        for policy in read_policies(connection)
        if policy.valid_from <= today and (policy.valid_to is None or today < policy.valid_to)
    ]
    answer = connection.execute(statement("release_models"), {"today": today})
    columns = [column for column, *_ in answer.description or ()]
    models = [
        {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in zip(columns, row, strict=True)
        }
        for row in answer.fetchall()
    ]
    return State(policies, models)
