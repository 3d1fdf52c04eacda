"""Which models consumed a person's captures, and how well that is known.

proven    the manifest of a dataset version that it was trained on lists slices of the person
possible  it was trained on a dataset version whose content nobody wrote down
unknown   it is not known what it was trained on
none      the manifests of what it was trained on list no slice of the person
"""

from __future__ import annotations

from uuid import UUID

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.tokens import Subject
from lake.scope import Scope
from queries.loader import frame
from queries.records import scope_parameters


def models(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """One row a model version and dataset version that it was trained on, newest first.

    DataFrame[model_version: UUID, model, version, purpose, owner, released_at, retired_at,
    dataset_version: UUID, dataset, dataset_release, dataset_purpose, evidence, captures, model_captures,
    first_day, last_day, finished_at]. `captures` are the person's in that dataset version, `model_captures`
    in all dataset versions of that model version together, each slice once.
    """
    return frame(cursor, subject, "models")


def model_slices(cursor: DuckDBPyConnection, subject: Subject, model_version: UUID) -> pd.DataFrame:
    """DataFrame[day, signal, application, events]: the person's slices that a model version was trained on."""
    return frame(cursor, subject, "model_slices", model_version=model_version)


def datasets_affected(cursor: DuckDBPyConnection, subject: Subject, scope: Scope) -> pd.DataFrame:
    """DataFrame[dataset, version, model, model_version, events]: dataset versions with slices of the scope, and
    the model versions trained on them (None: none yet). A slice that the scope touches
    counts whole."""
    return frame(cursor, subject, "datasets_affected", **scope_parameters(scope))
