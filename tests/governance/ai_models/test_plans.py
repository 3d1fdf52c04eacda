"""Plans for models: by privacy officers, with a future date, in the ledger once; people see what is promised."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from starlette.testclient import TestClient

import clock
import queries
from governance.ai_models import own_lineage, own_models
from governance.db.database import reading
from governance.ledger.tables import EntryRow
from lake.lineage.graph import ModelVersion, Relation, record_parent
from lake.rules import standing
from lake.rules.scope import Scope
from lake.storage.connection import transaction, writer
from tests.governance.conftest import START, Capture, Client
from tests.support import lineage
from tests.support.paging import first_page
from tests.support.people import Company

SOON = clock.today() + timedelta(days=20)


@pytest.fixture
def models(person: Company, capture: Capture) -> tuple[UUID, UUID]:
    """Sable was trained on captures of Ada, who has objected since; Amber was fine-tuned from it."""
    ada = person("ada@example.com")
    capture(ada, 4)
    sable = ModelVersion("Sable", "1.0", "assistance", "Team AI", START)
    amber = ModelVersion("Amber", "1.0", None, None, START + timedelta(days=1))
    with writer() as connection, transaction(connection):
        slices = [(ada.subject, START.date(), "keystroke", "Excel", 4)]
        read = lineage.dataset(connection, "desktop", "1", START, slices)
        lineage.train(connection, sable, [read], START)
        lineage.train(connection, amber, [], START)
        record_parent(connection, amber.model_version, sable.model_version, Relation.FINE_TUNED)
    with writer() as connection:
        standing.start_rule(connection, ada.subject, Scope(), uuid4(), standing.Rule.OBJECTION)
    return sable.model_version, amber.model_version


def test_a_run_after_the_withdrawal_leaves_it_uncertain(
    models: tuple[UUID, UUID], person: Company, api: Client
) -> None:
    """The dataset lists her records still; whether the run got them, nobody knows."""
    later = clock.now_utc() + timedelta(hours=1)
    with writer() as connection, transaction(connection):
        slices = [(person("ada@example.com").subject, START.date(), "keystroke", "Excel", 4)]
        read = lineage.dataset(connection, "desktop", "2", START, slices)
        lineage.train(connection, ModelVersion("Coral", "1.0", None, None, later), [read], later)
    officer = api(person("olga@example.com", role="privacy_officer"))
    [coral] = [model for model in officers_list(officer) if model["model"] == "Coral"]
    assert (coral["people"], coral["maybe"]) == (0, True)


def test_plan_is_shown_to_affected_people_and_in_ledger(
    models: tuple[UUID, UUID], person: Company, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sable, _ = models
    officer, ada = api(person("olga@example.com", role="privacy_officer")), api(person("ada@example.com"))

    def of_ada() -> dict[str, tuple[str, str | None, bool]]:
        found = ada.get("/v1/me/models").json()
        return {model["model"]: (model["state"], model["by"], model["overdue"]) for model in found}

    assert of_ada() == dict.fromkeys(("Sable", "Amber"), ("retained_in_weights", None, False))
    listed = {model["model"]: (model["people"], model["maybe"], model["plan"]) for model in officers_list(officer)}
    assert listed == {"Sable": (1, False, None), "Amber": (1, True, None)}

    for _ in range(2):
        promised = officer.put(f"/v1/officer/models/{sable}/plan", json={"plan": "retrain", "by": str(SOON)})
        assert promised.status_code == 200
    plan = promised.json()["plan"]
    assert (plan["plan"], plan["by"], plan["overdue"]) == ("retrain", str(SOON), False)
    assert of_ada() == {
        "Sable": ("retrain_scheduled", str(SOON), False),
        "Amber": ("retained_in_weights", None, False),
    }
    moved = str(SOON + timedelta(days=5))
    assert officer.put(f"/v1/officer/models/{sable}/plan", json={"plan": "retrain", "by": moved}).json()["plan"][
        "first_by"
    ] == str(SOON)
    assert told_in_the_ledger() == [
        {"model_version": str(sable), "plan": "retrain", "by": by, "role": "privacy_officer"}
        for by in (str(SOON), moved)
    ]
    monkeypatch.setattr(clock, "today", lambda: SOON + timedelta(days=6))
    assert of_ada()["Sable"] == ("retrain_scheduled", moved, True)


def officers_list(officer: TestClient) -> list[dict[str, object]]:
    return list(officer.get("/v1/officer/models").json())


def told_in_the_ledger() -> list[dict[str, str]]:
    with reading() as session:
        rows = [orjson.loads(row.statement or "{}") for row in session.query(EntryRow).order_by(EntryRow.position)]
    return [
        {name: value for name, value in row.items() if name not in ("kind", "at")}
        for row in rows
        if row["kind"] == "model_plan"
    ]


def test_plans_need_a_future_date_a_model_and_the_role(models: tuple[UUID, UUID], person: Company, api: Client) -> None:
    officer, ada = api(person("olga@example.com", role="privacy_officer")), api(person("ada@example.com"))
    path = f"/v1/officer/models/{models[0]}/plan"
    for body in (
        {"plan": "retrain"},
        {"plan": "none", "by": str(SOON)},
        {"plan": "retire", "by": str(clock.today())},
        {"plan": "forget", "by": str(SOON)},
        {"plan": "none", "why": "because"},
    ):
        assert officer.put(path, json=body).status_code == 422, body
    good = {"plan": "exclude", "by": str(SOON)}
    assert officer.put(f"/v1/officer/models/{uuid4()}/plan", json=good).status_code == 404
    for address in (path, f"/v1/officer/models/{uuid4()}/plan"):
        assert ada.put(address, json=good).status_code == 403
    assert ada.get("/v1/officer/models").status_code == 403
    assert told_in_the_ledger() == []


def test_plans_reveal_nothing_about_colleagues(models: tuple[UUID, UUID], person: Company, capture: Capture) -> None:
    colleague = person("ben@example.com")
    capture(colleague, 1)
    ben = queries.for_request(colleague.subject, uuid4())
    sable, amber = sorted(own_models.models_of(ben, first_page()), key=lambda each: each.model, reverse=True)
    assert (sable.evidence, sable.captures, sable.withdrawn, sable.state) == ("none", 0, 0, "never_included")
    assert (amber.evidence, amber.made_from) == ("unknown", [])
    told = own_lineage.lineage_of(ben)
    assert {edge.evidence for edge in told.edges if edge.relation == "listed"} == {"none"}
    assert all(not node.captures for node in told.nodes)
