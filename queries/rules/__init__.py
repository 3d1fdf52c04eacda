"""The rules that hide, hold or restrict captures of a person.

Most people have none. So who may have any is known in advance, by the ends of their ids, and the three tables of rules
are read only for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.rules import TABLES_OF_CAPTURES, people_with_rules
from lake.rules.scope import Scope
from queries.connection import once
from queries.lasting import Lasting
from queries.own import sql

DIGITS = 4
"""Hexadecimal digits of an id's end: too few to say whose it is in a large company, enough to be seldom wrong."""


@dataclass(frozen=True)
class Rule:
    """What a tombstone, a hold or a restriction does to the captures of its scope: `hidden`, `held` or `restricted`."""

    effect: str
    scope: Scope

    @property
    def parameter(self) -> dict[str, Any]:
        """As the questions take it that judge captures."""
        return {"effect": self.effect, **self.scope.parameters()}


def of(cursor: DuckDBPyConnection, subject: Subject) -> list[Rule]:
    """Those in force."""

    def read() -> list[Rule]:
        if subject.key.hex[-DIGITS:] not in _with_rules.of(cursor):
            return []
        rows = cursor.execute(sql("rules"), {"subject": subject.key}).fetchall()
        return [Rule(effect, Scope(_names(signals), _names(apps), *span)) for effect, signals, apps, *span in rows]

    return once(cursor, ("rules", subject.key), read)


_with_rules = Lasting(TABLES_OF_CAPTURES, partial(people_with_rules, digits=DIGITS))


def _names(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)
