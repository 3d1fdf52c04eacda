"""Erasures worked on together, and work that nobody does although it is said to be under way."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from uuid import UUID

import pytest
from dbos import DBOS

from governance import erasing, work_queue, worker, workers
from governance.lake_presence import ensure_lake
from governance.work import attempt, begin
from lake import maintenance
from lake.connection import writer
from tests.governance.conftest import Capture, Client, ended, wait_until
from tests.support.people import Company

Work = Callable[[], subprocess.Popen[bytes]]


@pytest.mark.parametrize("executor", ["worker-0", "somebody unknown"])
def test_work_that_is_said_to_be_under_way_and_is_not_is_taken_up(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch, executor: str
) -> None:
    client = api(person())
    with monkeypatch.context() as patch:
        patch.setattr(work_queue, "queue_of", lambda _: "nobody listens to this one")
        request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.0)
    ensure_lake()
    with workers.place() as executor_id:
        worker._launch(executor_id)
        try:
            let_fall = "update workflow_status set status = 'PENDING', executor_id = ?, queue_name = 'erasures'"
            with closing(sqlite3.connect(work_queue.governance_folder() / "work.sqlite", timeout=30)) as queue, queue:
                queue.execute(let_fall, [executor])

            def ended_after_a_round() -> bool:
                worker.make_round(executor_id)
                return bool(client.get(f"/v1/requests/{request_id}").json()["completed_at"])

            wait_until(ended_after_a_round, seconds=30)
        finally:
            DBOS.destroy(workflow_completion_timeout_sec=5)
    assert ended(client, request_id)["state"] == "completed"


def test_erasures_that_wait_are_worked_on_together(api: Client, person: Company, capture: Capture, work: Work) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 4)
    excel = {"type": "erasure", "scope": {"applications": ["Excel"]}}
    ids = [api(somebody).post("/v1/requests", json=excel).json()["id"] for somebody in (ada, bob)]
    twice = api(bob).post("/v1/requests", json={"type": "erasure"}).json()["id"]
    work()
    requests = [ended(api(somebody), one) for somebody, one in ((ada, ids[0]), (bob, ids[1]), (bob, twice))]
    assert [request["outcome"]["erased"] for request in requests] == [4, 4, 0]
    assert [request["outcome"]["content_key_destroyed"] for request in requests] == [False, False, True]
    with writer() as connection:
        assert connection.execute("select count(distinct removed_at) from removals").fetchall() == [(1,)]


def test_a_retry_purges_only_what_left_since(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    capture(ada, 3)
    request_id = UUID(api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"])
    begin(request_id)
    purges: list[object] = []
    monkeypatch.setattr(maintenance, "purge", purges.append)
    for step in (erasing.bury, erasing.remove, erasing.purge, erasing.bury, erasing.remove, erasing.purge):
        assert attempt(step, [request_id]) is None
    assert len(purges) == 1
