"""Requests carried out by real worker processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest

import clock
import governance.requests.retries
from directory.keys import KeyRing, Oneself
from governance.db import database, work_queue
from governance.db.database import reading, writing
from governance.db.tables import ExportRow, RequestRow
from governance.domain.lifecycle import State
from governance.export import KEPT
from governance.fulfilment import export
from governance.fulfilment.erasure import TOGETHER
from governance.fulfilment.workflows import recorded_name
from governance.requests.filing import move
from governance.requests.progress import attempt, begin
from governance.requests.retries import fail, pause_after
from governance.worker import process
from lake.rules.scope import CLOCK_TOLERANCE
from lake.storage.connection import writer
from tests.governance.conftest import START, Capture, Client, ended, wait_until
from tests.governance.working import queues, rounds_until_ended
from tests.support.disk import files_with
from tests.support.object_storage import put
from tests.support.people import Company

Work = Callable[[], BaseProcess]


def test_full_erasure_affects_only_its_person(
    api: Client, person: Company, capture: Capture, work: Work, home: Path
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 5, text="of ada")
    capture(bob, 4, text="of bob")
    client = api(ada)
    earlier = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    work()
    assert ended(client, earlier)["export"]["available"]
    preview = client.post("/v1/requests/preview", json={"type": "erasure"}).json()
    request = ended(client, client.post("/v1/requests", json={"type": "erasure"}).json()["id"])
    states = [event["state"] for event in request["history"]]
    assert states == ["received", "verifying", *["in_progress"] * 4, "completed"]
    assert [event["note"] for event in request["history"][3:6]] == [
        "Hidden from every screen, export and dataset.",
        "Removed from the files.",
        "Looked again: nothing found.",
    ]
    told = {
        "matched": 5,
        "erased": 5,
        "withheld": 0,
        "withheld_by": [],
        "exports_deleted": 1,
        "content_key_destroyed": True,
        "found_afterwards": 0,
    }
    assert told.items() <= request["outcome"].items()
    assert preview["events"] == 5
    assert client.get("/v1/me/captures").json()["captures"] == []
    assert [row["events"] for row in client.get("/v1/me/retention").json()["removals"]] == [5]
    assert len(api(bob).get("/v1/me/captures").json()["captures"]) == 4
    assert client.get(f"/v1/requests/{earlier}/export").status_code == 410
    gone = client.get(f"/v1/requests/{earlier}").json()
    assert gone["export"]["available"] is False
    assert "records that you had erased" in gone["history"][-1]["note"]
    assert KeyRing().content_key(ada.subject, Oneself(ada.subject)) is None
    assert not database.export_file(UUID(earlier)).exists()


def test_scoped_erasure_erases_only_its_scope(api: Client, person: Company, capture: Capture, work: Work) -> None:
    ada = person()
    capture(ada, 10)
    capture(ada, 3, application="Chrome")
    client = api(ada)
    scope = {"applications": ["Excel"], "from": "2026-03-02T10:02:00+01:00", "until": "2026-03-02T09:06:00Z"}
    request_id = client.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()["id"]
    work()
    outcome = ended(client, request_id)["outcome"]
    assert (outcome["erased"], outcome["content_key_destroyed"]) == (4, False)
    left = client.get("/v1/me/captures").json()["captures"]
    times = [row["captured_at"][11:16] for row in left if row["application"] == "Excel"]
    assert times == ["09:00", "09:01", "09:06", "09:07", "09:08", "09:09"]
    assert all(row["content"]["text"] for row in left)
    assert len(left) == 9


def test_held_captures_are_withheld_with_reason(
    api: Client, person: Company, capture: Capture, hold: Callable[..., UUID], work: Work
) -> None:
    ada = person()
    capture(ada, 4, application="Excel")
    capture(ada, 3, application="Chrome")
    placed = hold(ada, ["Chrome"])
    client = api(ada)
    request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    work()
    request = ended(client, request_id)
    assert request["state"] == "partially_completed"
    assert (request["outcome"]["matched"], request["outcome"]["erased"], request["outcome"]["withheld"]) == (7, 4, 3)
    assert request["outcome"]["withheld_by"] == [
        {
            "hold": str(placed),
            "case": "TAX-7",
            "reason": "a law obliges your employer to keep this",
            "exception": "GDPR 17(3)(b)",
            "review_on": "2027-01-31",
            "events": 3,
        }
    ]
    assert request["outcome"]["content_key_destroyed"] is False


def test_later_captures_survive_a_scoped_erasure(api: Client, person: Company, capture: Capture, work: Work) -> None:
    ada = person()
    capture(ada, 2)
    client = api(ada)
    scope = {"applications": ["Excel"]}
    request_id = client.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()["id"]
    capture(ada, 1, start=clock.now_utc() + 2 * CLOCK_TOLERANCE, text="later")
    work()
    assert ended(client, request_id)["outcome"]["erased"] == 2
    assert [row["content"]["text"] for row in client.get("/v1/me/captures").json()["captures"]] == ["later 0"]


def test_an_export_is_written_and_only_its_owner_can_download_it(
    api: Client, person: Company, capture: Capture, work: Work
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 5, text="of ada")
    client = api(ada)
    request_id = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    work()
    request = ended(client, request_id)
    assert request["state"] == "completed"
    answer = client.get(f"/v1/requests/{request_id}/export")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert len(answer.content) == int(answer.headers["Content-Length"]) == request["export"]["size"]
    assert answer.content.startswith(b"PK")
    with database.export_file(UUID(request_id)).open() as sealed:
        assert b"of ada" not in sealed.read()
    assert api(bob).get(f"/v1/requests/{request_id}/export").status_code == 404


def test_unqueued_request_is_found(api: Client, person: Company, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api(person())
    with monkeypatch.context() as patch:
        patch.setattr(work_queue, "enqueue", lambda *_: None)
        request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    work()
    assert ended(client, request_id)["state"] == "completed"


@pytest.mark.parametrize("other", ["in the same place", "in a place of its own"])
def test_worker_takes_over_from_a_killed_one(
    api: Client, person: Company, capture: Capture, work: Work, home: Path, other: str
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    killed = work()
    wait_until(lambda: client.get("/healthz").json()["worker"] == "running")
    with writer():  # the worker waits for its turn at the lake
        request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
        wait_until(lambda: client.get(f"/v1/requests/{request_id}").json()["state"] == "in_progress")
        if other == "in a place of its own":
            work()
            wait_until((home / "governance" / "workers" / "worker-1.lock").exists)
        killed.kill()
        killed.join()
        if other == "in the same place":
            assert client.get("/healthz").json()["worker"] == "absent"
            work()
    request = ended(client, request_id)
    assert request["outcome"]["erased"] == 3
    assert [event["state"] for event in request["history"]].count("completed") == 1


def test_failure_is_shown_and_retried(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    request_id = UUID(client.post("/v1/requests", json={"type": "erasure"}).json()["id"])

    def broken(_: UUID) -> None:
        raise ValueError("could not convert 'my password' to INT32")

    assert begin(request_id) == [(str(request_id), 0)]
    reason = attempt(broken, request_id)
    assert reason is not None
    fail(request_id, reason, 0)
    request = client.get(f"/v1/requests/{request_id}").json()
    assert (request["state"], request["failure"]) == ("failed", reason)
    assert "Your request is kept; we retry automatically." in reason
    assert "my password" not in reason + caplog.text
    enqueued: list[tuple[object, ...]] = []
    monkeypatch.setattr(work_queue, "enqueue", lambda *arguments: enqueued.append(arguments))
    process.enqueue_waiting()
    assert enqueued == []
    later = clock.now() + timedelta(seconds=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    process.enqueue_waiting()
    assert enqueued == [(request_id, "erasure", 1)]
    assert begin(request_id) == [(str(request_id), 1)]
    request = client.get(f"/v1/requests/{request_id}").json()
    assert (request["state"], request["failure"]) == ("in_progress", None)
    fail(request_id, "a failure of the first attempt, told too late", 0)
    assert client.get(f"/v1/requests/{request_id}").json()["state"] == "in_progress"


def test_attempt_that_could_not_start_is_retried(
    api: Client, person: Company, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has the database, so that nothing can be recorded."""
    client = api(person())
    request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(governance.requests.retries, "pause_after", lambda _: timedelta())
    database.close()  # the next use opens it with this patience
    with queues() as executor_id:
        with closing(sqlite3.connect(home / "governance" / "governance.sqlite", isolation_level=None)) as other:
            other.execute("begin immediate")
            wait_until(lambda: work_queue.under_way([request_id]) == {request_id: False})
            other.execute("rollback")
        assert client.get(f"/v1/requests/{request_id}").json()["state"] == "received"
        assert rounds_until_ended(client, request_id, executor_id)["state"] == "completed"
    with reading() as session:
        assert session.get_one(RequestRow, UUID(request_id)).attempts == 1


def test_pauses_between_attempts_grow_up_to_an_hour() -> None:
    pauses = [pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 10, 11, 500)]
    assert pauses == [5, 10, 20, 2560, 3600, 3600]


def test_an_export_file_is_deleted_after_its_time(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(person())
    request_id = UUID(client.post("/v1/requests", json={"type": "export"}).json()["id"])
    begin(request_id)
    path = database.export_file(request_id)
    put(path, b"sealed")
    now = clock.now_utc()
    with writing() as session:
        row = session.get_one(RequestRow, request_id)
        row.export = ExportRow(size=6, sha256="0" * 64, written_at=now, expires_at=now + KEPT)
        move(row, State.COMPLETED, "Ready.")
    assert export.delete_expired() == 0
    assert path.exists()
    token_stays_good = clock.now() + timedelta(days=7)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: token_stays_good)
        assert export.delete_expired() == 1
    assert not path.exists()
    request = client.get(f"/v1/requests/{request_id}").json()
    assert request["export"]["available"] is False
    assert request["history"][-1]["note"] == "The file was deleted after 7 days."
    assert client.get(f"/v1/requests/{request_id}/export").status_code == 410


def test_queue_contains_only_ids(api: Client, person: Company, capture: Capture, work: Work, home: Path) -> None:
    ada = person("ada@example.com")
    capture(ada, 3, application="Excel", text="of ada", start=START)
    client = api(ada)
    body = {"type": "erasure", "scope": {"applications": ["Excel"]}}
    request_id = client.post("/v1/requests", json=body).json()["id"]
    work()
    ended(client, request_id)
    assert files_with(home / "governance", [request_id.encode()])
    secrets = ("ada@example.com", "Excel", "of ada", str(ada.subject), ada.subject.hex)
    found = files_with(home / "governance", [secret.encode() for secret in secrets])
    assert [file for file in found if file.name.startswith("work.sqlite")] == []


def test_steps_keep_the_names_that_queues_on_disk_have() -> None:
    assert [recorded_name(step) for step in TOGETHER] == ["bury", "remove", "purge", "look_again", "set_models"]
