"""What a pipeline reported of a run or a model version, in place of what was reported of it before.

`lake.lineage` adds what is new; here what is said now replaces what was said earlier, and a row that stays the same is
not written again. Write within `lake.connection.transaction`. Times are naive UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake import lineage
from lake.lineage import Deployment, ModelVersion, Relation, Run
from lake.statements import statement

Input = tuple[UUID, str | None]


def recognise(
    connection: DuckDBPyConnection, namespace: str, dataset: str, version: str, origin: str, now: datetime
) -> UUID:
    """The dataset version that a run means. One that was made here is known by its name and version, or, whatever it
    is called, by its key or the root of its manifest (32 digits are enough). Any other is kept as it is called."""
    named = {"namespace": namespace, "dataset": dataset, "version": version}
    ours = connection.execute(statement("recognise_dataset_version"), named).fetchone()
    if ours is not None:
        return UUID(str(ours[0]))
    return lineage.find_or_add_dataset_version(connection, namespace, dataset, version, origin, now)


def run(connection: DuckDBPyConnection, run: Run, inputs: Collection[Input], outputs: Collection[UUID]) -> bool:
    """A run, what it read and what it made. Says whether anything is different from what was known."""
    known = _rows(connection, "reported_run", run=run.run)
    is_as = (run.job, run.purpose, run.state.value, run.started_at, run.ended_at)
    changed = known != [is_as]
    if changed:
        lineage.record_run(connection, run)
    if set(_inputs(connection, run.run)) != set(inputs):
        changed = True
        connection.execute(statement("forget_run_inputs"), {"run": run.run})
        lineage.record_inputs(connection, run.run, list(inputs))
    if {UUID(str(key)) for (key,) in _rows(connection, "reported_outputs", run=run.run)} != set(outputs):
        changed = True
        connection.execute(statement("forget_run_outputs"), {"run": run.run})
        lineage.record_outputs(connection, run.run, list(outputs))
    return changed


def model_version(connection: DuckDBPyConnection, model: ModelVersion) -> UUID:
    """A model version; what nobody reported of it (purpose, owner) stays as it is known. Returns its key."""
    key = lineage.record_model_version(connection, model)
    times = {"model_version": key, "released_at": model.released_at, "retired_at": model.retired_at}
    connection.execute(statement("set_model_times"), times)
    return key


def parents(connection: DuckDBPyConnection, child: UUID, made_from: Iterable[tuple[UUID, Relation]]) -> None:
    """What a model version was made from."""
    known = {
        (UUID(str(parent)), Relation(relation))
        for parent, relation in _rows(connection, "reported_parents", model_version=child)
    }
    wanted = {(parent, relation) for parent, relation in made_from if parent != child}
    if known != wanted:
        connection.execute(statement("forget_parents"), {"model_version": child})
        for parent, relation in sorted(wanted):
            lineage.record_parent(connection, child, parent, relation)


def deployments(
    connection: DuckDBPyConnection, model_version: UUID, places: Iterable[str], uses: Sequence[Deployment]
) -> None:
    """Where a model version is and was in use, of these places; others stay as they are known."""
    these = {"model_version": model_version, "places": sorted(places)}
    known = set(_rows(connection, "reported_deployments", **these))
    if known != {(use.place, use.recipient, use.since, use.until) for use in uses}:
        connection.execute(statement("forget_deployments"), these)
        for use in uses:
            lineage.record_deployment(connection, use)


def _inputs(connection: DuckDBPyConnection, run: UUID) -> list[Input]:
    return [(UUID(str(key)), part) for key, part in _rows(connection, "reported_inputs", run=run)]


def _rows(connection: DuckDBPyConnection, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(statement(name), parameters).fetchall()
