"""Fixtures of the tests of the export.

ada    somebody with the seven awkward captures
path   where an export goes
"""

from __future__ import annotations

from pathlib import Path

import pytest

from directory import Employee
from tests.governance.captured import put
from tests.governance.export.opening import REQUEST
from tests.support.people import Company


@pytest.fixture
def ada(person: Company) -> Employee:
    """Someone with the seven difficult captures."""
    ada = person("ada@example.com", name='Ada <img src=x onerror="alert(1)">')
    put(ada)
    return ada


@pytest.fixture
def path(home: Path) -> Path:
    folder = home / "exports"
    folder.mkdir(parents=True)
    return folder / f"{REQUEST}.sealed"
