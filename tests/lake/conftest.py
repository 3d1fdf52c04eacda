"""Fixtures of the lake's tests. Each runs on both set-ups: `home` has its lake's catalog in SQLite or in PostgreSQL. A
test about one of them asks for it: `@ON_SQLITE`, `@ON_POSTGRES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from lake.storage.connection import writer
from tests.lake.setups import POSTGRES, SQLITE
from tests.support import homes, lake_on_postgres
from tests.support.postgres import Server


@pytest.fixture(params=[SQLITE, POSTGRES])
def home(
    request: pytest.FixtureRequest, no_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    if request.param == SQLITE:
        homes.copy(no_home)
        yield no_home
        return
    server: Server = request.getfixturevalue("postgres")
    with lake_on_postgres.home(server, no_home, tmp_path / "data", monkeypatch) as home:
        yield home


@pytest.fixture
def lake(home: Path) -> Iterator[DuckDBPyConnection]:
    """The writer of a new lake."""
    with writer() as connection:
        yield connection
