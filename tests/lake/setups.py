"""The set-ups that the lake's tests run on: its catalog is in SQLite or in PostgreSQL.

What a test asks of the lake is the same SQL in both, so each runs on one of them, always the same one: half of the
tests on each. `--every-place` runs all of them on both. A test about the set-ups says where it runs: `IN_BOTH`,
`ON_SQLITE`, `ON_POSTGRES`.
"""

from __future__ import annotations

from zlib import crc32

import pytest

SQLITE, POSTGRES = "sqlite", "postgres"

IN_BOTH = pytest.mark.catalogs(SQLITE, POSTGRES)
ON_SQLITE = pytest.mark.catalogs(SQLITE)
ON_POSTGRES = pytest.mark.catalogs(POSTGRES)


def of_test(metafunc: pytest.Metafunc) -> tuple[str, ...]:
    """Where the catalog is as this test runs."""
    if marked := metafunc.definition.get_closest_marker("catalogs"):
        return marked.args
    if metafunc.config.getoption("every_place"):
        return SQLITE, POSTGRES
    return ((SQLITE, POSTGRES)[crc32(metafunc.definition.nodeid.encode()) % 2],)
