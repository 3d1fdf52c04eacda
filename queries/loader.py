"""Questions by name: `own/<name>.sql` holds one statement, with bound parameters only (`lake.statements.filled_in`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.statements import filled_in


@cache
def sql(name: str) -> str:
    """The text of one question."""
    return filled_in(Path(__file__).parent / "own", name)


def ask(cursor: DuckDBPyConnection, subject: Subject, name: str, **parameters: Any) -> DuckDBPyConnection:
    """Run one question about the subject; fetch the answer from the result."""
    return cursor.execute(sql(name), {"subject": subject.key, **parameters})


def frame(cursor: DuckDBPyConnection, subject: Subject, name: str, **parameters: Any) -> pd.DataFrame:
    """The answer as a DataFrame: days and times are datetime64, UTC, without a zone; lists are tuples or None."""
    answer = ask(cursor, subject, name, **parameters)
    lists = [column for column, kind, *_ in answer.description or () if kind.id == "list"]
    table = answer.df()
    for column in lists:
        values = [None if value is None or value is pd.NA else tuple(value) for value in table[column]]
        table[column] = pd.Series(values, dtype=object)
    return table
