"""The steps that end erasures run for all of them at once, and an odd one costs the others nothing."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, event, select

from governance.db.database import reading
from governance.fulfilment import erasure as erasing
from governance.ledger.tables import ReceiptRow
from governance.requests.progress import attempt_many, begin
from lake.rules import erasure
from lake.storage.connection import writer
from tests.governance.conftest import Capture, Client
from tests.governance.working import asked_to_erase, work_on
from tests.support.people import Company


def test_one_that_fails_costs_the_others_nothing(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(f"{name}@example.com") for name in ("ada", "bob", "carl")]
    ids = asked_to_erase(api, people, capture)
    ran: list[tuple[UUID, ...]] = []

    def odd(*request_ids: UUID) -> None:
        ran.append(request_ids)
        if ids[1] in request_ids:
            raise RuntimeError("This one is odd.")

    monkeypatch.setattr(erasing, "EACH", (*erasing.EACH[:-1], odd, erasing.finish))
    work_on(ids)
    assert ran == [tuple(ids), *((one,) for one in ids)]
    answers = [api(one).get(f"/v1/requests/{request}").json() for one, request in zip(people, ids, strict=True)]
    assert [answer["state"] for answer in answers] == ["completed", "failed", "completed"]
    assert [len(answer["receipts"]) for answer in answers] == [1, 0, 1]
    assert "Something went wrong" in answers[1]["failure"]
    with writer() as connection:
        assert erasure.open_tombstones(connection) == {ids[1]}


def test_steps_leave_requests_that_another_workflow_has(api: Client, person: Company, capture: Capture) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    ids = asked_to_erase(api, [ada, bob], capture)
    begin(ids[0], "one workflow")
    begin(ids[1], "another")
    for joint in erasing.TOGETHER:
        joint(ids)
    assert attempt_many(erasing.EACH, ids, "another") == {}
    states = [api(one).get("/v1/requests").json()[0]["state"] for one in (ada, bob)]
    assert states == ["in_progress", "completed"]


def test_receipts_are_in_the_ledger_in_the_order_of_the_requests(api: Client, person: Company) -> None:
    people = [person(f"{name}@example.com") for name in ("ada", "bob", "carl")]
    ids = [UUID(api(one).post("/v1/requests", json={"type": "erasure"}).json()["id"]) for one in people]
    work_on(ids)
    with reading() as session:
        ended_in_order = session.scalars(select(ReceiptRow.request_id).order_by(ReceiptRow.position)).all()
    assert ended_in_order == ids
    for somebody, request_id in zip(people, ids, strict=True):
        [receipt] = api(somebody).get(f"/v1/requests/{request_id}").json()["receipts"]
        assert receipt["number"] == 1


def test_more_people_need_no_more_transactions(api: Client, person: Company, capture: Capture) -> None:
    people = [person(f"person{number}@example.com") for number in range(5)]
    for somebody in people:
        capture(somebody, 2)
    ids = [UUID(api(one).post("/v1/requests", json={"type": "erasure"}).json()["id"]) for one in people]
    commits: list[Connection] = []

    def ended(those: list[UUID]) -> int:
        for request_id in those:
            begin(request_id, "together")
        for joint in erasing.TOGETHER:
            joint(those)
        commits.clear()
        assert attempt_many(erasing.EACH, those, "together") == {}
        return len(commits)

    ended(ids[:1])  # fills caches
    event.listen(Engine, "commit", committed := commits.append)
    try:
        assert ended(ids[1:2]) == ended(ids[2:]) > 0
    finally:
        event.remove(Engine, "commit", committed)
