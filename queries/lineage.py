"""The person's own lineage: their captures in dataset versions and model versions, with the evidence of each step.

    own captures -> dataset versions -> runs -> model versions -> those made from them, and where all are in use

The graph of models has no personal data (`lake.lineage.model_graph`). It is read when the lake has changed and then
shared by everyone in this process. The person's own part is asked each time, in one question, and never kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.lineage.model_graph import STRENGTH, Evidence, Link, ModelGraph, Reached
from lake.lineage.model_readings import Reading
from queries.connection import identity
from queries.loader import ask, sql
from queries.shares import Share, shares

_known: tuple[tuple[Any, ...], ModelGraph] | None = None
"""The graph, and the lake and state it was read from; replaced as a whole, so that threads need no lock."""

NOTHING = Share()


@dataclass(frozen=True)
class Lineage:
    """The graph with the person's own part.

    `datasets` has the dataset versions whose manifests list their captures, `models` the model versions that were
    trained on those completely, each capture counted once. `reached` says for every model version how certain it is
    that their captures went into it, by its own training or through what it was made from.
    """

    graph: ModelGraph
    datasets: Mapping[UUID, Share]
    models: Mapping[UUID, Share]
    reached: Mapping[UUID, Reached]

    def evidence(self, reading: Reading) -> Evidence:
        """How certain it is that a run read the person's captures."""
        return self.graph.evidence_of(reading, self.datasets)

    def dataset_evidence(self, dataset: UUID) -> Evidence:
        """How certain it is that a dataset version has the person's captures."""
        return self.evidence(Reading(dataset, dataset, None))

    def surest_first(self, models: Iterable[UUID]) -> list[UUID]:
        """Model versions, those with the strongest evidence of the person's captures first."""
        return sorted(models, key=lambda model: STRENGTH[self.reached[model].evidence])

    def inherited(self, link: Link) -> Evidence:
        """How certain it is that the person's captures were carried over from one model version to another."""
        return self.graph.inherited(link, self.reached)


@dataclass(frozen=True)
class Withdrawn:
    """The person's captures that must no longer be trained on: erased, objected to or restricted.

    A slice that a rule touches counts in full. `since` is when the earliest rule on it was made.
    """

    rules: int
    datasets: Mapping[UUID, int]
    models: Mapping[UUID, int]
    since: Mapping[UUID, datetime]
    """By dataset version."""


@dataclass(frozen=True)
class DatasetsRead:
    """A page of what a model version was trained on: dataset_version, namespace, dataset, version, part and
    manifest_root of each; `total` counts all pages."""

    own: Lineage
    datasets: Sequence[dict[str, Any]]
    total: int


def graph(cursor: DuckDBPyConnection) -> ModelGraph:
    """The graph of models in the cursor's snapshot. It contains no personal data."""
    global _known
    row = cursor.execute(sql("snapshot_number")).fetchone()
    state = (*identity(), row)
    known = _known
    if known is None or known[0] != state:
        known = _known = state, ModelGraph.read(cursor)
    return known[1]


def lineage(cursor: DuckDBPyConnection, subject: Subject) -> Lineage:
    models = graph(cursor)
    slices = ask(cursor, subject, "lineage").to_arrow_table()
    datasets, versions = shares(slices, models.trainings)
    return Lineage(models, datasets, versions, models.reach(datasets))


def datasets_read(
    cursor: DuckDBPyConnection, subject: Subject, model_version: UUID, offset: int, limit: int
) -> DatasetsRead:
    """One page of what a model version was trained on."""
    datasets, total = _datasets_read(cursor, model_version, offset, limit)
    if not datasets and offset:
        _, total = _datasets_read(cursor, model_version, 0, 1)
    return DatasetsRead(lineage(cursor, subject), datasets, total)


def _datasets_read(
    cursor: DuckDBPyConnection, model_version: UUID, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    answer = cursor.execute(sql("datasets_read"), {"model_version": model_version, "offset": offset, "limit": limit})
    columns = [column for column, *_ in answer.description or ()]
    datasets = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
    totals = [int(each.pop("total")) for each in datasets]
    return datasets, totals[0] if totals else 0


def withdrawn(cursor: DuckDBPyConnection, subject: Subject) -> Withdrawn:
    rules, datasets, versions, since = 0, {}, {}, {}
    trainings = graph(cursor).trainings
    readings = {"models": [model for model, _ in trainings], "datasets": [dataset for _, dataset in trainings]}
    for dataset, model, events, at in ask(cursor, subject, "withdrawn", **readings).fetchall():
        if dataset is not None:
            datasets[dataset], since[dataset] = events, at
        elif model is not None:
            versions[model] = events
        else:
            rules = events
    return Withdrawn(rules, datasets, versions, since)
