"""The records of a source that may be stored, or tell about others: most of them in a spool, if they are many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any

from lake.connectors import Record
from lake.connectors.records import Picture
from lake.rules.policies import Policy
from lake.spools.items import Spool

SMALL = 1_500
"""About the bytes of a record in memory, without its text."""

_values_of = attrgetter(*(each.name for each in fields(Record)))
_PICTURE = [each.name for each in fields(Record)].index("picture")

Kept = tuple[Record, int, Policy | None]
"""With its place among all identities, and the policy under which it may be stored."""


class Records:
    """In the order in which they were added; may be read more than once. Policies and pictures stay in memory.

    Raises OSError if there is no room for what doesn't fit there.
    """

    def __init__(self) -> None:
        self.safeguards: set[str] = set()
        """Of all policies."""
        self._policies: dict[int, Policy] = {}
        self._pictures: dict[int, Picture] = {}
        self._spool: Spool[Kept] = Spool(self._packed, self._unpacked)

    def add(self, record: Record, place: int, policy: Policy | None) -> None:
        if policy is not None and id(policy) not in self._policies:
            self._policies[id(policy)] = policy
            self.safeguards.update(policy.safeguards)
        self._spool.add((record, place, policy), SMALL + 2 * sum(map(len, record.content.values())))

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._spool)

    def _packed(self, kept: Kept) -> tuple[Any, ...]:
        record, place, policy = kept
        values = list(_values_of(record))
        if record.picture is not None:
            self._pictures[id(record.picture)] = record.picture
            values[_PICTURE] = id(record.picture)
        return values, place, policy and id(policy)

    def _unpacked(self, packed: tuple[Any, ...]) -> Kept:
        values, place, policy = packed
        if values[_PICTURE] is not None:
            values[_PICTURE] = self._pictures[values[_PICTURE]]
        return Record(*values), place, policy and self._policies[policy]
