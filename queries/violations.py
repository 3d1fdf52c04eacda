"""What pipelines did with a person's captures that must not have been done (`lake.lineage.violations`)."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.tokens import Subject
from queries.loader import frame


def violations(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """Newest first: violation, kind, job, run_purpose, started_at, dataset, version, dataset_purpose, request (the
    person's own, where they had withdrawn something), events, found_at."""
    return frame(cursor, subject, "violations")
