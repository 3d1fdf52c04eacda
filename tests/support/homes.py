"""Homes for tests, made by the real first start."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import pytest

from governance.db import database
from governance.operations import first_start
from lake.storage.shards.moving import spread

DIVIDED = (
    "tests/governance/backup/",
    "tests/governance/fulfilment/",
    "tests/governance/intake/",
    "tests/lake/datasets/",
    "tests/lake/rules/",
    "tests/queries/",
)
"""Tests that run in a lake of several shards (`lake.storage.shards`), half of them."""


def make(folder: Path) -> None:
    """A separate home in a folder that isn't one yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBOOK_HOME", str(folder))
        for name in ("OPENBOOK_MASTER_KEY", "OPENBOOK_SIGNING_KEY", "OPENBOOK_DATABASE_URL"):
            patch.delenv(name, raising=False)
        first_start.init()
        database.close()


def copy(folder: Path, shards: int = 1) -> None:
    """A quick home in a folder that doesn't exist yet; all such homes of a process have the same id and keys. `shards`:
    of its lake."""
    shutil.copytree(Path(_first(shards).name) / "home", folder)


def shards_of(test: pytest.Item) -> int:
    """How many the lake has in a test: in half of those of `DIVIDED`, several."""
    if test.get_closest_marker("undivided"):
        return 1
    if test.get_closest_marker("divided"):
        return 3
    chosen: int = test.config.getoption("shards")
    return chosen or (3 if test.nodeid.startswith(DIVIDED) and crc32(test.nodeid.encode()) % 2 else 1)


@cache
def _first(shards: int) -> TemporaryDirectory[str]:
    """Deleted when the process ends."""
    folder = TemporaryDirectory(prefix="open-book-home-")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENBOOK_LAKE_CATALOG", "OPENBOOK_LAKE_DATA"):
            patch.delenv(name, raising=False)
        make(Path(folder.name) / "home")
        if shards > 1:
            patch.setenv("OPENBOOK_HOME", str(Path(folder.name) / "home"))
            spread(shards)
    return folder
