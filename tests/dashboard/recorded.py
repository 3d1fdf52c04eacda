"""Records models for the dashboard tests."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directory import Employee
from lake.lineage.graph import ModelVersion
from lake.storage.connection import writer
from tests.dashboard.conftest import AT
from tests.support import lineage

DAY = AT.date()


def record_model(
    employee: Employee | None,
    events: int,
    name: str,
    *,
    manifest: bool = True,
    dataset: bool = True,
    signal: str = "keystroke",
    released: datetime = datetime(2026, 4, 1),  # noqa: DTZ001 (the lake's times are naive UTC)
) -> UUID:
    """Records a model version 1.0. `employee`: whose captures were in its dataset version."""
    model = ModelVersion(name, "1.0", "Reply drafting", "Inkwell (vendor)", released)
    slices = [(employee.subject, DAY, signal, "Excel", events)] if employee else []
    with writer() as connection:
        read = (
            [lineage.dataset(connection, "replies", f"3 for {name}", released, slices if manifest else None)]
            if dataset
            else []
        )
        lineage.train(connection, model, read, released)
    return model.model_version
