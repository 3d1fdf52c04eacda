"""Leases: a program reads the records of a dataset version as files, for some hours, and nothing stays afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.db.database import writing
from governance.fulfilment import waiting
from governance.leases import writing as worker
from governance.leases.tables import LeaseRow
from governance.requests.progress import Postponed
from lake.datasets.training_export import PAGE_ROWS
from lake.storage.objects import Area, store
from tests.governance.conftest import POLICY, START, Capture, Client
from tests.governance.leases.conftest import asked, now_of, ready, version
from tests.governance.working import carry_out
from tests.support import object_storage
from tests.support.people import Company


def rows_of(lease: dict[str, Any]) -> list[dict[str, Any]]:
    """What an engine that reads files finds there."""
    place = lease["location"]
    assert place == f"{Area.TRAINING.address}/{lease['lease']}"
    if not place.startswith("s3://"):
        return list(pq.read_table(place).to_pylist())
    bucket = object_storage.of_settings()
    start = urlsplit(place).path.removeprefix("/open/book/")
    files = {key: content for key, content in bucket.contents().items() if key.startswith(f"{start}/part-")}
    assert len(files) == lease["files"]
    return [row for key in sorted(files) for row in pq.read_table(BytesIO(files[key])).to_pylist()]


def left() -> list[str]:
    return [each.name for each in store(Area.TRAINING).all()]


@object_storage.BOTH
def test_records_are_read_as_files_until_the_lease_ends(
    objects_in: str, program: TestClient, api: Client, ada: Employee, bob: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = version(program)
    lease = asked(program, key, hours=3)
    assert (lease["state"], lease["location"], lease["records"]) == ("writing", None, None)
    assert asked(program, key, hours=1)["lease"] == lease["lease"], "asking again is safe"
    lease = ready(program, key)
    assert (lease["records"], lease["files"], lease["program"]) == (9, 1, "trainer")
    rows = rows_of(lease)
    assert sorted(row["text"] for row in rows)[:2] == ["words of [name removed] 0"] * 2
    assert len({row["person"] for row in rows}) == 2
    assert str(ada.subject) not in {row["person"] for row in rows}
    facts = json.loads(store(Area.TRAINING).read(f"{lease['lease']}/_open-book.json"))
    assert {name: facts[name] for name in ("dataset", "listed", "given", "left-out")} == {
        "dataset": "desktop",
        "listed": "9",
        "given": "9",
        "left-out": "0",
    }
    [entry] = api(ada).get("/v1/me/access-log", params={"by": "others"}).json()["entries"]
    assert "trainer" in json.dumps(entry)
    later = clock.now() + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    worker.passes.make()
    over = now_of(program, lease)
    assert (over["state"], over["reason"], over["location"]) == ("ended", "time", None)
    assert left() == []


@object_storage.BOTH
@pytest.mark.parametrize("kind", ["erasure", "objection", "restriction"])
def test_a_request_ends_the_lease_before_it_is_completed(
    objects_in: str, program: TestClient, api: Client, ada: Employee, bob: Employee, kind: str
) -> None:
    key = version(program)
    lease = ready(program, key)
    request = api(ada).post("/v1/requests", json={"type": kind}).json()
    carry_out(request["id"])
    assert api(ada).get(f"/v1/requests/{request['id']}").json()["state"] == "completed"
    assert left() == []
    over = now_of(program, lease)
    assert (over["state"], over["reason"]) == ("ended", "records")
    following = ready(program, key)
    assert following["lease"] != lease["lease"]
    assert [row["text"] for row in rows_of(following)] == [f"words of [name removed] {number}" for number in range(4)]


def test_an_erasure_that_waits_ends_the_lease(program: TestClient, api: Client, ada: Employee) -> None:
    lease = ready(program, version(program))
    api(ada).post("/v1/requests", json={"type": "erasure", "wait_a_day": True})
    waiting.keep_out()
    assert now_of(program, lease)["reason"] == "records"
    assert left() == []


def test_requests_about_other_records_leave_it(
    program: TestClient, api: Client, ada: Employee, bob: Employee, capture: Capture
) -> None:
    lease = ready(program, version(program))
    capture(ada, 3, application="Chrome")
    request = api(ada).post("/v1/requests", json={"type": "erasure", "scope": {"applications": ["Chrome"]}}).json()
    carry_out(request["id"])
    worker.passes.make()
    assert now_of(program, lease)["state"] == "ready"
    assert len(rows_of(lease)) == 9


def test_a_request_while_it_is_written_has_it_written_anew(
    program: TestClient, api: Client, ada: Employee, bob: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada's records are in a file already when she objects; the writer notices before its next one."""
    monkeypatch.setattr("lake.datasets.training_export.ROW_GROUP", 1)
    lease, really = asked(program, version(program)), store(Area.TRAINING).__class__.write
    request = api(ada).post("/v1/requests", json={"type": "objection"}).json()
    waited: list[str] = []

    def write(files: Any, name: str, content: bytes) -> None:
        really(files, name, content)
        if not waited:
            monkeypatch.setattr(worker, "PATIENCE_SECONDS", 0.1)
            with pytest.raises(Postponed, match="just being written"):
                carry_out(request["id"])
            waited.append(name)

    monkeypatch.setattr(store(Area.TRAINING).__class__, "write", write)
    worker.passes.make()
    assert waited
    assert (now_of(program, lease)["state"], left()) == ("writing", [])
    assert worker.end_changed() == 0, "nothing of it is left: the objection goes on"
    worker.passes.make()
    assert {row["text"][:8] for row in rows_of(now_of(program, lease))} == {"words of"}
    assert len(rows_of(now_of(program, lease))) == 4


def test_a_killed_writer_leaves_nothing_and_the_lease_is_written_again(
    program: TestClient, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = asked(program, version(program))
    store(Area.TRAINING).write(f"{lease['lease']}/part-00000.parquet", b"half of it, of a killed worker")
    store(Area.TRAINING).write(f"{uuid4()}/part-00000.parquet", b"of a lease that nobody knows")
    worker.passes.make()
    lease = now_of(program, lease)
    assert (lease["state"], lease["records"]) == ("ready", 5)
    assert {name.partition("/")[0] for name in left()} == {lease["lease"]}


def test_what_cannot_be_written_ends_and_says_so(
    program: TestClient, ada: Employee, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lease = asked(program, version(program))

    def full(*_: object) -> None:
        raise OSError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(store(Area.TRAINING).__class__, "write", full)
        worker.passes.make()
    over = now_of(program, lease)
    assert (over["state"], over["reason"], left()) == ("ended", "failed", [])
    assert "words of" not in caplog.text


def test_lost_files_end_it(program: TestClient, ada: Employee) -> None:
    """As after a restore: files of leases are in no backup."""
    lease = ready(program, version(program))
    store(Area.TRAINING).delete([f"{lease['lease']}/part-00000.parquet"])
    worker.passes.make()
    assert now_of(program, lease)["reason"] == "failed"
    assert left() == []


def test_records_whose_last_day_comes_before_its_end_are_left_out(
    program: TestClient, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = version(program)
    last = datetime.combine(POLICY.retained_until(START.date()), datetime.min.time(), UTC)
    monkeypatch.setattr(clock, "now", lambda: last - timedelta(days=1))
    lease = ready(program, key, hours=48)
    assert rows_of(lease) == []
    assert program.delete(f"/v1/leases/{lease['lease']}").json()["reason"] == "program"
    assert len(rows_of(ready(program, key, hours=1))) == 5


def test_an_officer_sees_leases_and_ends_them(program: TestClient, api: Client, person: Company, ada: Employee) -> None:
    officer = api(person("olga@example.com", role="privacy_officer"))
    lease = ready(program, version(program))
    [seen] = officer.get("/v1/officer/leases").json()
    assert (seen["lease"], seen["program"], seen["state"], "location" in seen) == (
        lease["lease"],
        "trainer",
        "ready",
        False,
    )
    assert api(ada).delete(f"/v1/officer/leases/{lease['lease']}").status_code == 403
    assert officer.delete(f"/v1/officer/leases/{lease['lease']}").json()["reason"] == "officer"
    assert officer.delete(f"/v1/officer/leases/{lease['lease']}").json()["reason"] == "officer"
    assert left() == []


def test_a_lease_ends_with_the_approval(
    program: TestClient, api: Client, person: Company, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_TRAINING_APPROVAL_HOURS", "2")
    officer, key = api(person("olga@example.com", role="privacy_officer")), version(program)
    assert program.post(f"/v1/datasets/{key}/materialise").status_code == 403
    [export] = officer.get("/v1/officer/training-exports").json()
    approval = f"/v1/officer/training-exports/{export['export']}/approval"
    ends_at = officer.put(approval).json()["ends_at"]
    lease = ready(program, key)
    assert lease["until"] == ends_at
    officer.delete(approval)
    worker.passes.make()
    assert now_of(program, lease)["reason"] == "approval"
    assert left() == []


def test_what_is_refused(
    program: TestClient, other: TestClient, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = version(program)
    lease = asked(program, key)
    assert other.get(f"/v1/leases/{lease['lease']}").status_code == 404
    assert other.delete(f"/v1/leases/{lease['lease']}").status_code == 404
    assert program.post(f"/v1/datasets/{uuid4()}/materialise").status_code == 404
    too_long = program.post(f"/v1/datasets/{key}/materialise", json={"hours": 49})
    assert (too_long.status_code, "The longest lease is 48 hours" in too_long.text) == (422, True)
    monkeypatch.setattr("governance.leases.asking.AT_ONCE", 1)
    too_many = program.post(f"/v1/datasets/{version(program)}/materialise")
    assert (too_many.status_code, too_many.headers["Retry-After"]) == (429, "600")
    assert asked(other, key)["program"] == "other", "each has its own"
    monkeypatch.setenv("OPENBOOK_TRAINING_LEASE_HOURS", "0")
    refused = program.post(f"/v1/datasets/{key}/materialise")
    assert (refused.status_code, "not offered" in refused.json()["detail"]) == (409, True)


def test_many_records_are_in_several_files_and_old_leases_are_forgotten(
    program: TestClient, ada: Employee, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lake.datasets.training_export.ROW_GROUP", 6)
    monkeypatch.setattr("lake.datasets.training_export.PAGE_ROWS", 4)
    assert PAGE_ROWS > 4
    capture(ada, 20, start=START + timedelta(days=1))
    lease = ready(program, version(program))
    assert (lease["files"], lease["records"]) == (4, 25)
    assert len(rows_of(lease)) == 25
    program.delete(f"/v1/leases/{lease['lease']}")
    with writing() as session:
        session.get_one(LeaseRow, UUID(lease["lease"])).ended_at = clock.now_utc() - worker.KEPT
    worker.passes.make()
    assert program.get(f"/v1/leases/{lease['lease']}").status_code == 404
