"""The lake with its data files in a bucket and its catalog in PostgreSQL.

home     has its lake there
bucket   that of `home`
line     to the storage: what `home` uses, and may be cut
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from lake.storage.connection import writer
from tests.support import lake_in_bucket, object_storage
from tests.support.line import Line, line_to
from tests.support.object_storage import TestBucket
from tests.support.postgres import Server


@pytest.fixture
def bucket(
    postgres: Server, object_server: object_storage.Server, no_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestBucket]:
    with lake_in_bucket.home(postgres, object_server, no_home, monkeypatch) as bucket:
        yield bucket


@pytest.fixture
def home(bucket: TestBucket, no_home: Path) -> Path:
    return no_home


@pytest.fixture
def lake(home: Path) -> Iterator[DuckDBPyConnection]:
    """The writer."""
    with writer() as connection:
        yield connection


@pytest.fixture
def line(home: Path, object_server: object_storage.Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    with line_to(object_server.port) as line:
        monkeypatch.setenv("OPENBOOK_OBJECTS_ENDPOINT", f"http://localhost:{line.port}")
        yield line
