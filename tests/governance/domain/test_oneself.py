"""People who have left have no role, and no one decides about themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

import clock
from directory import Directory, Employee
from lake.lineage.graph import ModelVersion
from lake.rules import standing
from lake.rules.scope import Scope
from lake.storage.connection import transaction, writer
from tests.governance.conftest import START, Capture, Client
from tests.support import applications, lineage
from tests.support.people import Company

HOLD = {
    "employee": "olga@example.com",
    "everything": True,
    "case": "HR-1",
    "exception": "gdpr_17_3_e",
    "review_on": "2099-01-31",
}
SOMETHING = "6f0f5c40-52c5-4c7b-9f1d-0c4f5a3b7a11"
FOR_OFFICERS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/v1/officer/requests", None),
    ("GET", f"/v1/officer/requests/{SOMETHING}/note", None),
    ("POST", f"/v1/officer/requests/{SOMETHING}/note/openings", {"reason": "decision", "hours": 1}),
    ("POST", f"/v1/officer/note-openings/{SOMETHING}/approval", None),
    ("GET", "/v1/officer/health", None),
    ("GET", "/v1/officer/violations", None),
    ("GET", "/v1/officer/models", None),
    ("PUT", f"/v1/officer/models/{SOMETHING}/plan", {"plan": "none"}),
    ("POST", f"/v1/requests/{SOMETHING}/decision", {"decision": "approve"}),
    ("GET", "/v1/officer/links", None),
    ("GET", "/v1/officer/training-exports", None),
    ("PUT", f"/v1/officer/training-exports/{SOMETHING}/approval", None),
    ("DELETE", f"/v1/officer/training-exports/{SOMETHING}/approval", None),
    ("GET", "/v1/officer/leases", None),
    ("DELETE", f"/v1/officer/leases/{SOMETHING}", None),
    ("POST", f"/v1/officer/links/{SOMETHING}/decision", {"decision": "same"}),
    ("POST", "/v1/officer/links/decisions", {"decision": "same", "proposals": [SOMETHING]}),
    ("GET", "/v1/officer/letters", None),
    ("POST", "/v1/officer/letters", {"employee": "nobody@example.com"}),
    ("DELETE", f"/v1/officer/letters/{SOMETHING}", None),
    ("GET", "/v1/holds", None),
    ("POST", "/v1/holds", HOLD),
    ("DELETE", f"/v1/holds/{SOMETHING}", None),
]


@pytest.fixture
def olga(person: Company) -> Employee:
    return person("olga@example.com", role="privacy_officer")


@pytest.fixture
def paul(person: Company) -> Employee:
    return person("paul@example.com", role="privacy_officer")


def leaves(tmp_path: Path, *staying: str) -> None:
    """People missing from the HR system's file have left."""
    file = tmp_path / "after.csv"
    lines = [f"{name}@example.com,{name},{name},Finance,Accounts,employee,,gdpr" for name in ("ada", *staying)]
    file.write_text("\n".join(["email,name,sub,department,team,role,manager,regime", *lines]) + "\n")
    with Directory.open() as directory:
        directory.synchronise(file)


def refused(answer: Any) -> str:
    assert answer.status_code == 403, answer.text
    return str(answer.json()["detail"])


def test_table_lists_every_officer_route() -> None:
    published = applications.published()["paths"]
    found = {
        (method.upper(), path)
        for path, methods in published.items()
        for method, operation in methods.items()
        if "officer" in operation.get("tags", ())
    }
    known = {(method, path.replace(f"/v1/holds/{SOMETHING}", "/v1/holds/{hold}")) for method, path, _ in FOR_OFFICERS}
    known = {(method, path.replace(f"requests/{SOMETHING}", "requests/{request_id}")) for method, path in known}
    known = {(method, path.replace(f"openings/{SOMETHING}", "openings/{opening}")) for method, path in known}
    known = {(method, path.replace(f"links/{SOMETHING}", "links/{proposal}")) for method, path in known}
    known = {(method, path.replace(f"letters/{SOMETHING}", "letters/{letter}")) for method, path in known}
    known = {(method, path.replace(f"leases/{SOMETHING}", "leases/{lease}")) for method, path in known}
    known = {(method, path.replace(f"exports/{SOMETHING}", "exports/{export}")) for method, path in known}
    assert {(method, path.replace(SOMETHING, "{model_version}")) for method, path in known} == found


@pytest.mark.parametrize(("method", "path", "body"), FOR_OFFICERS)
def test_former_officer_has_no_officer_access(
    api: Client, again: Client, olga: Employee, tmp_path: Path, method: str, path: str, body: dict[str, Any] | None
) -> None:
    client = api(olga)
    assert client.request(method, path, json=body).status_code in (200, 403, 404)
    leaves(tmp_path)
    assert client.request(method, path, json=body).status_code == 401
    assert "Only privacy officers can do this" in refused(again(olga).request(method, path, json=body))


def test_former_officer_keeps_own_rights(again: Client, olga: Employee, capture: Capture, tmp_path: Path) -> None:
    capture(olga, 3)
    leaves(tmp_path)
    client = again(olga)
    assert client.get("/v1/me").json()["role"] == "employee"
    assert client.get("/v1/me/summary").status_code == 200
    assert len(client.get("/v1/me/captures").json()["captures"]) == 3
    filed = client.post("/v1/requests", json={"type": "rectification", "note": "That was not me."})
    assert filed.status_code == 201
    assert client.get(f"/v1/requests/{filed.json()['id']}").json()["decision"] is None
    approval = {"decision": "approve"}
    refused(client.post(f"/v1/requests/{filed.json()['id']}/decision", json=approval))


def test_former_manager_has_no_area(api: Client, again: Client, person: Company, tmp_path: Path) -> None:
    mona = person("mona@example.com", role="manager")
    person("ada@example.com", manager="mona@example.com")
    client = api(mona)
    assert client.get("/v1/area").json()["people"] == 1
    leaves(tmp_path)
    client = again(mona)
    assert "who have reports" in refused(client.get("/v1/area"))
    assert client.get("/v1/programme").status_code == 200


@pytest.mark.parametrize("decision", ["approve", "deny", "extend"])
def test_officer_cannot_decide_own_request(api: Client, olga: Employee, paul: Employee, decision: str) -> None:
    filed = api(olga).post("/v1/requests", json={"type": "rectification", "note": "That was not me."}).json()["id"]
    reason = {"approve": None, "deny": "others_rights", "extend": "complex"}[decision]
    body = {"decision": decision, "reason": reason}
    [shown] = api(olga).get("/v1/officer/requests").json()
    assert shown["own"]
    assert "another privacy officer" in refused(api(olga).post(f"/v1/requests/{filed}/decision", json=body))
    assert api(olga).get(f"/v1/requests/{filed}").json()["decision"] is None
    [shown] = api(paul).get("/v1/officer/requests").json()
    assert not shown["own"]
    assert api(paul).post(f"/v1/requests/{filed}/decision", json=body).status_code == 200


def test_officer_cannot_manage_own_holds(api: Client, olga: Employee, paul: Employee, capture: Capture) -> None:
    capture(olga, 3)
    assert "another privacy officer" in refused(api(olga).post("/v1/holds", json=HOLD))
    assert api(paul).get("/v1/holds").json() == []
    hold = api(paul).post("/v1/holds", json=HOLD).json()
    assert not hold["own"]
    assert [each["own"] for each in api(olga).get("/v1/holds").json()] == [True]
    refused(api(olga).delete(f"/v1/holds/{hold['hold']}"))
    assert api(paul).get("/v1/holds").json()[0]["lifted_at"] is None
    assert api(paul).delete(f"/v1/holds/{hold['hold']}").json()["lifted_at"]


def test_officer_cannot_plan_for_own_models(api: Client, olga: Employee, paul: Employee, capture: Capture) -> None:
    capture(olga, 4)
    sable = model_of(olga)
    plan = {"plan": "retire", "by": str(clock.today() + timedelta(days=20))}
    assert [each["own"] for each in api(olga).get("/v1/officer/models").json()] == [False]
    with writer() as connection:
        standing.start_rule(connection, olga.subject, Scope(), uuid4(), standing.Rule.OBJECTION)
    assert [each["own"] for each in api(olga).get("/v1/officer/models").json()] == [True]
    refused(api(olga).put(f"/v1/officer/models/{sable}/plan", json=plan))
    [model] = api(paul).get("/v1/officer/models").json()
    assert (model["own"], model["plan"]) == (False, None)
    assert api(paul).put(f"/v1/officer/models/{sable}/plan", json=plan).status_code == 200


def model_of(employee: Employee) -> UUID:
    model = ModelVersion("Sable", "1.0", "assistance", "Team AI", START)
    with writer() as connection, transaction(connection):
        slices = [(employee.subject, START.date(), "keystroke", "Excel", 4)]
        lineage.train(connection, model, [lineage.dataset(connection, "desktop", "1", START, slices)], START)
    return model.model_version


def test_leaving_without_a_role_changes_nothing(
    unknown: TestClient, again: Client, person: Company, tmp_path: Path
) -> None:
    bob = person("bob@example.com")
    leaves(tmp_path)
    assert again(bob).get("/v1/me").status_code == 200
    refused(again(bob).get("/v1/officer/requests"))
