"""Fixtures of the lake's tests: `home` has its lake's catalog in SQLite or in PostgreSQL (`tests.lake.setups`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from lake.storage.connection import writer
from tests.lake import setups
from tests.support import homes, lake_on_postgres
from tests.support.postgres import Server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "catalog_in" in metafunc.fixturenames:
        metafunc.parametrize("catalog_in", setups.of_test(metafunc))


@pytest.fixture
def home(
    request: pytest.FixtureRequest, catalog_in: str, no_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    if catalog_in == setups.SQLITE:
        homes.copy(no_home, homes.shards_of(request.node))
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
