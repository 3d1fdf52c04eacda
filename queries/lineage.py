"""The person's own lineage: their captures in dataset versions and model versions, and how sure each step is.

    own captures -> dataset versions -> runs -> model versions -> those made from them, and where all are in use

The graph of models is about nobody (`lake.model_graph`). It is read when the lake has changed and then kept for
everyone in this process; what is the person's own is asked each time, in one question, and kept by nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from directory.tokens import Subject
from lake.model_graph import Evidence, Link, ModelGraph, Reached, Reading
from queries.connection import identity
from queries.loader import ask, sql

_known: tuple[tuple[Any, ...], ModelGraph] | None = None
"""The graph, and of which state of which lake it is; replaced whole, so that threads need no lock."""


@dataclass(frozen=True)
class Share:
    """What something has of the person's captures. Days are UTC days, None where it has none."""

    captures: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    """Captures by signal, most first."""
    first_day: date | None = None
    last_day: date | None = None


NOTHING = Share()


@dataclass(frozen=True)
class Lineage:
    """The graph as the person is in it.

    `datasets` has the dataset versions whose manifests list captures of theirs, `models` the model versions that were
    trained on those, each capture counted once. `reached` says of every model version how sure it is that captures
    of theirs went into it, by its own training or through what it was made from.
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
    datasets: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    versions: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for dataset, model, *part in ask(cursor, subject, "lineage", **_readings(models)).fetchall():
        (versions[model] if dataset is None else datasets[dataset]).append(tuple(part))
    listed = {dataset: _share(parts) for dataset, parts in datasets.items()}
    return Lineage(models, listed, {model: _share(parts) for model, parts in versions.items()}, models.reach(listed))


def withdrawn(cursor: DuckDBPyConnection, subject: Subject) -> Withdrawn:
    rules, datasets, versions, since = 0, {}, {}, {}
    for dataset, model, events, at in ask(cursor, subject, "withdrawn", **_readings(graph(cursor))).fetchall():
        if dataset is not None:
            datasets[dataset], since[dataset] = events, at
        elif model is not None:
            versions[model] = events
        else:
            rules = events
    return Withdrawn(rules, datasets, versions, since)


def _readings(models: ModelGraph) -> dict[str, list[UUID]]:
    """Each model version with each dataset version that it was trained on, as two lists."""
    pairs = {
        (model, reading.dataset)
        for model, readings in models.readings.items()
        for reading in readings
        if reading.dataset is not None
    }
    return {"models": [model for model, _ in pairs], "datasets": [dataset for _, dataset in pairs]}


def _share(parts: list[tuple[Any, ...]]) -> Share:
    """`parts`: (signal, captures, first day, last day), a signal once."""
    kinds = dict(sorted(((signal, captures) for signal, captures, *_ in parts), key=lambda kind: -kind[1]))
    first, last = min(part[2] for part in parts), max(part[3] for part in parts)
    return Share(sum(kinds.values()), kinds, first, last)
