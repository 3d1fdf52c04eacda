"""What recorders send, in a lake of several shards: as many workers store at once, and each record once."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from directory import Directory, Employee
from governance.db.database import writing
from governance.intake import landing, lanes, storing
from governance.intake.tables import IntakeBatchRow
from lake.ingest.ingesting import Ingestion
from lake.safeguards import placeholder
from lake.storage.connection import reader_once
from lake.storage.objects import Area, store
from lake.storage.shards import placing, slot_of
from lake.storage.shards.moving import spread
from tests.governance.conftest import Client
from tests.governance.intake.conftest import Send, captures, record
from tests.resilience.traps import set_trap
from tests.support import forking
from tests.support.object_storage import BOTH
from tests.support.people import Company

pytestmark = [pytest.mark.usefixtures("objects_in"), pytest.mark.divided]

SHARDS = 3
CARD = "4539578763621486"


@pytest.fixture
def people(home: Path, person: Company) -> list[Employee]:
    """Two of each shard, and of those of the first one somebody who moves to the second if there are only two."""
    spread(SHARDS)
    known: list[str] = []
    found: list[Employee] = []
    while len(found) < 2 * SHARDS:  # which shards they get is chance's
        known += [f"person{len(known) + number}@example.com" for number in range(20)]
        for email in known[-20:]:
            person.add(email)
        person("ada@example.com")
        with Directory.open() as directory:
            everybody = sorted(map(directory.by_email, known), key=moves, reverse=True)
        found = (
            [one for shard in range(SHARDS) for one in of_shard(shard, everybody)[:2]] if moves(everybody[0]) else []
        )
    return found


def moves(who: Employee) -> bool:
    return slot_of(who.subject) % SHARDS == 0 and slot_of(who.subject) % 2 == 1


def of_shard(shard: int, people: list[Employee]) -> list[Employee]:
    with reader_once() as connection:
        now = placing.read(connection)
    return [one for one in people if now.of(one.subject) == shard]


def about(people: list[Employee], numbers: range, **fields: Any) -> list[dict[str, Any]]:
    return [record(number, email=one.email, **fields) for number in numbers for one in people]


def counted(answer: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in answer["counts"].items() if count}


@BOTH
def test_who_has_a_lane_delays_nobody_else(send: Send, recorder: TestClient, people: list[Employee]) -> None:
    sent = [send(about(people, range(number * 2, number * 2 + 3))).headers["Location"] for number in range(2)]
    of_first = [one.subject for one in of_shard(0, people)]
    with lanes.lanes()[0].held(0):
        storing.store_due()
        others = len(people) - len(of_first)
        for location in sent:
            batch = recorder.get(location).json()
            assert (batch["state"], batch["waiting"]) == ("waiting", 3 * len(of_first))
            assert sum(batch["counts"].values()) + batch["waiting"] == batch["read"]
        assert not {subject for subject, _ in captures()} & set(of_first)
        assert len(captures()) == 5 * others
        assert len(landing.names()) == 2
    storing.store_due()
    assert len(captures()) == 5 * len(people)
    assert landing.names() == []
    batches = [recorder.get(location).json() for location in sent]
    assert [(batch["state"], batch["waiting"]) for batch in batches] == [("stored", 0)] * 2
    assert sorted(counted(batch)["stored"] for batch in batches) == [2 * len(people), 3 * len(people)]


@pytest.mark.undivided
def test_an_undivided_lake_has_one_lane(send: Send, person: Company) -> None:
    person("ada@example.com")
    send([record(1)])
    [lane] = lanes.lanes()
    with lane.held(0):
        storing.store_due()
        assert captures() == []
    storing.store_due()
    assert len(captures()) == 1


def test_as_many_workers_store_at_once_as_there_are_shards(
    send: Send, api: Client, people: list[Employee], tmp_path: Path
) -> None:
    """None of them ends before all have begun to write. Each person's text is examined by one of them."""
    for half in (range(8), range(8, 16)):
        keys = [about(people, range(at, at + 1), signal="keystroke", content=_pressed(CARD[at])) for at in half]
        send([one for some in keys for one in some])
    workers = [forking.start(_meeting, tmp_path / "meeting", name) for name in range(SHARDS)]
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * SHARDS
    assert len(captures()) == len(CARD) * len(people)
    assert landing.names() == []
    for one in people:
        shown = api(one).get("/v1/me/captures").json()["captures"]
        assert {each["content"]["key"] for each in shown} == {placeholder("card_number")}


def _pressed(key: str) -> dict[str, str]:
    return {"key": key, "action": "press"}


def _meeting(place: Path, name: int) -> None:
    """A worker that writes to the lake only together with the others."""

    def meet() -> None:
        place.mkdir(exist_ok=True)
        (place / str(name)).touch()
        until = time.monotonic() + 60
        while len(list(place.iterdir())) < SHARDS:
            if time.monotonic() > until:
                raise SystemExit("the others never came")
            time.sleep(0.05)

    set_trap("before lake.storage.store:store_parts", meet)
    storing.store_due()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("counts", ["noted", "unnoted"])
@pytest.mark.parametrize("at_last", [2, SHARDS])
def test_people_are_moved_after_their_records_were_read(
    send: Send, recorder: TestClient, people: list[Employee], monkeypatch: pytest.MonkeyPatch, counts: str, at_last: int
) -> None:
    """To where another worker stores the same records first, and perhaps dies. They may be back when this one does."""
    location = send(about(people, range(4))).headers["Location"]
    moving = next(one for one in people if moves(one))
    before_store, note = Ingestion.store, storing._note

    def dying(*_: object) -> list[UUID]:
        raise Killed

    def move_first(self: Ingestion, *prepared: Any) -> Any:
        monkeypatch.setattr(Ingestion, "store", before_store)
        spread(2)
        if counts == "unnoted":
            monkeypatch.setattr(storing, "_note", dying)
        with suppress(Killed):
            storing.store_due()
        assert moving.subject in {subject for subject, _ in captures()}
        monkeypatch.setattr(storing, "_note", note)
        spread(at_last)
        return before_store(self, *prepared)

    monkeypatch.setattr(Ingestion, "store", move_first)
    storing.store_due()
    batch = recorder.get(location).json()
    assert (batch["state"], counted(batch), batch["waiting"]) == ("stored", {"stored": 4 * len(people)}, 0)
    assert len(captures()) == 4 * len(people)
    assert landing.names() == []


def test_a_body_of_an_earlier_version_is_stored_once(send: Send, recorder: TestClient, people: list[Employee]) -> None:
    location = send(about(people, range(2))).headers["Location"]
    with writing() as session:
        session.execute(update(IntakeBatchRow).values(slots=None))
    storing.store_due()
    batch = recorder.get(location).json()
    assert (batch["state"], counted(batch)) == ("stored", {"stored": 2 * len(people)})
    assert landing.names() == []


@BOTH
def test_a_file_that_is_lost_after_a_part_was_stored(send: Send, recorder: TestClient, people: list[Employee]) -> None:
    key = str(uuid4())
    location = send(about(people, range(2)), key).headers["Location"]
    first = of_shard(0, people)
    with lanes.lanes()[0].held(0):
        storing.store_due()
    store(Area.LANDING).delete_file(*landing.names())
    storing.store_due()
    batch = recorder.get(location).json()
    assert (batch["state"], batch["waiting"]) == ("lost", 2 * len(first))
    again = send(about(people, range(2)), key).headers["Location"]
    storing.store_due()
    batch = recorder.get(again).json()
    others = len(people) - len(first)
    assert counted(batch) == {"stored": 2 * len(first), "already_known": 2 * others}
    assert len(captures()) == 2 * len(people)


def test_what_is_missing_in_a_file_is_counted_once(
    send: Send, recorder: TestClient, people: list[Employee], home: Path
) -> None:
    location = send(about(people, range(2))).headers["Location"]
    [file] = (home / "governance" / "landing").glob("*.landed")
    file.write_bytes(file.read_bytes()[:-10])
    storing.store_due()
    batch = recorder.get(location).json()
    assert counted(batch) == {"stored": 2 * len(people) - 2, "quarantined": 2}
    assert batch["reasons"] == {storing.DAMAGED: 2}
