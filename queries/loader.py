"""Questions by name: `own/<name>.sql` holds one statement, with bound parameters only (`lake.statements.filled_in`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

import tracing
from directory.access_tokens import Subject
from lake.statements import filled_in
from queries.connection import is_of_a_shard, once


@cache
def sql(name: str) -> str:
    """The text of one question."""
    return filled_in(Path(__file__).parent / "own", name)


def snapshot_number(cursor: DuckDBPyConnection) -> int:
    """DuckLake's number of the snapshot that the cursor sees: of the shard that the person is in, if the lake is
    divided."""
    return _number(cursor, "snapshot_number")


def first_snapshot_number(cursor: DuckDBPyConnection) -> int:
    """The same of the first shard, which has what isn't about one person."""
    return _number(cursor, "first_snapshot_number" if is_of_a_shard(cursor) else "snapshot_number")


def _number(cursor: DuckDBPyConnection, name: str) -> int:
    def read() -> int:
        [(number,)] = cursor.execute(sql(name)).fetchall()
        return int(number)

    return once(cursor, name, read)


def ask(cursor: DuckDBPyConnection, subject: Subject, name: str, **parameters: Any) -> DuckDBPyConnection:
    """Run one question about the subject; fetch the answer from the result."""
    with tracing.question(f"own/{name}"):
        return _answer(cursor, subject, name, parameters)


def frame(cursor: DuckDBPyConnection, subject: Subject, name: str, **parameters: Any) -> pd.DataFrame:
    """The answer as a DataFrame: days and times are datetime64, UTC, without a zone; lists are tuples or None."""
    with tracing.question(f"own/{name}"):
        answer = _answer(cursor, subject, name, parameters)
        lists = [column for column, kind, *_ in answer.description or () if kind.id == "list"]
        table = answer.df()
    for column in lists:
        values = [None if value is None or value is pd.NA else tuple(value) for value in table[column]]
        table[column] = pd.Series(values, dtype=object)
    return table


def _answer(cursor: DuckDBPyConnection, subject: Subject, name: str, parameters: dict[str, Any]) -> DuckDBPyConnection:
    return cursor.execute(sql(name), {"subject": subject.key, **parameters})
