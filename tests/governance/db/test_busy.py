"""A database that is locked by another writer: 503 with a retry time, never an internal error."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import directory.models
from databases import postgresql
from governance.db import database
from governance.db.database import writing
from parts import Busy
from tests.governance.conftest import Client
from tests.support.people import Company

FILES = {"governance": "governance/governance.sqlite", "directory": "directory/directory.sqlite"}


TABLES = {"governance": "governance.request", "directory": "directory.employee"}


@contextmanager
def locked(which: str, home: Path) -> Iterator[None]:
    if postgresql.is_used():
        with postgresql.connect() as someone, someone.transaction():
            someone.execute(f"lock table {TABLES[which]} in access exclusive mode")
            yield
        return
    with closing(sqlite3.connect(home / FILES[which], isolation_level=None, timeout=10)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


@pytest.mark.parametrize("which", sorted(FILES))
def test_a_locked_database_is_answered_with_503(
    which: str, api: Client, person: Company, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(directory.models, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(postgresql, "PATIENCE_SECONDS", 0.2)
    database.close()  # the next use opens it with this patience
    client = api(person())
    assert client.get("/v1/requests").json() == []
    with locked(which, home):
        answer = client.post("/v1/requests", json={"type": "export"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Nothing was changed" in answer.json()["detail"]
    assert client.get("/v1/requests").json() == []
    assert client.post("/v1/requests", json={"type": "export"}).status_code == 201


def test_writers_take_turns_and_time_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.2)
    found: list[BaseException] = []
    with writing():

        def write() -> None:
            try:
                with writing():
                    pass
            except Busy as error:
                found.append(error)

        other = threading.Thread(target=write)
        other.start()
        other.join()
    assert [type(error) for error in found] == [Busy]
    with writing():
        pass
