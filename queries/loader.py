"""Questions by name: `own/<name>.sql` holds one statement, with bound parameters only.

The line `-- include <part>` stands for the text of `own/parts/<part>.sql`, which several questions share.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject

INCLUDED = re.compile(r"^-- include (\w+)$", re.MULTILINE)


@cache
def sql(name: str) -> str:
    """The text of one question."""
    return INCLUDED.sub(lambda part: _text(f"parts/{part[1]}"), _text(name))


def _text(name: str) -> str:
    return (Path(__file__).parent / "own" / f"{name}.sql").read_text(encoding="utf-8")


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
