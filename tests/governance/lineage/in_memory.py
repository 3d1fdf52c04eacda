"""The product's answers to a set of events without databases: its own functions, from events to the graph of models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from governance.lineage import mlflow_events, openlineage, reports
from governance.lineage.events import Event, Role, once
from governance.lineage.facts import RunFacts, end_of, model_of, run_of
from governance.lineage.mlflow_events import Named
from lake.lineage.graph import RunState
from lake.lineage.model_graph import ModelGraph
from lake.lineage.reported import Recognised
from tests.governance.lineage import oracle
from tests.governance.lineage.oracle import WORLD

NAMES = UUID("2b1f9f0a-4f0f-4a44-9d1e-2c8e5b0f6a11")
NOW = datetime(2026, 11, 20, tzinfo=UTC).replace(tzinfo=None)
MADE_AT = datetime(2026, 11, 1, tzinfo=UTC).replace(tzinfo=None)
Model = tuple[str, str]


TOLD = {
    UUID(key): datetime.fromisoformat(oracle.MADE_AT[called]).replace(tzinfo=None)
    for called, (key, _, _) in WORLD.items()
}


def events_of(raw: Iterable[Mapping[str, Any]]) -> list[Event]:
    """OpenLineage's events, and MLflow's runs and registered versions, as the product stores them."""
    found = []
    for each in raw:
        if "eventTime" in each:
            found.append(openlineage.parse(deepcopy(dict(each))))
        elif "info" in each:
            found += mlflow_events.of_run(each, {}, Named(), {})
        else:
            found += mlflow_events.of_version(each, {}, [], Named())
    return [Event(**{**event.__dict__, "received_at": NOW}) for event in found]


def graph_of(events: Iterable[Event]) -> ModelGraph:
    stored = list(once(events).values())
    of_run: dict[UUID, list[Event]] = defaultdict(list)
    for event in stored:
        if event.run is not None:
            of_run[event.run].append(event)
    runs = [
        run_of(run, own, None, dict.fromkeys({parent for event in own for parent in event.part_of} - {run}, True))
        for run, own in of_run.items()
    ]
    keys = _models(stored, runs, of_run)
    meant = {named: _recognised(*named) for named in reports.named(runs)}
    told = [(reports.report(run, meant, keys), reports.detail(run, meant, TOLD)) for run in runs]
    return ModelGraph.of(
        _datasets(meant),
        [
            {
                "id": report.run.run, "origin": report.run.origin, "job": report.run.job, "purpose": report.run.purpose,
                "state": report.run.state.value, "started_at": report.run.started_at, "ended_at": report.run.ended_at,
            }
            for report, _ in told
        ],
        [
            {
                "id": key, "model": model, "version": version, "purpose": None, "owner": None, "origin": "openlineage",
                "released_at": NOW, "retired_at": None,
            }
            for (model, version), key in keys.items()
        ],
        [
            {"run": report.run.run, "dataset_version": key, "part": part}
            for report, _ in told
            for key, part in report.inputs
        ],
        [{"run": report.run.run, "model_version": key} for report, _ in told for key in report.outputs],
        [
            {
                "model_version": keys[made.name, made.version], "parent": keys[read.name, read.version],
                "relation": read.relation,
            }
            for run in runs
            for made in run.made
            for read in run.parents
            if (made.name, made.version) != (read.name, read.version)
        ],
        [],
        [{"run": detail.run, "parent": parent, "own": own} for _, detail in told for parent, own in detail.part_of],
        [
            {"run": detail.run, "model": model, "version": version, "relation": relation, "alias": alias}
            for _, detail in told
            for model, version, relation, alias in detail.models
        ],
        [
            {"run": detail.run, "dataset_version": key, "too_early": early}
            for _, detail in told
            for key, early in detail.unproven.items()
        ],
    )  # fmt: skip


def listing(person: str) -> set[UUID]:
    """The dataset versions that list the person."""
    return {UUID(key) for key, _, people in WORLD.values() if person in people}


def _models(stored: list[Event], runs: list[RunFacts], of_run: Mapping[UUID, list[Event]]) -> dict[Model, UUID]:
    """The model versions that exist: made by a completed run, or registered, or named as what such a one came from."""
    ends = {run: end_of(own) for run, own in of_run.items()}
    completed = {run: at for run, (state, at) in ends.items() if state is RunState.COMPLETED and at is not None}
    mentions: dict[Model, list[Event]] = defaultdict(list)
    for event in stored:
        for item in event.items:
            if item.role is Role.MADE:
                mentions[item.name, item.version].append(event)
    found = {model for model, those in mentions.items() if model_of(*model, those, completed, None)}
    found |= {(item.name, item.version) for run in runs for item in (*run.made, *run.parents)}
    return {model: uuid5(NAMES, str(model)) for model in sorted(found)}


def _recognised(namespace: str, name: str, version: str) -> Recognised:
    found = [
        (UUID(key), made_at(dataset, called))
        for (dataset, called), (key, root, _) in WORLD.items()
        if (namespace.strip().lower(), name.strip().lower(), version) == ("open-book", dataset, called)
        or version.lower() == key
        or (len(version) >= 32 and root.startswith(version.lower()))
    ]
    return Recognised(tuple(found), None if found else uuid5(NAMES, f"{namespace} {name} {version}"))


def made_at(dataset: str, version: str) -> datetime:
    return datetime.fromisoformat(oracle.MADE_AT[dataset, version]).replace(tzinfo=None)


def _datasets(meant: Mapping[tuple[str, str, str], Recognised]) -> list[dict[str, Any]]:
    common = {"purpose": None, "origin": "open-book", "created_at": MADE_AT}
    ours = [
        {
            **common,
            "created_at": made_at(name, version),
            "id": UUID(key),
            "namespace": "open-book",
            "dataset": name,
            "version": version,
            "manifest_root": root,
        }
        for (name, version), (key, root, _) in WORLD.items()
    ]
    others = [
        {
            **common,
            "id": each.apart,
            "namespace": named[0],
            "dataset": named[1],
            "version": named[2],
            "manifest_root": None,
        }
        for named, each in meant.items()
        if each.apart is not None
    ]
    return ours + others


def _named(namespace: str, dataset: str, version: str) -> dict[str, str]:
    return {"namespace": namespace, "dataset": dataset, "version": version}
