"""The person's own lineage: their captures in dataset versions and model versions, with the evidence of each step.

    own captures -> dataset versions -> runs -> model versions -> those made from them, and where all are in use

The graph of models has no personal data (`lake.lineage.model_graph`). It is read when its tables have changed and then
shared by everyone in this process. The person's own part is asked in one question, and kept in their own session at
most (`queries.kept`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.datasets import making
from lake.lineage import dates
from lake.lineage.manifest import Leaf, form_of, proof
from lake.lineage.model_graph import STRENGTH, Evidence, Link, ModelGraph, Reached, Until
from lake.lineage.model_readings import Reading
from lake.rules.scope import Scope
from queries.lasting import Lasting
from queries.loader import ask, frame
from queries.own import sql
from queries.records import scope_parameters
from queries.shares import Share, shares

_graph = Lasting(ModelGraph.TABLES, ModelGraph.read)

NOTHING = Share()


@dataclass(frozen=True)
class Lineage:
    """The graph with the person's own part.

    `datasets` has the dataset versions whose manifests list their captures, `models` the model versions that were
    certainly trained on those, each capture counted once. `reached` says for every model version how certain it is
    that their captures went into it, by its own training or through what it was made from. `until`: the dataset
    versions of which they withdrew everything, and when. `too_old`: the model versions that were made before any of
    their captures.
    """

    graph: ModelGraph
    datasets: Mapping[UUID, Share]
    models: Mapping[UUID, Share]
    reached: Mapping[UUID, Reached]
    until: Until = field(default_factory=dict)
    too_old: Container[UUID] = ()
    never_any: bool = False
    """Nothing of them was ever in this register."""

    def evidence(self, reading: Reading) -> Evidence:
        """How certain it is that the person's captures went into a model version by a run's reading, dates aside."""
        return Evidence.NONE if self.never_any else self.graph.evidence_of(reading, self.datasets, self.until)

    def dataset_evidence(self, dataset: UUID) -> Evidence:
        """How certain it is that a dataset version has the person's captures."""
        if self.never_any:
            return Evidence.NONE
        return self.graph.evidence_of(Reading(dataset, dataset, None), self.datasets)

    def surest_first(self, models: Iterable[UUID]) -> list[UUID]:
        """Model versions, those with the strongest evidence of the person's captures first."""
        return sorted(models, key=lambda model: STRENGTH[self.reached[model].evidence])

    def inherited(self, link: Link) -> Evidence:
        """How certain it is that the person's captures were carried over from one model version to another."""
        return self.graph.inherited(link, self.reached)


@dataclass(frozen=True)
class Withdrawn:
    """The person's captures that must no longer be trained on: erased, objected to or restricted.

    A slice that a rule touches counts in full. `since` is when the earliest rule on it was made, `until` when the last
    of its slices was withdrawn that was.
    """

    rules: int
    datasets: Mapping[UUID, int]
    models: Mapping[UUID, int]
    since: Mapping[UUID, datetime]
    until: Mapping[UUID, datetime] = field(default_factory=dict)
    """By dataset version."""
    at_least: Container[UUID] = ()
    """The model versions of which `models` may be too low."""


@dataclass(frozen=True)
class DatasetsRead:
    """A page of what a model version was trained on: dataset_version, namespace, dataset, version, part and
    manifest_root of each; `total` counts all pages."""

    own: Lineage
    datasets: Sequence[dict[str, Any]]
    total: int


def graph(cursor: DuckDBPyConnection) -> ModelGraph:
    """The graph of models in the cursor's snapshot. It contains no personal data."""
    return _graph.of(cursor)


def lineage(cursor: DuckDBPyConnection, subject: Subject) -> Lineage:
    models = graph(cursor)
    return _lineage(models, _listed(cursor, subject, models), made_before(cursor, subject, Scope()))


def lineage_since(cursor: DuckDBPyConnection, subject: Subject, first_day: datetime | None) -> Lineage:
    """The same for a caller that knows the first day of what is captured or was removed (`overview.first_day`), so that
    it isn't looked for again."""
    models = graph(cursor)
    listed = _listed(cursor, subject, models)
    days = [day for day in (first_day, _first_day(listed)) if day is not None]
    return _lineage(models, listed, dates.made_before(min(days, default=None)))


def _lineage(models: ModelGraph, listed: pa.Table | None, before: datetime | None) -> Lineage:
    datasets, versions, until = shares(listed, models.trainings) if listed is not None else ({}, {}, {})
    never_any = before == dates.NEVER_ANY
    too_old = frozenset[UUID]() if never_any else models.too_old(before, datasets)
    reached = models.reach(datasets, until, too_old, never_any=never_any)
    return Lineage(models, datasets, versions, reached, until, too_old, never_any)


def _listed(cursor: DuckDBPyConnection, subject: Subject, models: ModelGraph) -> pa.Table | None:
    """The person's slices in dataset versions, as for `shares`. Without any dataset version, nothing lists a slice."""
    return ask(cursor, subject, "lineage").to_arrow_table() if models.datasets else None


def _first_day(listed: pa.Table | None) -> datetime | None:
    """The first moment of a table's first day; of an erased day, the first of the year 1."""
    day = None if listed is None else pc.min(listed["day"]).as_py()
    return None if day is None else datetime(day.year, day.month, day.day)  # noqa: DTZ001 (naive UTC)


def made_before(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> datetime | None:
    """What was made before then can't have learned from captures of the scope (`lake.lineage.dates`)."""
    [(first_day,)] = ask(cursor, subject, "first_day", **scope_parameters(scope)).fetchall()
    return dates.made_before(first_day)


def lineage_and_withdrawn(cursor: DuckDBPyConnection, subject: Subject) -> tuple[Lineage, Withdrawn]:
    """Both from one snapshot."""
    return lineage(cursor, subject), withdrawn(cursor, subject)


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
    runs = [source.run for source in graph(cursor).sources.get(model_version, ())]
    answer = cursor.execute(sql("datasets_read"), {"runs": runs, "offset": offset, "limit": limit})
    columns = [column for column, *_ in answer.description or ()]
    datasets = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
    totals = [int(each.pop("total")) for each in datasets]
    return datasets, totals[0] if totals else 0


def withdrawn(cursor: DuckDBPyConnection, subject: Subject) -> Withdrawn:
    rules, datasets, versions, since, until, at_least = 0, {}, {}, {}, {}, set()
    trainings = graph(cursor).trainings
    readings = {
        "models": [model for model, _, _ in trainings],
        "datasets": [dataset for _, dataset, _ in trainings],
        "began": [began_by for _, _, began_by in trainings],
    }
    for dataset, model, events, first, last, more in ask(cursor, subject, "withdrawn", **readings).fetchall():
        if dataset is not None:
            datasets[dataset], since[dataset], until[dataset] = events, first, last
        elif model is not None:
            versions[model] = events
            if more:
                at_least.add(model)
        else:
            rules = events
    return Withdrawn(rules, datasets, versions, since, until, at_least)


def violations(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """What pipelines did with the person's captures against the rules (`lake.lineage.violations`), newest first:
    violation, kind, job, run_purpose, started_at, dataset, version, dataset_purpose, request (the person's own, if they
    had withdrawn something), events, found_at."""
    return frame(cursor, subject, "violations")


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
