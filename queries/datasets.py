"""Membership of a person in a dataset version, with the proof."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.datasets import making
from lake.lineage.manifest import Leaf, form_of, proof
from queries.loader import ask


def membership(cursor: DuckDBPyConnection, subject: Subject, dataset_version: UUID) -> dict[str, Any]:
    """The proof of which of the person's slices are in a dataset version: see `lake.lineage.manifest.proof`.

    Raises NoSuchDataset.
    """
    made = making.manifest(cursor, dataset_version)
    leaves = [Leaf(*leaf) for leaf in making.leaves(cursor, dataset_version)]
    answer = ask(cursor, subject, "manifest_slices", dataset_version=dataset_version)
    columns = [column for column, *_ in answer.description or ()]
    slices = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
    erased = _erased(cursor, subject, made.created_at)
    form = form_of(dataset_version, leaves, made.root)
    return proof(dataset_version, leaves, subject.key, slices, erased, form)


def _erased(cursor: DuckDBPyConnection, subject: Subject, created_at: datetime) -> dict[str, str] | None:
    """The first request that erased everything since then: `request`, `at`."""
    rows = ask(cursor, subject, "erased_everything").fetchall()
    later = [{"request": str(request), "at": f"{at:%Y-%m-%dT%H:%M:%SZ}"} for request, at in rows if at >= created_at]
    return later[0] if later else None
