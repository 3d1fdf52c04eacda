"""What is no longer needed is removed, and what it belonged to is unchanged."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

import clock
from governance.db import database, work_queue
from governance.db.database import reading
from governance.db.tables import IdempotencyRow, RequestRow
from governance.domain.lifecycle import Type
from governance.requests.filing import KEYS_KEPT
from governance.rounds import tidying
from home import Part
from lake.storage import maintenance
from lake.storage.connection import data_folder, reader, reader_once, writer
from lake.storage.shards import placing
from lake.storage.shards.moving import spread
from queries.connection import answering
from tests.governance.conftest import Capture, Client, ended, wait_until
from tests.governance.working import carry_out
from tests.lake.rows import purge_is_due
from tests.support import forking
from tests.support.people import Company

Work = Callable[[], BaseProcess]


def keys() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(IdempotencyRow)) or 0


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def files() -> set[Path]:
    return set(data_folder().rglob("*.parquet"))


def test_ended_workflows_are_deleted_requests_stay(
    api: Client, person: Company, capture: Capture, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    worker = work()
    filed = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    done = ended(client, filed)
    worker.terminate()
    worker.join()
    waiting = client.post("/v1/requests", json={"type": "objection"}).json()["id"]
    tidying.forget_workflows()
    assert work_queue.under_way([filed, waiting]) == {filed: False, waiting: True}
    with monkeypatch.context() as patch:
        at(patch, clock.now() + tidying.WORKFLOWS_KEPT + timedelta(seconds=5))
        tidying.forget_workflows()
    assert work_queue.under_way([filed, waiting]) == {waiting: True}
    work_queue.enqueue(UUID(filed), Type.EXPORT)  # as an API does that was very slow
    work()
    assert ended(client, waiting)["state"] == "completed"
    assert client.get(f"/v1/requests/{filed}").json() == done


def test_idempotency_key_is_kept_for_a_day(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    ada, bob = person("ada@example.com"), person("bob@example.com")
    body, key = {"type": "export"}, {"Idempotency-Key": "once"}
    first = api(ada).post("/v1/requests", json=body, headers=key).json()["id"]
    at(monkeypatch, now + KEYS_KEPT - timedelta(minutes=1))
    api(bob).post("/v1/requests", json=body, headers=key)
    tidying.forget_keys()
    assert keys() == 2
    assert api(ada).post("/v1/requests", json=body, headers=key).json()["id"] == first
    at(monkeypatch, now + KEYS_KEPT + timedelta(minutes=1))
    again = api(ada).post("/v1/requests", json=body, headers=key)
    assert (again.status_code, again.json()["request"]) == (409, first), "the request itself is still open"
    client = api(ada)
    client.delete(f"/v1/requests/{first}")
    second = client.post("/v1/requests", json=body, headers=key)
    assert (second.status_code, second.json()["id"] == first) == (201, False)
    assert client.post("/v1/requests", json=body, headers=key).json()["id"] == second.json()["id"]
    tidying.forget_keys()
    assert keys() == 2
    at(monkeypatch, now + 3 * KEYS_KEPT)
    tidying.forget_keys()
    assert keys() == 0


def test_small_files_are_merged_once_there_are_many(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "MOST_SMALL_FILES", 4)
    people = [person(f"p{number}@example.com") for number in range(3)]
    for employee in people:
        capture(employee, 2)
    before = files()
    tidying.merge_if_crowded()
    assert files() == before, "three files of one table are few"
    for _ in range(5):
        for employee in people:
            capture(employee, 2)
    many = len(files())
    own = [api(employee).get("/v1/me/captures").json() for employee in people]
    tidying.merge_if_crowded()
    assert not answering(maintenance.crowded)
    assert len(files()) < many / 3
    assert [api(employee).get("/v1/me/captures").json() for employee in people] == own
    merged = files()
    tidying.merge_if_crowded()
    assert files() == merged


@pytest.mark.undivided
def test_only_shards_with_many_small_files_are_merged(
    person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "MOST_SMALL_FILES", 4)
    spread(2)
    with reader_once() as connection:
        placed = placing.read(connection)
    people = [person(f"p{number}@example.com") for number in range(12)]
    ada = next(one for one in people if placed.of(one.subject) == 1)
    bob = next(one for one in people if placed.of(one.subject) == 0)
    for _ in range(6):
        capture(ada, 2)
    capture(bob, 2)
    assert answering(maintenance.crowded) == {1}
    of_bob = {file for file in files() if "shards" not in file.parts}
    of_ada = files() - of_bob
    tidying.merge_if_crowded()
    assert not answering(maintenance.crowded)
    merged = files()
    assert of_bob <= merged
    assert not [file for file in of_ada & merged if "captures" in file.parts]


def test_old_snapshots_are_expired(person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "MOST_SNAPSHOTS", 5)
    ada = person()
    for _ in range(4):
        capture(ada, 1)
    assert answering(maintenance.crowded)
    tidying.merge_if_crowded()
    assert not answering(maintenance.crowded)
    assert reader().execute("select count(*) from captures").fetchall() == [(4,)]


def test_nothing_is_merged_while_a_purge_is_due(person: Company, capture: Capture) -> None:
    ada = person()
    for _ in range(3):
        capture(ada, 1)
    before = files()
    with writer() as connection:
        maintenance.mark_purge_due()
        assert not maintenance.merge_some(connection)
    assert files() == before
    assert purge_is_due()


def test_merging_never_waits(person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "MOST_SMALL_FILES", 2)
    monkeypatch.setattr(tidying, "PATIENCE_OF_A_ROUND", 0.1)
    monkeypatch.setattr(maintenance, "MERGE_PATIENCE_SECONDS", 0.1)
    ada = person()
    for _ in range(4):
        capture(ada, 1)
    before = files()
    with writer():
        tidying.merge_if_crowded()
    assert files() == before

    def long_read(cursor: object) -> None:
        with pytest.raises(maintenance.ReadersInTheWay), writer() as connection:
            maintenance.merge_some(connection)

    answering(long_read)
    assert files() == before
    tidying.merge_if_crowded()
    assert len(files()) < len(before)


@pytest.mark.parametrize("point", ["merge_files", "expire_snapshots", "delete_files"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_merge_loses_and_restores_nothing(
    api: Client, person: Company, capture: Capture, point: str, moment: str
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for _ in range(4):
        capture(ada, 2)
        capture(bob, 2)
    client, others = api(ada), api(bob)
    assert carry_out(client.post("/v1/requests", json={"type": "erasure"}).json()["id"])
    for _ in range(3):
        capture(bob, 2)
    own = others.get("/v1/me/captures").json()
    process = forking.start(_die_merging, point, moment)
    process.join(120)
    assert process.exitcode == 9
    assert others.get("/v1/me/captures").json() == own
    assert client.get("/v1/me/captures").json()["captures"] == []
    with writer() as connection:
        maintenance.merge_some(connection)
        rows = connection.execute("select subject, count(*) from captures group by subject").fetchall()
        listed = {
            Path(path)
            for (table,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'lake'"
            ).fetchall()
            for (path,) in connection.execute(
                "select data_file from ducklake_list_files('lake', $table)", {"table": table}
            ).fetchall()
        }
    assert rows == [(bob.subject, 14)]
    assert files() == listed, "no file stays that no table knows"
    assert others.get("/v1/me/captures").json() == own


def _die_merging(point: str, moment: str) -> None:
    real = getattr(maintenance, point)

    def dying(connection: object) -> None:
        if moment == "after":
            real(connection)
        os._exit(9)

    setattr(maintenance, point, dying)
    with writer() as connection:
        maintenance.merge_some(connection)


def test_the_log_is_emptied_while_others_read_all_the_time(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(person())
    log = Part.GOVERNANCE.path.with_name("governance.sqlite-wal")
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            with reading() as session:
                session.scalar(select(func.count()).select_from(RequestRow))
                stop.wait(0.03)

    readers = [threading.Thread(target=read) for _ in range(6)]
    for thread in readers:
        thread.start()
    try:
        for number in range(15):
            client.post("/v1/requests", json={"type": "objection", "scope": {"applications": [f"{number}"]}})
        assert log.stat().st_size > 0
        wait_until(lambda: database.truncate_log(1.0))
        assert log.stat().st_size == 0
    finally:
        stop.set()
        for thread in readers:
            thread.join()
    assert len(client.get("/v1/requests").json()) == 15


def test_a_log_that_somebody_keeps_reading_is_emptied_later(api: Client, person: Company) -> None:
    client = api(person())
    with reading() as session:
        session.scalar(select(func.count()).select_from(RequestRow))
        client.post("/v1/requests", json={"type": "objection"})
        assert database.truncate_log(0.1) is False
    assert database.truncate_log() is True
    assert len(client.get("/v1/requests").json()) == 1
