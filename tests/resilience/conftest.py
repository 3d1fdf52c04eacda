"""Fixtures of the tests in which processes are killed.

lives   starts workers and APIs that can be killed (`tests.resilience.lives`)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.governance.conftest import api, capture, closed_databases, hold, unknown
from tests.resilience.lives import Lives, beginning

__all__ = ["api", "capture", "closed_databases", "hold", "lives", "unknown"]


@pytest.fixture
def lives(home: Path) -> Iterator[Lives]:
    with beginning() as started:
        yield started
