"""Erasures processed together, and work that is recorded as running although nothing runs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from datetime import date
from multiprocessing.process import BaseProcess
from uuid import UUID

import pytest
from duckdb import DuckDBPyConnection

import clock
from governance.db import work_queue
from governance.db.database import governance_folder, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.fulfilment import erasure as erasing
from governance.fulfilment import export as exporting
from governance.requests.filing import move
from governance.requests.progress import (
    ALONE_AFTER,
    Postponed,
    attempt,
    attempt_each,
    begin,
    begin_again,
    begin_all,
)
from governance.requests.retries import fail_all
from governance.worker import process
from lake.rules import erasure, retention
from lake.rules.holds import lift_hold
from lake.storage import maintenance
from lake.storage.connection import each_shard, writer
from tests.governance.conftest import Capture, Client, ended
from tests.governance.working import asked_to_erase, due_now, queues, rounds_until_ended, work_on
from tests.support.people import Company

Work = Callable[[], BaseProcess]


@pytest.mark.parametrize("executor", ["worker-0", "somebody unknown"])
def test_abandoned_work_is_taken_over(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch, executor: str
) -> None:
    client = api(person())
    with monkeypatch.context() as patch:
        patch.setattr(work_queue, "queue_of", lambda _: "nobody listens to this one")
        request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    monkeypatch.setattr(process, "IDLE_SECONDS", 0.0)
    with queues() as executor_id:
        let_fall = "update workflow_status set status = 'PENDING', executor_id = ?, queue_name = 'erasures'"
        with closing(sqlite3.connect(governance_folder() / "work.sqlite", timeout=30)) as queue, queue:
            queue.execute(let_fall, [executor])
        assert rounds_until_ended(client, request_id, executor_id)["state"] == "completed"


def test_waiting_erasures_are_processed_together(api: Client, person: Company, capture: Capture, work: Work) -> None:
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
    for connection, _ in each_shard([ada.subject, bob.subject]):
        assert connection.execute("select count(distinct removed_at) from removals").fetchall() == [(1,)]


def test_each_is_told_what_stays_of_theirs_and_all_tombstones_end_with_the_last(
    api: Client, person: Company, capture: Capture, hold: Callable[..., UUID]
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 2)
    hold(ada, ["Chrome"])
    ids = [UUID(api(one).post("/v1/requests", json={"type": "erasure"}).json()["id"]) for one in (ada, bob)]
    begin_all(ids[0], str(ids[0]))
    for joint in erasing.TOGETHER:
        joint(ids)
    still_open = []
    for request_id in ids:
        assert attempt_each(erasing.EACH, request_id) is None
        with writer() as connection:
            still_open.append(len(erasure.open_tombstones(connection)))
    assert still_open == [2, 0]
    stays = {
        one: api(one).get(f"/v1/requests/{request}").json()["outcome"]["stays"]
        for one, request in zip((ada, bob), ids, strict=True)
    }
    counted = {one: {each["what"].split(",")[0]: each.get("count") for each in listed} for one, listed in stays.items()}
    assert [counted[one].get("legal holds") for one in (ada, bob)] == [1, None]
    assert [counted[one]["deletion rules with the scope that you chose"] for one in (ada, bob)] == [1, 1]


def counting_purges(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    purges: list[object] = []
    purge = maintenance.purge

    def counted(connection: DuckDBPyConnection, only: Collection[int]) -> None:
        purges.append(connection)
        purge(connection, only)

    monkeypatch.setattr(maintenance, "purge", counted)
    return purges


def test_erasure_purges_after_an_interrupted_sweep(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    capture(ada, 3)
    request_id = UUID(api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"])
    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "compact", in_the_way)
        with pytest.raises(maintenance.ReadersInTheWay):
            retention.sweep(date(2100, 1, 1))
    purges = counting_purges(monkeypatch)
    work_on([request_id])
    assert api(ada).get(f"/v1/requests/{request_id}").json()["outcome"]["erased"] == 0
    assert len(purges) == 1


def in_the_way(*_: object) -> None:
    raise maintenance.ReadersInTheWay("A long read is going on.")


def test_retry_purges_only_new_removals(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    capture(ada, 3)
    request_id = UUID(api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"])
    begin(request_id)
    purges = counting_purges(monkeypatch)
    for step in (
        erasing.write_tombstones,
        erasing.remove,
        erasing.purge,
        erasing.write_tombstones,
        erasing.remove,
        erasing.purge,
    ):
        assert attempt(step, [request_id]) is None
    assert len(purges) == 1


def test_joint_and_single_failures(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 2)
    ids = [UUID(api(one).post("/v1/requests", json={"type": "erasure"}).json()["id"]) for one in (ada, bob)]

    def states() -> list[str]:
        return [
            api(one).get(f"/v1/requests/{request}").json()["state"]
            for one, request in zip((ada, bob), ids, strict=True)
        ]

    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "purge", in_the_way)
        work_on(ids)
    assert states() == ["failed", "failed"]
    due_now()
    real = erasure.verify_erased
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "verify_erased", lambda *arguments: {**real(*arguments), ids[1]: 1})
        work_on(ids)
    assert states() == ["completed", "failed"]
    due_now()
    work_on(ids[1:])
    assert states() == ["completed", "completed"]


def test_request_denied_before_tombstone_is_skipped(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 2)
    export = UUID(api(ada).post("/v1/requests", json={"type": "export"}).json()["id"])
    begin(export)
    assert attempt_each(exporting.STEPS, export) is None
    erasure_id = UUID(api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"])
    begin_all(erasure_id, str(erasure_id))
    with writing() as session:
        move(session.get_one(RequestRow, erasure_id), State.DENIED, "It was denied.")
    for step in erasing.TOGETHER:
        assert attempt(step, [erasure_id]) is None
    assert attempt_each(erasing.EACH, erasure_id) is None
    assert len(api(ada).get("/v1/me/captures").json()["captures"]) == 2
    assert api(ada).get(f"/v1/requests/{export}/export").status_code == 200


def test_lifted_hold_resumes_the_request(
    api: Client, person: Company, capture: Capture, hold: Callable[..., UUID]
) -> None:
    ada = person()
    capture(ada, 4)
    capture(ada, 3, application="Chrome")
    placed = hold(ada, ["Chrome"])
    request_id = UUID(api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"])
    work_on([request_id])
    first = api(ada).get(f"/v1/requests/{request_id}").json()
    assert (first["state"], first["outcome"]["erased"], first["outcome"]["withheld"]) == ("partially_completed", 4, 3)
    with writer() as connection:
        lift_hold(connection, placed, clock.now_utc())
    with writing() as session:
        begin_again(session.get_one(RequestRow, request_id), "A legal hold was lifted.")
    work_on([request_id])
    then = api(ada).get(f"/v1/requests/{request_id}").json()
    assert (then["state"], then["outcome"]["erased"], then["outcome"]["withheld"]) == ("completed", 7, 0)
    assert then["outcome"]["content_key_destroyed"]
    assert [receipt["number"] for receipt in then["receipts"]] == [1, 2]
    notes = [event["note"] for event in then["history"]]
    assert notes.count("Removed from the files.") == 2


def test_leftovers_of_another_erasure_are_purged(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    capture(ada, 3)
    excel = {"type": "erasure", "scope": {"applications": ["Excel"]}}
    first = UUID(api(ada).post("/v1/requests", json=excel).json()["id"])
    taken = begin_all(first, str(first))
    for step in (erasing.write_tombstones, erasing.remove):
        assert attempt(step, [first]) is None
    fail_all(taken, "A long read is going on.")
    then = UUID(api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"])
    purges = counting_purges(monkeypatch)
    work_on([then])
    assert api(ada).get(f"/v1/requests/{then}").json()["outcome"]["erased"] == 0
    assert len(purges) == 1
    due_now()
    work_on([first])
    assert len(purges) == 1


def test_repeatedly_failing_erasure_runs_alone(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(f"{name}@example.com") for name in ("ada", "bob", "carl")]
    ids = asked_to_erase(api, people, capture)
    faulty = ids[1]
    verify_erased = erasing.verify_erased

    def refusing(of: Sequence[UUID]) -> None:
        if faulty in of:
            raise Postponed("This one can't be looked for.")
        verify_erased(of)

    monkeypatch.setattr(erasing, "TOGETHER", (*erasing.TOGETHER[:3], refusing, erasing.set_models))
    for _ in range(ALONE_AFTER):
        work_on(ids)
        due_now()
    assert {api(one).get("/v1/requests").json()[0]["state"] for one in people} == {"failed"}
    for request_id in (faulty, ids[0], ids[2]):
        work_on([request_id])
    states = [api(one).get("/v1/requests").json()[0]["state"] for one in people]
    assert states == ["completed", "failed", "completed"]
