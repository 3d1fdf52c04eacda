"""A note whose writer didn't allow it is read only by two officers together, for some hours, and its writer sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

import clock
from governance import access_log
from governance.db import database
from governance.db.database import governance_folder, reading
from governance.db.tables import RequestRow
from governance.ledger.tables import EntryRow
from governance.requests import note_openings
from tests.governance.conftest import Client
from tests.support.earlier import take_back
from tests.support.people import Company

ASKING = {"reason": "decision", "hours": 4}


class World(NamedTuple):
    ada: TestClient
    olga: TestClient
    paul: TestClient
    request: str
    later: Callable[[timedelta], None]

    def asked(self) -> str:
        answer = self.olga.post(f"/v1/officer/requests/{self.request}/note/openings", json=ASKING)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["opening"])

    def approve(self, officer: TestClient, opening: str) -> Any:
        return officer.post(f"/v1/officer/note-openings/{opening}/approval")

    def read(self, officer: TestClient) -> int:
        answer = officer.get(f"/v1/officer/requests/{self.request}/note")
        assert ("A drill." in answer.text) == (answer.status_code == 200)
        return int(answer.status_code)


@pytest.fixture
def world(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> World:
    now = clock.now_utc()
    ada, *officers = (
        person("ada@example.com"),
        *(person(f"{name}@example.com", role="privacy_officer") for name in ("olga", "paul")),
    )
    client = api(ada)
    request = client.post("/v1/requests", json={"type": "rectification", "note": "A drill."}).json()["id"]
    return World(
        client, api(officers[0]), api(officers[1]), request,
        lambda by: monkeypatch.setattr(note_openings, "clock", SimpleNamespace(now_utc=lambda: now + by)),
    )  # fmt: skip


def test_two_officers_open_a_note_for_some_hours(world: World, person: Company, api: Client) -> None:
    rita = api(person("rita@example.com", role="privacy_officer"))
    opening = world.asked()
    assert [world.read(officer) for officer in (world.olga, world.paul)] == [409, 409]
    approved = world.approve(world.paul, opening).json()
    assert (approved["readable"], approved["asked_by_you"]) == (True, False)
    assert [world.read(officer) for officer in (world.olga, world.paul, rita)] == [200, 200, 409]
    assert world.approve(world.paul, opening).json() == approved, "again, nothing changes"
    world.later(timedelta(hours=3, minutes=50))
    assert world.read(world.olga) == 200
    world.later(timedelta(hours=4, minutes=1))
    assert [world.read(officer) for officer in (world.olga, world.paul)] == [409, 409]
    assert world.olga.get("/v1/officer/requests").json()[0]["note_opening"] is None


def test_its_writer_sees_every_step_and_view(world: World) -> None:
    world.approve(world.paul, world.asked())
    world.read(world.olga)
    history = [event["note"] for event in world.ada.get(f"/v1/requests/{world.request}").json()["history"]]
    assert "A privacy officer asked to read your note, because your request can't be decided without it." in history[-2]
    assert "A second privacy officer approved it" in history[-1]
    [entry] = [each for each in world.ada.get("/v1/me/access-log").json()["entries"] if each["what"] == "note"]
    assert entry["purpose"] == "To read your note, which two privacy officers opened; your request says why"
    with reading() as session:
        statements = [json.loads(text or "{}") for text in session.scalars(select(EntryRow.statement))]
    [told] = [each for each in statements if each["kind"] == "note_opened"]
    assert (told["request"], told["reason"]) == (world.request, "decision")


def test_nobody_opens_a_note_alone_or_about_themselves(world: World, api: Client, person: Company) -> None:
    opening = world.asked()
    assert world.approve(world.olga, opening).status_code == 403
    assert world.approve(world.ada, opening).status_code == 403
    assert world.read(world.olga) == 409
    own = world.paul.post("/v1/requests", json={"type": "rectification", "note": "Mine."}).json()["id"]
    path = f"/v1/officer/requests/{own}/note/openings"
    assert world.paul.post(path, json=ASKING).status_code == 403, "about oneself"
    about_paul = world.olga.post(path, json=ASKING).json()["opening"]
    assert world.approve(world.paul, about_paul).status_code == 403, "about oneself"


def test_a_second_approval_or_question_changes_nothing(world: World, api: Client, person: Company) -> None:
    rita = api(person("rita@example.com", role="privacy_officer"))
    opening = world.asked()
    again = world.paul.post(f"/v1/officer/requests/{world.request}/note/openings", json=ASKING)
    assert again.status_code == 409
    assert world.approve(world.paul, opening).status_code == 200
    assert world.approve(rita, opening).status_code == 409
    assert world.read(rita) == 409


def test_it_takes_two_who_are_officers_when_it_is_approved(world: World, person: Company, api: Client) -> None:
    opening = world.asked()
    person("olga@example.com", role="employee")
    assert "no privacy officer any more" in world.approve(world.paul, opening).json()["detail"]
    assert world.read(world.paul) == 409
    rita = api(person("rita@example.com", role="privacy_officer"))
    again = rita.post(f"/v1/officer/requests/{world.request}/note/openings", json=ASKING)
    assert again.status_code == 201, "it waits for nobody who can't take part"
    assert world.approve(world.paul, again.json()["opening"]).status_code == 200


def test_an_opening_for_a_decision_ends_with_the_request(world: World) -> None:
    world.approve(world.paul, world.asked())
    assert world.read(world.olga) == 200
    assert world.ada.delete(f"/v1/requests/{world.request}").status_code == 200
    assert [world.read(officer) for officer in (world.olga, world.paul)] == [409, 409]
    again = world.olga.post(f"/v1/officer/requests/{world.request}/note/openings", json=ASKING)
    assert (again.status_code, "no longer waits" in again.json()["detail"]) == (409, True)


def test_what_nobody_approves_lapses(world: World) -> None:
    opening = world.asked()
    world.later(timedelta(days=7, minutes=1))
    assert world.approve(world.paul, opening).status_code == 409
    assert world.read(world.olga) == 409
    assert world.asked() != opening


@pytest.mark.parametrize("body", [{"reason": "decision", "hours": 25}, {"reason": "curious", "hours": 1}, {"hours": 1}])
def test_an_opening_needs_a_reason_and_an_end(world: World, body: dict[str, Any]) -> None:
    assert world.olga.post(f"/v1/officer/requests/{world.request}/note/openings", json=body).status_code == 422


def test_other_requests_have_nothing_to_open(world: World) -> None:
    export = world.ada.post("/v1/requests", json={"type": "export"}).json()["id"]
    assert world.olga.post(f"/v1/officer/requests/{export}/note/openings", json=ASKING).status_code == 409
    missing = world.request.replace(world.request[:8], "00000000")
    assert world.olga.post(f"/v1/officer/requests/{missing}/note/openings", json=ASKING).status_code == 404
    assert world.approve(world.olga, missing).status_code == 404


def test_without_an_entry_the_note_stays_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.approve(world.paul, world.asked())

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("directory.keys.uses.record", fail)
        assert world.read(world.olga) == 500
    assert access_log.count_of(subject_of(world)) == 0


def subject_of(world: World) -> Any:
    with reading() as session:
        return session.scalars(select(RequestRow.subject)).one()


@pytest.mark.state_in_files
def test_notes_of_before_can_be_opened(world: World, home: Path) -> None:
    database.close()
    take_back(governance_folder() / "governance.sqlite", "0020")
    world.approve(world.paul, world.asked())
    assert world.read(world.olga) == 200
