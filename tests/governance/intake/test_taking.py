"""What `POST /v1/captures` accepts and refuses, and what a batch says."""

from __future__ import annotations

import codecs
import gzip
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from directory import Directory
from directory.people import Found
from governance.intake import landing, lanes, storing, taking
from governance.intake.records import record_of
from lake.storage.objects import Area, File, store
from tests.governance.conftest import Client
from tests.governance.intake.conftest import Send, body_of, captures, record
from tests.support.disk import files_with
from tests.support.object_storage import BOTH, put
from tests.support.people import Company

pytestmark = pytest.mark.usefixtures("objects_in")


@BOTH
def test_records_of_many_people_are_stored(send: Send, recorder: TestClient, api: Client, person: Company) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    answer = send([record(1), record(2, sub="bob", email=None), record(3, application="Telegram")])
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["waiting"]) == ("waiting", 3)
    storing.store_due()
    batch = recorder.get(answer.headers["Location"]).json()
    assert (batch["state"], batch["read"], batch["waiting"]) == ("stored", 3, 0)
    assert {name: count for name, count in batch["counts"].items() if count} == {"stored": 2, "outside_policy": 1}
    (mine,) = api(ada).get("/v1/me/captures").json()["captures"]
    assert (mine["application"], mine["content"]["text"]) == ("Excel", "typed text 1")
    assert len(api(bob).get("/v1/me/captures").json()["captures"]) == 1
    assert landing.names() == []


def test_lines_that_can_not_be_used_do_not_affect_others(send: Send, recorder: TestClient, person: Company) -> None:
    person("ada@example.com")
    person("gone@example.com")
    odd = [
        record(1),
        '{"broken',
        record(2, sub="ada"),
        record(3, signal="smell"),
        record(4, secret_word="x"),
        "",
        record(5, time="yesterday"),
        record(6, email="nobody@example.com"),
        record(7, time="2999-01-01T00:00:00Z"),
        record(8, content={"text": "a" * (1 << 20)}),
        record(9),
    ]
    answer = send(odd)
    storing.store_due()
    batch = recorder.get(answer.headers["Location"]).json()
    counts = {name: count for name, count in batch["counts"].items() if count}
    assert counts == {"stored": 2, "quarantined": 7, "unknown_person": 1}
    assert batch["read"] == 10
    assert [one["line"] for one in batch["quarantined"]] == [2, 3, 4, 5, 7, 9, 10]
    assert sum(batch["reasons"].values()) == 7
    assert "secret_word" not in answer.text
    assert "not JSON" in batch["reasons"]


@BOTH
def test_what_can_not_be_used_is_shown_to_its_person(
    send: Send, recorder: TestClient, api: Client, person: Company, home: Path
) -> None:
    ada = person("ada@example.com")
    odd = [
        record(1, signal="smell", content={"text": "never to be kept"}),
        record(2, x="left"),
        record(3, picture="never", signal="screenshot"),
        record(4, time="yesterday", application="Telegram"),
        record(5, time="2999-01-01T00:00:00Z", nonsense=1),
        record(6, email="nobody@example.com", signal="smell"),
        record(7, sub="ada", signal="smell"),
        {"email": "ada@example.com"},
        [record(8)],
    ]
    for _ in range(2):
        answer = send(odd)
        assert (answer.json()["waiting"], answer.json()["counts"]["quarantined"]) == (6, 3)
        assert files_with(home, [b"never"]) == []
        storing.store_due()
        batch = recorder.get(answer.headers["Location"]).json()
        assert (batch["counts"]["quarantined"], sum(batch["reasons"].values()), batch["waiting"]) == (9, 9, 0)
        assert [one["line"] for one in batch["quarantined"]] == list(range(1, 10))
    shown = api(ada).get("/v1/me/refused").json()["refused"]
    found = sorted((one["application"] or "", one["day"] or "", one["reason"], one["records"]) for one in shown)
    assert found == [
        ("", "", "unreadable", 1),
        ("Excel", "", "unreadable", 1),
        ("Excel", "2026-03-02", "unreadable", 3),
        ("Telegram", "", "unreadable", 1),
    ]
    assert captures() == []


def test_half_a_position_is_refused(send: Send, recorder: TestClient, person: Company) -> None:
    person("ada@example.com")
    halves: list[dict[str, Any]] = [{"x": 7, "y": None}, {"x": None, "y": 8}, {"x": None, "y": None}, {"x": 0, "y": 0}]
    answer = send([record(1, **half) for half in halves])
    storing.store_due()
    batch = recorder.get(answer.headers["Location"]).json()
    assert (batch["counts"]["stored"], batch["counts"]["quarantined"]) == (2, 2)
    assert batch["reasons"] == {"a position has both x and y": 2}


@pytest.mark.parametrize("cut", [1, 3, 40])
def test_a_byte_order_mark_costs_no_record(recorder: TestClient, person: Company, cut: int) -> None:
    person("ada@example.com")
    body = codecs.BOM_UTF8 + body_of([record(1), record(2)])
    taken = taking.Taking("recorder", str(uuid4()), len(body))
    taken.take(body[:cut])
    taken.take(body[cut:])
    taken.finish()
    storing.store_due()
    assert len(captures()) == 2


def test_private_windows_are_refused(send: Send, recorder: TestClient, api: Client, person: Company) -> None:
    ada = person("ada@example.com")
    title = "Budget - Google Chrome (Incognito)"
    answer = send([record(1), record(2, content={"text": "Clinic", "title": title})])
    storing.store_due()
    batch = recorder.get(answer.headers["Location"]).json()
    assert (batch["counts"]["stored"], batch["counts"]["outside_policy"]) == (1, 1)
    [refused] = api(ada).get("/v1/me/refused").json()["refused"]
    assert (refused["what"], refused["reason"]) == ("private browsing", "left_out")


def test_many_people_are_looked_up_at_once(
    send: Send, recorder: TestClient, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(f"{number}@example.com") for number in range(6)]
    found = Directory.find
    asked: list[int] = []

    def counting(directory: Directory, **names: Collection[Any]) -> Found:
        asked.append(sum(map(len, names.values())))
        return found(directory, **names)

    monkeypatch.setattr(Directory, "find", counting)
    monkeypatch.setattr(taking, "LINES_AT_ONCE", 10)
    lines = [record(number, email=f" {number % 6}@EXAMPLE.com ") for number in range(12)]
    lines += [record(number, email=None, sub=f"nobody-{number}") for number in range(12, 16)]
    lines.insert(3, record(4, time="yesterday"))
    lines.append(record(17, signal="smell"))
    answer = send(lines)
    assert asked == [7, 4]
    storing.store_due()
    batch = recorder.get(answer.headers["Location"]).json()
    counts = {name: count for name, count in batch["counts"].items() if count}
    assert counts == {"stored": 12, "quarantined": 2, "unknown_person": 4}
    assert [one["line"] for one in batch["quarantined"]] == [4, 18]
    assert Counter(subject for subject, _ in captures()) == {one.subject: 2 for one in people}


@BOTH
def test_same_key_and_body_give_the_same_batch(send: Send, person: Company) -> None:
    person("ada@example.com")
    key = str(uuid4())
    first, again = send([record(1)], key), send([record(1)], key)
    assert (again.status_code, again.json()["batch"]) == (202, first.json()["batch"])
    assert send([record(2)], key).status_code == 409
    storing.store_due()
    assert send([record(1)], key).json()["state"] == "stored"
    assert send([record(1)]).status_code == 202
    storing.store_due()
    assert len(captures()) == 1
    assert landing.names() == []


def test_gzip(send: Send, recorder: TestClient, person: Company) -> None:
    person("ada@example.com")
    zipped = gzip.compress(body_of(record(number) for number in range(500)))
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip", "Idempotency-Key": str(uuid4())}
    assert recorder.post("/v1/captures", content=zipped, headers=headers).status_code == 202
    storing.store_due()
    assert len(captures()) == 500
    headers["Idempotency-Key"] = str(uuid4())
    assert recorder.post("/v1/captures", content=zipped[:-20], headers=headers).status_code == 400
    assert recorder.post("/v1/captures", content=b"plain", headers=headers).status_code == 400
    assert landing.names() == []


def test_zstd(recorder: TestClient, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    person("ada@example.com")
    zipped = pa.compress(body_of(record(number) for number in range(500)), codec="zstd", asbytes=True)

    def sent(body: bytes) -> int:
        headers = {"Content-Type": "application/jsonl", "Content-Encoding": "zstd", "Idempotency-Key": str(uuid4())}
        return recorder.post("/v1/captures", content=body, headers=headers).status_code

    assert sent(zipped) == 202
    storing.store_due()
    assert len(captures()) == 500
    assert [sent(zipped[:-20]), sent(b"plain")] == [400, 400]
    monkeypatch.setattr("governance.api.routes.captures.LARGEST_ZSTD", 100)
    assert sent(zipped) == 413
    assert landing.names() == []


@BOTH
def test_limits_have_clear_answers(send: Send, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    person("ada@example.com")
    assert send([record()], **{"Content-Type": "text/csv"}).status_code == 415
    assert send([record()], "short").status_code == 422
    monkeypatch.setattr("governance.api.routes.captures.MOST_RECORDS", 10)
    refused = send(record(number) for number in range(11))
    assert (refused.status_code, "10 records" in refused.json()["detail"]) == (413, True)
    monkeypatch.setenv("OPENBOOK_INTAKE_MEGABYTES", "1")
    for number in range(9):
        answer = send([record(number, text="long " * 60_000)])
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert landing.size() <= taking.MEGABYTE
    storing.store_due()
    assert send([record(99)]).status_code == 202
    monkeypatch.setattr(taking, "SPARE_BYTES", 1 << 62)
    full = send([record(98)])
    assert (full.status_code, "nearly full" in full.json()["detail"]) == (429, True)


def test_only_its_sender_reads_a_batch(send: Send, unknown: TestClient, person: Company) -> None:
    person("ada@example.com")
    location = send([record()]).headers["Location"]
    assert unknown.get(location).status_code == 401
    assert unknown.get(f"/v1/captures/batches/{uuid4()}").status_code == 401


@BOTH
def test_nothing_readable_is_on_disk(send: Send, home: Path, person: Company) -> None:
    person("ada@example.com")
    assert send([record(1, text="planted words")]).status_code == 202
    assert landing.size() > 0
    assert files_with(home, [b"planted words"]) == []
    assert files_with(home, [b"governance"]), "the files are looked at"


@BOTH
def test_what_a_restored_backup_lacks_is_sent_again(send: Send, recorder: TestClient, person: Company) -> None:
    person("ada@example.com")
    key = str(uuid4())
    location = send([record(1)], key).headers["Location"]
    for name in landing.names():
        File(store(Area.LANDING), name).delete()
    storing.store_due()
    assert recorder.get(location).json()["state"] == "lost"
    again = send([record(1)], key)
    assert again.json()["state"] == "waiting"
    storing.store_due()
    assert len(captures()) == 1


@BOTH
def test_damage_costs_only_the_damaged_records(send: Send, recorder: TestClient, person: Company) -> None:
    person("ada@example.com")
    person("bob@example.com")
    location = send([record(1), record(2, email="bob@example.com")]).headers["Location"]
    file = File(store(Area.LANDING), *landing.names())
    with file.open() as landed:
        content = bytearray(landed.read())
    content[-1] ^= 1
    put(file, bytes(content))
    storing.store_due()
    batch = recorder.get(location).json()
    assert (batch["counts"]["stored"], batch["counts"]["quarantined"]) == (1, 1)
    assert batch["reasons"] == {storing.DAMAGED: 1}


@BOTH
def test_a_body_that_can_not_be_stored_does_not_hold_up_others(
    send: Send, recorder: TestClient, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("ada@example.com")
    first, second = (send([record(number)]).headers["Location"] for number in range(2))

    def defective(number: int, line: bytes, read: Callable[[int], bytes]) -> object:
        if b"typed text 0" in line:
            raise ZeroDivisionError
        return record_of(number, line, read)

    monkeypatch.setattr(storing, "record_of", defective)
    storing.store_due()
    states = [recorder.get(location).json()["state"] for location in (first, second)]
    assert states == ["waiting", "stored"]
    lanes.failing.clear()
    monkeypatch.setattr(storing, "record_of", record_of)
    storing.store_due()
    assert recorder.get(first).json()["state"] == "stored"
