"""The questions about one person: each file holds one statement, with bound parameters only."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lake.statements import filled_in


@cache
def sql(name: str) -> str:
    """The text of one question (`lake.statements.filled_in`)."""
    return filled_in(Path(__file__).parent, name)
