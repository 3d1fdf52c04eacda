"""The people whose captures must no longer be trained on, by dataset version: to count people, never to name them."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.statements import statement


def people_by_dataset(connection: DuckDBPyConnection) -> dict[UUID, set[UUID]]:
    """By dataset version: the subjects who have withdrawn captures that it lists. Works on a reader."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for dataset_version, subject in connection.execute(statement("withdrawn_by_everybody")).fetchall():
        found[dataset_version].add(subject)
    return dict(found)
