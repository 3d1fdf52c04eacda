"""Homes whose lake has its catalog in PostgreSQL and its data in a folder apart, as several machines would share it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import queries.connection
from tests.support import homes
from tests.support.postgres import Server


@contextmanager
def home(server: Server, folder: Path, data: Path, patch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A quick home in a folder that doesn't exist yet, its data in another, and its catalog in a new database; the
    settings name them from now on."""
    first, template = _first(server)
    shutil.copytree(Path(first.name) / "home", folder)
    shutil.copytree(Path(first.name) / "data", data)
    url = server.new_database(template)
    patch.setenv("OPENBOOK_LAKE_CATALOG", url)
    patch.setenv("OPENBOOK_LAKE_DATA", str(data))
    yield folder
    queries.connection.close()
    if server.is_running:
        server.drop_database(url)


@cache
def _first(server: Server) -> tuple[TemporaryDirectory[str], str]:
    """A home made by the real first start, and its database."""
    folder = TemporaryDirectory(prefix="open-book-home-")
    server.create_database("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBOOK_LAKE_CATALOG", server.url("first"))
        patch.setenv("OPENBOOK_LAKE_DATA", str(Path(folder.name) / "data"))
        homes.make(Path(folder.name) / "home")
    return folder, "first"
