"""Homes whose lake is in a bucket with its catalog in PostgreSQL, as several machines without a shared disk have it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import queries.connection
from tests.support import homes, object_storage
from tests.support.object_storage import TestBucket
from tests.support.postgres import Server


@contextmanager
def home(
    server: Server, storage: object_storage.Server, folder: Path, patch: pytest.MonkeyPatch
) -> Iterator[TestBucket]:
    """A quick home in a folder that doesn't exist yet, and its bucket and catalog; the settings name them."""
    first, template, contents = _first(server, storage)
    shutil.copytree(Path(first.name) / "home", folder)
    url = server.new_database(template)
    bucket = object_storage.new_bucket(storage, patch)
    for key, content in contents.items():
        bucket.replace(key, content)
    patch.setenv("OPENBOOK_LAKE_CATALOG", url)
    patch.setenv("OPENBOOK_LAKE_DATA", "bucket")
    yield bucket
    queries.connection.close()
    if server.is_running:
        server.drop_database(url)


@cache
def _first(server: Server, storage: object_storage.Server) -> tuple[TemporaryDirectory[str], str, Mapping[str, bytes]]:
    """A home made by the real first start, its database, and what is in its bucket."""
    folder = TemporaryDirectory(prefix="open-book-home-")
    server.create_database("first_in_bucket")
    with pytest.MonkeyPatch.context() as patch:
        bucket = object_storage.new_bucket(storage, patch)
        patch.setenv("OPENBOOK_LAKE_CATALOG", server.url("first_in_bucket"))
        patch.setenv("OPENBOOK_LAKE_DATA", "bucket")
        homes.make(Path(folder.name) / "home")
        contents = bucket.contents()
    return folder, "first_in_bucket", contents
