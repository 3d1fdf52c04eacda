"""Fixtures of the lake's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from lake.storage.connection import writer


@pytest.fixture
def lake(home: Path) -> Iterator[DuckDBPyConnection]:
    """The writer of a new lake."""
    with writer() as connection:
        yield connection
