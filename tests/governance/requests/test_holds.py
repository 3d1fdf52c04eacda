"""Legal holds, from placing one to the end of the erasure that it withheld."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

import clock
from governance.db.database import reading
from governance.db.tables import HoldChangeRow
from governance.fulfilment import erasure
from governance.ledger.tables import EntryRow
from governance.requests import holds
from governance.requests.progress import begin
from lake.storage.connection import reader
from law.exceptions import LegalException
from tests.governance.conftest import START, Capture, Client
from tests.governance.working import carry_out, maintain_rules
from tests.support.people import Company

TERMS = {
    "employee": "ada@example.com",
    "scope": {"applications": ["Chrome"]},
    "case": "HR-2026/17",
    "exception": "gdpr_17_3_e",
    "review_on": "2099-01-31",
}


@pytest.fixture
def officer(api: Client, person: Company) -> TestClient:
    return api(person("olga@example.com", role="privacy_officer"))


@pytest.fixture
def place(officer: TestClient) -> Callable[..., dict[str, Any]]:
    def placed(**changes: Any) -> dict[str, Any]:
        answer = officer.post("/v1/holds", json=TERMS | changes)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return placed


def crash(*_: object, **__: object) -> None:
    raise RuntimeError("killed")


def erase(client: TestClient, **scope: Any) -> str:
    return str(client.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()["id"])


def look(client: TestClient, request_id: str) -> dict[str, Any]:
    return dict(client.get(f"/v1/requests/{request_id}").json())


def test_hold_is_in_force_at_once_and_visible(
    api: Client, person: Company, capture: Capture, officer: TestClient, place: Any
) -> None:
    ada = person("ada@example.com")
    capture(ada, 4)
    capture(ada, 3, application="Chrome")
    hold = place()
    assert hold["employee"] == {"name": "Ada", "department": "Finance"}
    assert (hold["case"], hold["exception"]) == ("HR-2026/17", "GDPR 17(3)(e)")
    assert hold["exception_words"] == LegalException.GDPR_17_3_E.words
    assert (hold["applications"], hold["signals"], hold["lifted_at"]) == (["Chrome"], None, None)
    assert officer.get("/v1/holds").json() == [hold]
    [seen] = api(ada).get("/v1/me/retention").json()["holds"]
    assert (seen["case"], seen["exception"], seen["events"]) == ("HR-2026/17", "GDPR 17(3)(e)", 3)
    assert seen["reason"] == LegalException.GDPR_17_3_E.words


def test_an_officer_learns_nothing_of_what_a_hold_keeps(
    person: Company, capture: Capture, officer: TestClient, place: Any
) -> None:
    """Held for a minute each, the numbers would tell how busy somebody was, minute by minute."""
    ada = person("ada@example.com")
    capture(ada, 4)
    answers = []
    for minute in (0, 500):
        at = START + timedelta(minutes=minute)
        scope = {"from": f"{at.isoformat()}Z", "until": f"{(at + timedelta(minutes=1)).isoformat()}Z"}
        placed = place(scope=scope)
        listed = [hold for hold in officer.get("/v1/holds").json() if hold["hold"] == placed["hold"]]
        lifted = officer.delete(f"/v1/holds/{placed['hold']}").json()
        answers.append([placed, *listed, lifted])
    varying = {"hold", "from_at", "until_at", "placed_at", "lifted_at"}
    busy, idle = ([{k: v for k, v in each.items() if k not in varying} for each in found] for found in answers)
    assert busy == idle


def test_lifted_hold_resumes_the_erasure(
    api: Client, person: Company, capture: Capture, officer: TestClient, place: Any
) -> None:
    ada = person("ada@example.com")
    capture(ada, 4)
    capture(ada, 3, application="Chrome")
    hold = place()["hold"]
    client = api(ada)
    request_id = erase(client)
    assert carry_out(request_id)
    partial = look(client, request_id)
    assert (partial["state"], partial["outcome"]["withheld"]) == ("partially_completed", 3)
    [withheld] = partial["outcome"]["withheld_by"]
    assert (withheld["hold"], withheld["case"], withheld["review_on"]) == (hold, "HR-2026/17", "2099-01-31")
    maintain_rules()
    assert look(client, request_id) == partial

    lifted = officer.delete(f"/v1/holds/{hold}").json()
    assert lifted["lifted_at"] is not None
    again = look(client, request_id)
    assert (again["state"], again["completed_at"]) == ("in_progress", None)
    assert carry_out(request_id)
    done = look(client, request_id)
    outcome = done["outcome"]
    assert (done["state"], outcome["matched"], outcome["erased"], outcome["withheld"]) == ("completed", 7, 7, 0)
    assert outcome["withheld_by"] == []
    assert outcome["differences"] == [
        "3 records fewer withheld than previewed: a hold was lifted, or they were already gone."
    ]
    assert [receipt["number"] for receipt in done["receipts"]] == [1, 2]
    assert officer.delete(f"/v1/holds/{hold}").json() == lifted
    maintain_rules()
    assert look(client, request_id) == done


def test_second_hold_keeps_withholding(
    api: Client, person: Company, capture: Capture, officer: TestClient, place: Any
) -> None:
    ada = person("ada@example.com")
    capture(ada, 4)
    capture(ada, 3, application="Chrome")
    one, other = place()["hold"], place(scope={}, everything=True, case="TAX-7", exception="gdpr_17_3_b")["hold"]
    client = api(ada)
    request_id = erase(client, applications=["Chrome"])
    assert carry_out(request_id)
    assert {held["hold"] for held in look(client, request_id)["outcome"]["withheld_by"]} == {one, other}
    officer.delete(f"/v1/holds/{one}")
    assert carry_out(request_id)
    assert look(client, request_id)["state"] == "partially_completed"
    maintain_rules()
    assert not carry_out(request_id)
    officer.delete(f"/v1/holds/{other}")
    assert carry_out(request_id)
    assert look(client, request_id)["state"] == "completed"
    assert len(client.get("/v1/me/captures").json()["captures"]) == 4


def test_erasure_ending_after_lift_is_resumed(
    api: Client, person: Company, capture: Capture, officer: TestClient, place: Any
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3, application="Chrome")
    hold = place()["hold"]
    client = api(ada)
    ids = [UUID(erase(client))]
    assert begin(ids[0])
    for joint in erasure.TOGETHER:
        joint(ids)
    officer.delete(f"/v1/holds/{hold}")
    for step in erasure.EACH:
        step(ids[0])
    assert look(client, str(ids[0]))["state"] == "partially_completed"
    maintain_rules()
    assert carry_out(ids[0])
    assert look(client, str(ids[0]))["state"] == "completed"


def test_interrupted_hold_changes_are_completed(
    api: Client, person: Company, capture: Capture, officer: TestClient, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3, application="Chrome")

    with monkeypatch.context() as patch:
        patch.setattr("lake.rules.holds.place_hold", crash)
        assert officer.post("/v1/holds", json=TERMS).status_code == 500
    assert officer.get("/v1/holds").json() == []
    maintain_rules()
    [hold] = officer.get("/v1/holds").json()
    assert hold["case"] == "HR-2026/17"
    client = api(ada)
    request_id = erase(client)
    assert carry_out(request_id)
    with monkeypatch.context() as patch:
        patch.setattr(holds, "resume_withheld_erasures", lambda: None)
        officer.delete(f"/v1/holds/{hold['hold']}")
    assert look(client, request_id)["state"] == "partially_completed"
    maintain_rules()
    assert look(client, request_id)["state"] == "in_progress"
    with reading() as session:
        assert session.query(HoldChangeRow).filter(HoldChangeRow.done_at.is_(None)).count() == 0
        kinds = [row.statement.split('"kind":"')[1].split('"')[0] for row in session.query(EntryRow) if row.statement]
    assert kinds == ["hold_placed", "request_received", "request_ended", "hold_lifted"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"employee": "nobody@example.com"}, "#/body/employee"),
        ({"case": "Ada is suspected of fraud"}, "#/body/case"),
        ({"case": "x"}, "#/body/case"),
        ({"case": ""}, "#/body/case"),
        ({"case": "A" * 41}, "#/body/case"),
        ({"exception": "because"}, "#/body/exception"),
        ({"review_on": "2020-01-01"}, "#/body/review_on"),
        ({"review_on": "soon"}, "#/body/review_on"),
        ({"scope": {"signals": ["telepathy"]}}, "#/body/scope/signals/0"),
        ({"reason": "free text"}, "#/body/reason"),
    ],
)
def test_invalid_hold_is_refused(
    person: Company, capture: Capture, officer: TestClient, change: dict[str, Any], pointer: str
) -> None:
    capture(person("ada@example.com"), 1)
    answer = officer.post("/v1/holds", json=TERMS | change)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert "fraud" not in answer.text
    assert officer.get("/v1/holds").json() == []


def test_everything_must_be_chosen(person: Company, capture: Capture, officer: TestClient) -> None:
    capture(person("ada@example.com"), 1)
    terms = {name: value for name, value in TERMS.items() if name != "scope"}
    unclear: dict[str, Any]
    for unclear in ({}, {"scope": {}}, {"everything": False}, {"everything": True, "scope": TERMS["scope"]}):
        answer = officer.post("/v1/holds", json=terms | unclear)
        assert answer.status_code == 422, unclear
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/body/scope"]
        assert "everything: true" in answer.text
    assert officer.get("/v1/holds").json() == []
    clear: dict[str, Any]
    for clear in ({"everything": True}, {"everything": True, "scope": {}}):
        placed = officer.post("/v1/holds", json=terms | clear).json()
        assert [placed[name] for name in ("signals", "applications", "from_at", "until_at")] == [None] * 4


def test_review_date_must_be_in_the_future(person: Company, officer: TestClient) -> None:
    person("ada@example.com")
    today = clock.today()
    assert officer.post("/v1/holds", json=TERMS | {"review_on": today.isoformat()}).status_code == 422
    assert officer.post("/v1/holds", json=TERMS | {"review_on": f"{today + timedelta(days=1)}"}).status_code == 201


@pytest.mark.parametrize("role", ["employee", "manager"])
def test_only_officers_see_holds(api: Client, person: Company, officer: TestClient, place: Any, role: str) -> None:
    person("ada@example.com")
    hold, nobody = place()["hold"], api(person("max@example.com", role=role))
    answers = [
        nobody.get("/v1/holds"),
        nobody.post("/v1/holds", json=TERMS),
        nobody.post("/v1/holds", json={}),
        nobody.delete(f"/v1/holds/{hold}"),
        nobody.delete(f"/v1/holds/{uuid4()}"),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert officer.delete(f"/v1/holds/{uuid4()}").status_code == 404
    assert [row["lifted_at"] for row in officer.get("/v1/holds").json()] == [None]


def test_a_person_sees_exactly_what_of_a_day_is_held(
    api: Client, person: Company, capture: Capture, officer: TestClient, place: Any
) -> None:
    ada = person("ada@example.com")
    capture(ada, 10)
    from_at = (START + timedelta(minutes=4)).isoformat() + "Z"
    until = (START + timedelta(minutes=7)).isoformat() + "Z"
    place(scope={"from": from_at, "until": until})
    assert [held["events"] for held in api(ada).get("/v1/me/retention").json()["holds"]] == [3]
    assert reader().execute("select exception from holds").fetchall() == [("gdpr_17_3_e",)]


def test_repeated_lift_is_recorded_once(
    person: Company, capture: Capture, officer: TestClient, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(person("ada@example.com"), 3, application="Chrome")
    hold = place()

    with monkeypatch.context() as patch:
        patch.setattr("lake.rules.holds.lift_hold", crash)
        assert officer.delete(f"/v1/holds/{hold['hold']}").status_code == 500
    assert officer.delete(f"/v1/holds/{hold['hold']}").json()["lifted_at"]
    maintain_rules()
    with reading() as session:
        told = [row.statement for row in session.query(EntryRow) if '"kind":"hold_lifted"' in (row.statement or "")]
    assert len(told) == 1
