"""Which models consumed a person's captures, and with what evidence: the person's lineage as a table.

proven    the manifest of a dataset version that it was certainly trained on lists slices of the person
possible  it may have been trained on such a dataset version, or on one without a record of its contents
unknown   it is not known what it was trained on
none      of everything that its runs reported, nothing lists a slice of the person

and made_before, in place of possible or unknown: it was made before the first of the person's captures, as its runs
reported.

The models that a model version was made from count as well (`lake.lineage.model_graph`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.lineage.model_graph import STRENGTH, Evidence, Model
from lake.rules.scope import Scope
from lake.rules.withdrawals import Affected
from queries.lineage import NOTHING, Lineage, graph, lineage, made_before
from queries.loader import ask, frame
from queries.records import scope_parameters

COLUMNS = (
    *("model_version", "model", "version", "purpose", "owner", "released_at", "retired_at"),
    *("model_evidence", "through", "relation"),
    *("dataset_version", "dataset", "dataset_release", "dataset_purpose", "datasets"),
    *("evidence", "captures", "model_captures", "first_day", "last_day", "finished_at"),
)
NO_SLICES = pd.DataFrame(
    {
        "day": pd.Series(dtype="datetime64[us]"),
        "signal": pd.Series(dtype="str"),
        "application": pd.Series(dtype="str"),
        "events": pd.Series(dtype="int64"),
    }
)
TIMES = ("released_at", "retired_at", "first_day", "last_day", "finished_at")


def models(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """One row per model version and dataset version that it was trained on, newest first.

    DataFrame[model_version: UUID, model, version, purpose, owner, released_at, retired_at, model_evidence, through,
    relation, dataset_version: UUID, dataset, dataset_release, dataset_purpose, datasets, evidence, captures,
    model_captures, first_day, last_day, finished_at]. `datasets` is 1; more if one row stands for that many datasets
    without a manifest, 0 if none was recorded. `evidence` is for that dataset version; `model_evidence` for the model
    version, by any path and its dates; `through` names the model version that it was made from, if that says more than
    its own training, and `relation` how. `captures` are the person's in that dataset version, `model_captures` in all
    dataset versions that it was certainly trained on, each slice once.
    """
    table = pd.DataFrame(list(_rows(lineage(cursor, subject))), columns=list(COLUMNS))
    for column in TIMES:
        table[column] = pd.to_datetime(table[column])
    return table


def model_slices(cursor: DuckDBPyConnection, subject: Subject, model_version: UUID | None) -> pd.DataFrame:
    """DataFrame[day, signal, application, events]: the person's slices that a model version (None: any) was certainly
    trained on."""
    began = {
        (dataset, began_by) for model, dataset, began_by in graph(cursor).trainings if model_version in (None, model)
    }
    if not began:
        return NO_SLICES.copy()
    read = {"datasets": [dataset for dataset, _ in began], "began": [began_by for _, began_by in began]}
    return frame(cursor, subject, "model_slices", **read)


def datasets_affected(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> Affected:
    """The dataset versions that list captures of the scope. A slice that the scope touches counts in full."""
    rows = ask(cursor, subject, "datasets_affected", **scope_parameters(scope)).fetchall()
    return Affected.of(rows, made_before(cursor, subject, scope))


def _rows(own: Lineage) -> Iterator[dict[str, Any]]:
    newest = sorted(own.graph.models.values(), key=lambda each: each.name)
    for model in sorted(newest, key=lambda each: each.released_at, reverse=True):
        yield from _rows_of(own, model)


def _rows_of(own: Lineage, model: Model) -> Iterator[dict[str, Any]]:
    reached = own.reached[model.id]
    whole = {
        **{name: getattr(model, name) for name in COLUMNS[1:7]},
        "model_version": model.id,
        "model_evidence": reached.evidence.value,
        "through": own.graph.models[reached.through.parent].name if reached.through else None,
        "relation": reached.through.relation.value if reached.through else None,
        "model_captures": own.models.get(model.id, NOTHING).captures,
    }
    read: dict[UUID | None, list[tuple[Evidence, datetime | None]]] = defaultdict(list)
    for reading in own.graph.readings.get(model.id, ()):
        run = own.graph.runs.get(reading.run)
        read[reading.dataset].append((own.evidence(reading), run.ended_at if run else None))
    for key, how in sorted(read.items() or [(None, [])], key=lambda pair: _name(own, pair[0])):
        dataset = own.graph.datasets[key] if key else None
        share = own.datasets.get(key, NOTHING) if key else NOTHING
        evidence = min((each for each, _ in how), key=STRENGTH.__getitem__, default=Evidence.UNKNOWN)
        yield {
            **whole,
            "dataset_version": key if dataset and dataset.members == 1 else None,
            "dataset": dataset.full_name if dataset and dataset.first else dataset.dataset if dataset else None,
            "dataset_release": dataset.version if dataset else None,
            "dataset_purpose": dataset.purpose if dataset else None,
            "datasets": dataset.members if dataset else 0,
            "evidence": evidence.value,
            "captures": share.captures,
            "first_day": share.first_day,
            "last_day": share.last_day,
            "finished_at": max((ended for _, ended in how if ended), default=None),
        }


def _name(own: Lineage, dataset: UUID | None) -> tuple[str, str]:
    return (own.graph.datasets[dataset].dataset, own.graph.datasets[dataset].version) if dataset else ("", "")
