"""Lineage of models for tests: recorded the way the product does, from made-up slices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from uuid import UUID, uuid4

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.lineage.graph import (
    DatasetVersion,
    ModelVersion,
    Run,
    record_dataset_version,
    record_inputs,
    record_model_version,
    record_outputs,
    record_run,
)
from lake.lineage.manifest import SLICES

Slice = tuple[UUID, date, str, str, int]
"""Subject, day, signal, application, events."""


def manifest(slices: Iterable[Slice]) -> pa.Table:
    rows = [
        {
            "subject": subject.bytes,
            "day": day,
            "signal": signal,
            "application": application,
            "events": events,
            "digest": hashlib.sha256(uuid4().bytes).digest(),
            "first_at": datetime.combine(day, time(9)),
            "last_at": datetime.combine(day, time(17)),
        }
        for subject, day, signal, application, events in slices
    ]
    return pa.Table.from_pylist(rows, SLICES)


def dataset(
    connection: DuckDBPyConnection,
    name: str,
    version: str,
    at: datetime,
    slices: Iterable[Slice] | None,
    purpose: str | None = "training",
) -> UUID:
    """A dataset version with a manifest of these slices; None: without a manifest."""
    listed = None if slices is None else manifest(slices)
    return record_dataset_version(connection, DatasetVersion(name, version, purpose, at), listed)


def train(connection: DuckDBPyConnection, model: ModelVersion, datasets: Sequence[UUID], at: datetime) -> UUID:
    """A run that read these dataset versions and made the model version; returns the run."""
    run = record_run(connection, Run("training", started_at=at, ended_at=at))
    record_inputs(connection, run, [(each, None) for each in datasets])
    record_outputs(connection, run, [record_model_version(connection, model)])
    return run
