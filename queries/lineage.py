"""The person's own lineage: their captures in dataset versions and model versions, and how sure each step is.

    own captures -> dataset versions -> runs -> model versions -> those made from them, and where all are in use

The graph of models is about nobody (`lake.lineage.model_graph`). It is read when the lake has changed and then kept for
everyone in this process; what is the person's own is asked each time, in one question, and kept by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from directory.tokens import Subject
from lake.lineage.model_graph import STRENGTH, Evidence, Link, ModelGraph, Reached
from lake.lineage.model_readings import Reading
from queries.connection import identity
from queries.loader import ask, sql
from queries.shares import Share, shares

_known: tuple[tuple[Any, ...], ModelGraph] | None = None
"""The graph, and of which state of which lake it is; replaced whole, so that threads need no lock."""

NOTHING = Share()


@dataclass(frozen=True)
class Lineage:
    """The graph as the person is in it.

    `datasets` has the dataset versions whose manifests list captures of theirs, `models` the model versions that were
    trained on those as a whole, each capture counted once. `reached` says of every model version how sure it is that
    captures of theirs went into it, by its own training or through what it was made from.
    """

    graph: ModelGraph
    datasets: Mapping[UUID, Share]
    models: Mapping[UUID, Share]
    reached: Mapping[UUID, Reached]

    def evidence(self, reading: Reading) -> Evidence:
        """How sure it is that a run read captures of theirs."""
        return self.graph.evidence_of(reading, self.datasets)

    def dataset_evidence(self, dataset: UUID) -> Evidence:
        """How sure it is that a dataset version has captures of theirs."""
        return self.evidence(Reading(dataset, dataset, None))

    def surest_first(self, models: Iterable[UUID]) -> list[UUID]:
        """Model versions in order of how sure it is that captures of theirs went into them."""
        return sorted(models, key=lambda model: STRENGTH[self.reached[model].evidence])

    def inherited(self, link: Link) -> Evidence:
        """How sure it is that captures of theirs came along when one model version was made from another."""
        return self.graph.inherited(link, self.reached)


@dataclass(frozen=True)
class Withdrawn:
    """What of the person's captures must not be trained on any more: erased, objected to or restricted.

    A slice that a rule touches counts whole. `since` is when the earliest rule on it was made.
    """

    rules: int
    datasets: Mapping[UUID, int]
    models: Mapping[UUID, int]
    since: Mapping[UUID, datetime]
    """By dataset version."""


@dataclass(frozen=True)
class DatasetsRead:
    """A page of what a model version was trained on: dataset_version, namespace, dataset, version, part and
    manifest_root of each; `total` of them are on all pages."""

    own: Lineage
    datasets: Sequence[dict[str, Any]]
    total: int


def graph(cursor: DuckDBPyConnection) -> ModelGraph:
    """The graph of models as the cursor's moment has it. Nothing in it is about anybody."""
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
    """What a model version was trained on, a page of it."""
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
