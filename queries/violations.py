"""Violations by pipelines that concern a person's captures (`lake.lineage.violations`)."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from queries.loader import frame


def violations(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """Newest first: violation, kind, job, run_purpose, started_at, dataset, version, dataset_purpose, request (the
    person's own, if they had withdrawn something), events, found_at."""
    return frame(cursor, subject, "violations")
