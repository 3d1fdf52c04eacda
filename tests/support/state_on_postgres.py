"""Homes whose governance state, directory and queue are in PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from governance.db import database, work_queue
from governance.operations import first_start
from tests.support.postgres import Server

FASTER = ("alter system set fsync = off", "alter system set full_page_writes = off", "select pg_reload_conf()")
"""No test cuts the power of a disk."""
TEMPLATE = "first_state"

_numbers = count()


def run(server: Server, *statements: str) -> None:
    """As the server's administrator."""
    with closing(psycopg.connect(server.url(), autocommit=True)) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@contextmanager
def home_copied(server: Server, folder: Path) -> Iterator[str]:
    """A quick home in a folder that doesn't exist yet, with its state in a database of its own, whose URL this yields;
    all such homes of a process have the same id and keys."""
    shutil.copytree(Path(_first(server).name) / "home", folder)
    name = f"state_{next(_numbers)}"
    run(server, f"create database {name} template {TEMPLATE} strategy file_copy")
    try:
        yield server.url(name)
    finally:
        work_queue.close()
        database.close()
        run(server, f"drop database {name} with (force)")


@cache
def _first(server: Server) -> TemporaryDirectory[str]:
    """A home made by the real first start. Deleted when the process ends."""
    folder = TemporaryDirectory(prefix="open-book-home-")
    run(server, *FASTER, f"create database {TEMPLATE}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBOOK_HOME", str(Path(folder.name) / "home"))
        patch.setenv("OPENBOOK_DATABASE_URL", server.url(TEMPLATE))
        first_start.init()
        work_queue.close()
        database.close()
    return folder
