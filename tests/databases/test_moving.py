"""A home whose state is in files is moved into PostgreSQL: wholly or not at all, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

import verifier
from databases.postgresql import Schema
from directory import Employee
from directory.keys import holders
from governance import moving
from governance.copies.errors import NotMoved
from governance.db import database, work_queue, worker_slots
from governance.db.database import reading, writing
from governance.db.tables import EventRow, RequestRow
from governance.ledger import log
from governance.ledger.signing import signer
from home import HomeUnavailable
from tests.governance.conftest import ROOT, Capture, Client, wait_until
from tests.governance.working import carry_out
from tests.resilience.traps import die, set_trap
from tests.support import forking
from tests.support.people import Company

pytestmark = pytest.mark.state_in_files

COMMAND = [sys.executable, "-m", "governance", "move-to-postgresql"]


@pytest.fixture
def ada(home: Path, person: Company, capture: Capture) -> Employee:
    """A person with captures, and requests that ended, failed and wait."""
    ada = person("ada@example.com")
    capture(ada, 3)
    return ada


@pytest.fixture
def before(ada: Employee, api: Client) -> dict[str, Any]:
    client = api(ada)
    for kind in ("export", "erasure"):
        assert carry_out(client.post("/v1/requests", json={"type": kind}).json()["id"])
    client.post("/v1/requests", json={"type": "rectification", "note": "Not me."})
    told = seen(client)
    stop()
    return told


def stop() -> None:
    """This process no longer uses the home."""
    work_queue.close()
    database.close()
    holders.forget()


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> Iterator[Callable[[], bool]]:
    """Moves the home, and reads it in PostgreSQL from then on."""

    def moved() -> bool:
        stop()
        monkeypatch.setenv("OPENBOOK_DATABASE_URL", postgres_url)
        return moving.move()

    yield moved
    stop()


def seen(client: TestClient) -> dict[str, Any]:
    """What a person sees, and what the ledger and the tables say."""
    paths = ("/v1/me", "/v1/requests", "/v1/me/summary", "/v1/me/access-log", "/v1/ledger/checkpoint")
    answers = {path: client.get(path).text for path in paths if client.get(path).raise_for_status()}
    with reading() as session:
        events = [(row.id, row.at, row.note) for row in session.scalars(select(EventRow).order_by(EventRow.id))]
        return {**answers, "events": events, "size": log.size(session)}


def files(home: Path) -> list[str]:
    return sorted(path.name for name in ("governance", "directory") for path in (home / name).glob("*sqlite*"))


def schemas(url: str) -> set[str]:
    with closing(psycopg.connect(url)) as connection:
        return {name for (name,) in connection.execute("select nspname from pg_namespace")} & set(Schema)


def test_everything_is_there_after_a_move(
    home: Path, before: dict[str, Any], move: Callable[[], bool], api: Client, ada: Employee
) -> None:
    assert move() is True
    client = api(ada)
    assert seen(client) == before
    assert files(home) == []
    for request in client.get("/v1/requests").json():
        if request["completed_at"]:
            receipt = client.get(f"/v1/requests/{request['id']}/receipt").text
            assert verifier.verify(receipt, verifier.Trust(keys=[signer().key])).proven
    filed = client.post("/v1/requests", json={"type": "objection"}).json()["id"]
    assert carry_out(filed)
    with reading() as session:
        assert log.size(session) > before["size"]
    assert move() is False


def test_the_command_says_what_it_did(home: Path, before: dict[str, Any], postgres_url: str) -> None:
    without = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True)
    assert (without.returncode, files(home) != []) == (1, True)
    assert "Set OPENBOOK_DATABASE_URL" in without.stderr
    environment = {**os.environ, "OPENBOOK_DATABASE_URL": postgres_url}
    done = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr, files(home)) == (0, "", [])
    assert "Start everything again" in done.stdout


def killed_move(at: str) -> None:
    """Moves the home, in a process that is killed when it comes there."""
    set_trap(at, die)
    moving.move()


@pytest.mark.parametrize(
    "at",
    ["before governance.copies.state:copy", "before governance.moving:_finish"],
    ids=["before the copy", "after the copy"],
)
def test_a_killed_move_continues(
    home: Path,
    before: dict[str, Any],
    move: Callable[[], bool],
    api: Client,
    ada: Employee,
    at: str,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as of_the_move:
        of_the_move.setenv("OPENBOOK_DATABASE_URL", postgres_url)
        killed = forking.start(killed_move, at)
    killed.join(120)
    assert killed.exitcode == -signal.SIGKILL
    with pytest.raises(HomeUnavailable), reading():
        pass
    assert move() is True
    assert seen(api(ada)) == before
    assert files(home) == []


def test_a_value_that_doesnt_fit_moves_nothing(
    home: Path, before: dict[str, Any], move: Callable[[], bool], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing() as session:
        session.execute(update(RequestRow).values(zone="x" * 100))
    stop()
    there = files(home)
    with pytest.raises(NotMoved, match="can't be stored in PostgreSQL"):
        move()
    assert schemas(postgres_url) == set()
    monkeypatch.delenv("OPENBOOK_DATABASE_URL")
    with reading() as session:
        assert set(session.scalars(select(RequestRow.zone))) == {"x" * 100}
    assert {name for name in files(home) if not name.endswith(("-wal", "-shm"))} == {
        name for name in there if not name.endswith(("-wal", "-shm"))
    }


def test_a_database_that_is_used_is_refused(
    home: Path, before: dict[str, Any], move: Callable[[], bool], postgres_url: str, api: Client, ada: Employee
) -> None:
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute("create schema governance")
    with pytest.raises(HomeUnavailable, match="already has governance"):
        move()
    os.environ.pop("OPENBOOK_DATABASE_URL")
    assert seen(api(ada)) == before


def test_a_home_in_use_is_not_moved(
    home: Path,
    before: dict[str, Any],
    move: Callable[[], bool],
    work: Callable[[], BaseProcess],
    api: Client,
    ada: Employee,
    postgres_url: str,
) -> None:
    work()
    wait_until(worker_slots.any_running)
    with pytest.raises(NotMoved, match=r"in use: .*worker"):
        move()
    assert schemas(postgres_url) == set()
    os.environ.pop("OPENBOOK_DATABASE_URL")
    assert seen(api(ada))["/v1/me"] == before["/v1/me"]
