"""Homes for tests, made by the real first start."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from governance.db import database
from governance.operations import first_start


def make(folder: Path) -> None:
    """A separate home in a folder that isn't one yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBOOK_HOME", str(folder))
        for name in ("OPENBOOK_MASTER_KEY", "OPENBOOK_SIGNING_KEY", "OPENBOOK_DATABASE_URL"):
            patch.delenv(name, raising=False)
        first_start.init()
        database.close()


def copy(folder: Path) -> None:
    """A quick home in a folder that doesn't exist yet; all such homes of a process have the same id and keys."""
    shutil.copytree(Path(_first().name) / "home", folder)


@cache
def _first() -> TemporaryDirectory[str]:
    """Deleted when the process ends."""
    folder = TemporaryDirectory(prefix="open-book-home-")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENBOOK_LAKE_CATALOG", "OPENBOOK_LAKE_DATA"):
            patch.delenv(name, raising=False)
        make(Path(folder.name) / "home")
    return folder
