"""The lake's SQL: one statement a file under `lake/sql/`, values by bound parameters only."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def statement(name: str) -> str:
    """The text of `lake/sql/NAME.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
