"""What was withdrawn of the contents of dataset versions, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.statements import statement


@dataclass(frozen=True)
class Affected:
    """The dataset versions that list some captures of a person: how many, and when the last of those was withdrawn, if
    all were. `before`: what was made before then can't have learned from them; None: not known."""

    listed: Mapping[UUID, int]
    until: Mapping[UUID, datetime]
    before: datetime | None = None

    @classmethod
    def of(cls, rows: Iterable[tuple[UUID, int, datetime | None]], before: datetime | None = None) -> Affected:
        found = list(rows)
        return cls(
            {dataset: events for dataset, events, _ in found},
            {dataset: until for dataset, _, until in found if until is not None},
            before,
        )


def people_by_dataset(connection: DuckDBPyConnection) -> dict[UUID, dict[UUID, datetime]]:
    """By dataset version: the subjects who have withdrawn captures that it lists, and when they first withdrew the last
    of these: to count people, never to name them. Works on a reader."""
    found: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)
    for dataset_version, subject, until in connection.execute(statement("withdrawn_by_everybody")).fetchall():
        found[dataset_version][subject] = until
    return dict(found)
