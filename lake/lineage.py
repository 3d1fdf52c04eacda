"""Which captures went into which model: dataset version -> training run -> model version.

A dataset version is immutable. Its manifest lists the slices in it, so that what it took from a person is
proven; without one it is known only that it was read. A run that names no dataset we know leaves what the
model was trained on unknown. Write within `lake.connection.transaction`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.statements import statement


@dataclass(frozen=True)
class DatasetVersion:
    """One immutable version of a dataset. Times are naive UTC."""

    dataset: str
    version: str
    purpose: str
    created_at: datetime
    dataset_version: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class ModelVersion:
    """One version of a model. `owner` is the recipient: the team or vendor that has it."""

    model: str
    version: str
    purpose: str
    owner: str
    released_at: datetime
    retired_at: datetime | None = None
    model_version: UUID = field(default_factory=uuid4)


def collect_slices(
    connection: DuckDBPyConnection,
    first_day: date,
    last_day: date,
    signals: Sequence[str],
    applications: Sequence[str] | None = None,
    without: Sequence[UUID] = (),
) -> pa.Table:
    """The slices of those days, all subjects but `without`, that may be handed to training now: a manifest.

    Returns a table [subject: 16 bytes, day, signal, application, events]. What a tombstone touches is left out.
    """
    parameters = {
        "first_day": first_day,
        "last_day": last_day,
        "signals": list(signals),
        "applications": list(applications) if applications is not None else None,
        "without": list(without),
    }
    return connection.execute(statement("collect_slices"), parameters).to_arrow_table()


def record_dataset_version(connection: DuckDBPyConnection, dataset: DatasetVersion, manifest: pa.Table | None) -> None:
    """Record a dataset version with its manifest (see `collect_slices`), or without: None."""
    connection.execute(statement("append_dataset_version"), {**asdict(dataset), "has_manifest": manifest is not None})
    if manifest is not None:
        connection.register("manifest", manifest)
        connection.execute(statement("append_dataset_slices"), {"dataset_version": dataset.dataset_version})
        connection.unregister("manifest")


def record_model_version(connection: DuckDBPyConnection, model: ModelVersion) -> None:
    """Record a model version."""
    connection.execute(statement("append_model_version"), asdict(model))


def record_training_run(
    connection: DuckDBPyConnection, model: ModelVersion, dataset: DatasetVersion | None, finished_at: datetime
) -> None:
    """Record that a run read the dataset version and made the model version. None: a dataset we don't know."""
    connection.execute(
        statement("append_training_run"),
        {
            "run": uuid4(),
            "model_version": model.model_version,
            "dataset_version": dataset.dataset_version if dataset else None,
            "finished_at": finished_at,
        },
    )


@dataclass(frozen=True)
class Training:
    """A model version and a dataset version that it was trained on; None: we don't know on which."""

    model: str
    version: str
    retired_at: datetime | None
    dataset: str | None
    dataset_version: str | None
    has_manifest: bool


def trainings(connection: DuckDBPyConnection) -> list[Training]:
    """Newest model versions first."""
    rows = connection.execute(statement("trainings")).fetchall()
    return [Training(model, version, *rest) for model, version, _, *rest in rows]
