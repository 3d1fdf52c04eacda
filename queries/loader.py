"""Questions by name (`queries.own`), asked about one person."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

import tracing
from directory.access_tokens import Subject
from queries import rules
from queries.own import sql

RULES = "$rules"


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
    if RULES in sql(name):
        parameters["rules"] = [rule.parameter for rule in rules.of(cursor, subject)]
    return cursor.execute(sql(name), {"subject": subject.key, **parameters})
