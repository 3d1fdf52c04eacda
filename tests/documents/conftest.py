"""A fresh clone with a small home, as a reader of a document has it.

home    `.openbook` in the clone: all tests of this folder have it at its default place
clone   the clone; its commands have the settings of a fresh clone, except for free ports
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import queries.connection
from governance.db import database, work_queue
from settings import settings
from tests.documents.clone import Clone
from tests.governance.conftest import api, unknown
from tests.support import homes, ports

__all__ = ["api", "unknown"]


@pytest.fixture
def free_ports() -> dict[str, str]:
    names = ("OPENBOOK_DASHBOARD_PORT", "OPENBOOK_API_PORT", "OPENBOOK_IDP_PORT")
    return {name: str(port) for name, port in zip(names, ports.free_ports(3), strict=True)}


@pytest.fixture
def clone(tmp_path: Path, free_ports: dict[str, str]) -> Clone:
    folder = tmp_path / "open-book"
    folder.mkdir()
    return Clone(folder, free_ports)


@pytest.fixture
def home(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(clone.folder)
    assert settings().home == clone.folder / ".openbook"
    homes.copy(settings().home)
    yield settings().home
    queries.connection.close()
    work_queue.close()
    database.close()
