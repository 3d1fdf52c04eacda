"""Stores what pipelines report about runs and model versions, replacing what was reported before.

`lake.lineage.graph` adds what is new. Here a new report replaces an earlier one, in bulk, and unchanged rows are not
written again. Write within `lake.storage.connection.transaction`. Times are naive UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.lineage import graph
from lake.lineage.graph import OURS, Deployment, ModelVersion, Relation, Run
from lake.statements import statement

UNKNOWN_OF_OURS = "open-book/unknown"

Named = tuple[str, str, str]
"""Namespace, dataset and version, as a run names them."""
Model = tuple[str, str]
"""Model and version."""
Input = tuple[UUID, str | None]
"""A dataset version, and which part of it."""

KEY = pa.binary(16)
TIME = pa.timestamp("us")
NAMED = pa.schema(
    [(name, pa.string()) for name in ("namespace", "dataset", "version", "origin")] + [("dataset_version", KEY)]
)
RUNS = pa.schema(
    [("run", KEY)]
    + [(name, pa.string()) for name in ("origin", "job", "purpose", "state")]
    + [("started_at", TIME), ("ended_at", TIME)]
)
INPUTS = pa.schema([("run", KEY), ("dataset_version", KEY), ("part", pa.string())])
OUTPUTS = pa.schema([("run", KEY), ("model_version", KEY)])
MODELS = pa.schema(
    [("model_version", KEY)]
    + [(name, pa.string()) for name in ("model", "version", "purpose", "owner", "origin")]
    + [("released_at", TIME), ("retired_at", TIME)]
)


@dataclass(frozen=True)
class Report:
    """A run, what it read and what it made."""

    run: Run
    inputs: frozenset[Input]
    outputs: frozenset[UUID]


@dataclass(frozen=True)
class Heard:
    """That runs named a dataset version: in which service's words, and when we first heard of it (naive UTC)."""

    origin: str
    at: datetime


@dataclass(frozen=True)
class Recognised:
    """What a name may mean: dataset versions of ours and when they were made, or else one known by that name only."""

    ours: tuple[tuple[UUID, datetime], ...]
    apart: UUID | None

    def told_after(self, moment: datetime, told: Mapping[UUID, datetime]) -> set[UUID]:
        """Those of ours that were made, or whose root was told, only after that moment; without a time in `told`, it
        was not told."""
        return {key for key, created_at in self.ours if key not in told or max(created_at, told[key]) > moment}

    def at(self, moment: datetime) -> tuple[UUID, ...]:
        """What a run means that was heard of at that moment."""
        meant = tuple(key for key, created_at in self.ours if created_at <= moment)
        if meant or self.apart is None:
            return meant
        return (self.apart,)


@dataclass(frozen=True)
class Detail:
    """What else is kept of a run (`lake.lineage.families`)."""

    run: UUID
    part_of: frozenset[tuple[UUID, bool]]
    """The runs that it belongs to; False: that only another service says."""
    models: frozenset[tuple[str, str, str | None, str]]
    """Model, version, relation (of one that it read) and alias of those that it names, and that nothing else says."""
    said: frozenset[tuple[str, str, str | None, str]]
    """The same for all that it names: a row of these may stay."""
    unproven: Mapping[UUID, bool]
    """Dataset versions that it read, but that prove nothing; True: the ledger had its root only after the run began."""

    @property
    def unproven_rows(self) -> set[tuple[Any, ...]]:
        return set(self.unproven.items())


PARTS = pa.schema([("run", KEY), ("parent", KEY), ("own", pa.bool_())])
NAMED_MODELS = pa.schema([("run", KEY)] + [(name, pa.string()) for name in ("model", "version", "relation", "alias")])
UNPROVEN = pa.schema([("run", KEY), ("dataset_version", KEY), ("too_early", pa.bool_())])
Rows = set[tuple[Any, ...]]
DETAILS: tuple[tuple[str, pa.Schema, Callable[[Detail], Rows], Callable[[Detail], Rows]], ...] = (
    ("run_parents", PARTS, lambda told: set(told.part_of), lambda told: set(told.part_of)),
    ("run_models", NAMED_MODELS, lambda told: set(told.models), lambda told: set(told.said)),
    ("run_unproven", UNPROVEN, lambda told: told.unproven_rows, lambda told: told.unproven_rows),
)
"""Each table with its schema, the rows that it must have of a run, and those that it may have."""


def recognise(connection: DuckDBPyConnection, named: Mapping[Named, Heard], now: datetime) -> dict[Named, Recognised]:
    """The dataset versions that runs mean.

    One that was made here is recognised by its name and version or, under any name, by its key or the root of its
    manifest (32 digits are enough); not by a run that we had heard of before it was made. Any other is kept under the
    reported name. One that falsely claims to be made here is kept separate from ours.
    """
    made = _recognised(connection, named)
    aside = {
        key: _apart(key)
        for key, heard in named.items()
        if not any(created_at <= heard.at for _, created_at in made.get(key, ()))
    }
    known = _named(connection, "known_dataset_versions", aside.values())
    new = {called: uuid4() for called in dict.fromkeys(aside.values()) if called not in known}
    for called in new:
        graph.check_names(called[0], called[1], called[2] or None)
    origins = {called: named[key].origin for key, called in aside.items()}
    rows = [
        {**_columns(called), "origin": origins[called], "dataset_version": key.bytes} for called, key in new.items()
    ]
    if rows:
        with _registered(connection, "named", rows, NAMED):
            connection.execute(statement("append_named_dataset_versions"), {"now": now})
    apart = {key: (known | new)[called] for key, called in aside.items()}
    return {key: Recognised(tuple(made.get(key, ())), apart.get(key)) for key in named}


def details(connection: DuckDBPyConnection, told: Sequence[Detail]) -> None:
    """Record what the runs belong to, which models they name, and which of their readings prove nothing."""
    keys = {"runs": [each.run for each in told]}
    for table, schema, needed, allowed in DETAILS:
        known = _grouped(_rows(connection, f"reported_{table}", keys))
        wanted = {each.run: needed(each) for each in told}
        changed = [each for each in told if not wanted[each.run] <= known.get(each.run, set()) <= allowed(each)]
        if not changed:
            continue
        if any(each.run in known for each in changed):
            connection.execute(statement(f"forget_{table}"), {"runs": [each.run for each in changed]})
        names = schema.names[1:]
        rows = [
            {"run": each.run.bytes, **{name: _plain(value) for name, value in zip(names, row, strict=True)}}
            for each in changed
            for row in sorted(wanted[each.run], key=str)
        ]
        if rows:
            with _registered(connection, "reported", rows, schema):
                connection.execute(statement(f"append_reported_{table}"))


def runs(connection: DuckDBPyConnection, reports: Sequence[Report], now: datetime) -> list[UUID]:
    """Record runs; returns those that changed."""
    keys = {"runs": [report.run.run for report in reports]}
    known = {row[0]: row[1:] for row in _rows(connection, "reported_runs", keys)}
    changed = [report for report in reports if known.get(report.run.run) != _as_known(report.run)]
    for report in changed:
        graph.check_names(report.run.job, report.run.purpose)
    _replace(connection, "runs", changed, [_run_row(report.run) for report in changed], RUNS, {"now": now})
    inputs = _grouped(_rows(connection, "reported_inputs", keys))
    read = [report for report in reports if inputs.get(report.run.run, set()) != report.inputs]
    rows = [
        {"run": report.run.run.bytes, "dataset_version": key.bytes, "part": part}
        for report in read
        for key, part in sorted(report.inputs, key=str)
    ]
    _replace(connection, "run_inputs", read, rows, INPUTS, {})
    outputs = _grouped(_rows(connection, "reported_outputs", keys))
    made = [report for report in reports if {key for (key,) in outputs.get(report.run.run, set())} != report.outputs]
    rows = [
        {"run": report.run.run.bytes, "model_version": key.bytes} for report in made for key in sorted(report.outputs)
    ]
    _replace(connection, "run_outputs", made, rows, OUTPUTS, {})
    return list(dict.fromkeys(report.run.run for report in (*changed, *read, *made)))


def models(connection: DuckDBPyConnection, reported: Sequence[ModelVersion]) -> dict[Model, UUID]:
    """Record model versions and return their keys. Details that were not reported stay unchanged."""
    known = {
        (row[0], row[1]): row[2:]
        for row in _rows(connection, "reported_models", {"models": sorted({model.model for model in reported})})
    }
    new = [model for model in reported if (model.model, model.version) not in known]
    for model in new:
        graph.check_names(model.model, model.version, model.purpose, model.owner)
    if new:
        with _registered(
            connection,
            "reported",
            [{**asdict(model), "model_version": model.model_version.bytes} for model in new],
            MODELS,
        ):
            connection.execute(statement("append_reported_models"))
    keys = {(model.model, model.version): model.model_version for model in new}
    for model in reported:
        row = known.get((model.model, model.version))
        if row is None:
            continue
        key, purpose, owner, origin, *times = row
        keys[model.model, model.version] = key
        if (model.purpose or purpose, model.owner or owner) != (purpose, owner):
            graph.record_model_version(connection, model)
        if origin != OURS and times != [model.released_at, model.retired_at]:
            times_now = {"model_version": key, "released_at": model.released_at, "retired_at": model.retired_at}
            connection.execute(statement("set_model_times"), times_now)
    return keys


def parents(connection: DuckDBPyConnection, made_from: Mapping[UUID, Collection[tuple[UUID, Relation]]]) -> None:
    """Record what model versions were made from."""
    known = _grouped(_rows(connection, "reported_parents", {"models": list(made_from)}))
    for child, parents_of in made_from.items():
        wanted = {(parent, relation.value) for parent, relation in parents_of if parent != child}
        if known.get(child, set()) != wanted:
            connection.execute(statement("forget_parents"), {"model_version": child})
            for parent, relation in sorted(wanted):
                graph.record_parent(connection, child, parent, Relation(relation))


def deployments(
    connection: DuckDBPyConnection, used: Mapping[UUID, tuple[Collection[str], Sequence[Deployment]]]
) -> None:
    """Record where model versions are and were in use: for each, the places that were named, and when it is there.
    Other places stay unchanged."""
    known = _grouped(_rows(connection, "reported_deployments", {"models": list(used)}))
    for model_version, (places, uses) in used.items():
        here = {row for row in known.get(model_version, set()) if row[0] in places}
        if here != {(use.place, use.recipient, use.since, use.until) for use in uses}:
            these = {"model_version": model_version, "places": sorted(places)}
            connection.execute(statement("forget_deployments"), these)
            for use in uses:
                graph.record_deployment(connection, use)


def parts_of(connection: DuckDBPyConnection, runs: Collection[UUID]) -> list[UUID]:
    """The runs that belong to one of these."""
    return [run for (run,) in _rows(connection, "parts_of_runs", {"runs": list(runs)})] if runs else []


def runs_reading(connection: DuckDBPyConnection, dataset_versions: Collection[UUID]) -> list[UUID]:
    """The runs that read one of these dataset versions."""
    if not dataset_versions:
        return []
    return [run for (run,) in _rows(connection, "runs_reading", {"dataset_versions": list(dataset_versions)})]


def _named(connection: DuckDBPyConnection, name: str, named: Iterable[Named]) -> dict[Named, UUID]:
    rows = [{**_columns(called), "origin": None, "dataset_version": None} for called in dict.fromkeys(named)]
    if not rows:
        return {}
    with _registered(connection, "named", rows, NAMED):
        return {(row[0], row[1], row[2]): row[3] for row in _rows(connection, name, {})}


def _recognised(connection: DuckDBPyConnection, named: Iterable[Named]) -> dict[Named, list[tuple[UUID, datetime]]]:
    """Every dataset version with a manifest that may be meant."""
    found: dict[Named, list[tuple[UUID, datetime]]] = defaultdict(list)
    rows = [{**_columns(called), "origin": None, "dataset_version": None} for called in named]
    if rows:
        with _registered(connection, "named", rows, NAMED):
            for *called, key, created_at in _rows(connection, "recognise_dataset_versions", {}):
                found[called[0], called[1], called[2]].append((key, created_at))
    return found


def _plain(value: Any) -> Any:
    return value.bytes if isinstance(value, UUID) else value


def _columns(named: Named) -> dict[str, str]:
    return dict(zip(("namespace", "dataset", "version"), named, strict=True))


def _apart(named: Named) -> Named:
    return (UNKNOWN_OF_OURS, *named[1:]) if named[0].strip().casefold() == OURS else named


def _as_known(run: Run) -> tuple[Any, ...]:
    return (run.job, run.purpose, run.state.value, run.started_at, run.ended_at)


def _run_row(run: Run) -> dict[str, Any]:
    return {**asdict(run), "run": run.run.bytes, "state": run.state.value}


def _replace(
    connection: DuckDBPyConnection,
    table: str,
    reports: Sequence[Report],
    rows: list[dict[str, Any]],
    schema: pa.Schema,
    parameters: dict[str, Any],
) -> None:
    """Replace rows of runs."""
    if reports:
        connection.execute(statement(f"forget_{table}"), {"runs": [report.run.run for report in reports]})
    if rows:
        with _registered(connection, "reported", rows, schema):
            connection.execute(statement(f"append_reported_{table.removeprefix('run_')}"), parameters)


@contextmanager
def _registered(
    connection: DuckDBPyConnection, name: str, rows: list[dict[str, Any]], schema: pa.Schema
) -> Iterator[None]:
    connection.register(name, pa.Table.from_pylist(rows, schema))
    try:
        yield
    finally:
        connection.unregister(name)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, set[Any]]:
    """The rows without their first column, grouped by it."""
    groups: dict[UUID, set[Any]] = defaultdict(set)
    for key, *rest in rows:
        groups[key].add(tuple(rest))
    return groups


def _rows(connection: DuckDBPyConnection, name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    return connection.execute(statement(name), parameters).fetchall()
