"""One event with many inputs and outputs must not multiply: sizes of answers and of stored data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from governance.db.database import reading
from governance.lineage.folding import fold_pending
from tests.governance.conftest import Capture, Client
from tests.governance.lineage import told
from tests.governance.working import carry_out
from tests.support.people import Company

LINEAGE = "/api/v1/lineage"
KILOBYTE = 1000
INPUTS, OUTPUTS = 1000, 50


def one_event(run: str = "wide") -> dict[str, Any]:
    return told.event(
        "COMPLETE",
        run,
        inputs=[told.dataset("s3://lake", f"table {number}") for number in range(INPUTS)],
        outputs=[told.model(f"model {number}", "1") for number in range(OUTPUTS)],
    )


@pytest.fixture
def ada(api: Client, person: Company, capture: Capture, pipeline: TestClient) -> TestClient:
    """Someone with captures, after that event."""
    employee = person()
    capture(employee, 5)
    assert pipeline.post(LINEAGE, json=one_event()).status_code == 201
    fold_pending()
    return api(employee)


def test_many_unlisted_datasets_are_one_entry(ada: TestClient) -> None:
    answer = ada.get("/v1/me/models")
    assert len(answer.content) < 150 * KILOBYTE
    models = answer.json()
    assert (len(models), answer.headers["Total-Count"]) == (OUTPUTS, str(OUTPUTS))
    assert {model["evidence"] for model in models} == {"possible"}
    (read,) = models[0]["trained_on"]
    assert (read["datasets"], read["dataset_version"]) == (1000, None)
    assert read["dataset"] == "1,000 datasets without a manifest"
    assert read["names"] == ["table 0", "table 1", "table 10"]
    assert "1,000 datasets without a manifest (table 0, table 1, table 10, …)" in models[0]["words"]


def test_all_datasets_of_a_model_are_readable(ada: TestClient) -> None:
    model = ada.get("/v1/me/models").json()[0]["model_version"]
    names, address = [], f"/v1/me/models/{model}/datasets?limit=100"
    while address:
        answer = ada.get(address)
        assert answer.headers["Total-Count"] == str(INPUTS)
        names += [read["dataset"] for read in answer.json()]
        assert {read["evidence"] for read in answer.json()} == {"possible"}
        address = answer.links.get("next", {}).get("url", "")
    assert sorted(names) == sorted(f"table {number}" for number in range(INPUTS))
    assert ada.get(f"/v1/me/models/{model}/datasets?offset=5000").headers["Total-Count"] == str(INPUTS)
    assert ada.get("/v1/me/models/6d3d1c8e-8a0d-4a8e-9a7e-0f5a4c1b2d3e/datasets").status_code == 404


def test_the_graph_stays_small(ada: TestClient) -> None:
    answer = ada.get("/v1/me/lineage")
    assert len(answer.content) < 150 * KILOBYTE
    graph = answer.json()
    assert graph["left_out"] == 0
    kinds = [node["kind"] for node in graph["nodes"]]
    assert (kinds.count("dataset"), kinds.count("run"), kinds.count("model")) == (1, 1, OUTPUTS)


@pytest.mark.parametrize("kind", ["objection", "erasure"])
def test_outcomes_keep_the_most_relevant_entries(ada: TestClient, kind: str) -> None:
    request = ada.post("/v1/requests", json={"type": kind}).json()["id"]
    assert carry_out(request)
    with reading() as session:
        (kept,) = session.execute(text("select length(outcome) from request")).scalars()
    assert kept < 50 * KILOBYTE
    outcome = ada.get(f"/v1/requests/{request}").json()["outcome"]
    assert len(outcome["models"]) == 10
    assert outcome["models_left_out"] == {"retained_in_weights": OUTPUTS - 10}
    receipt = ada.get(f"/v1/requests/{request}/receipt")
    assert len(receipt.content) < 100 * KILOBYTE
    assert receipt.json()["statement"]["models_left_out"] == {"retained_in_weights": OUTPUTS - 10}


def test_lists_of_requests_are_without_outcomes(ada: TestClient) -> None:
    for _ in range(3):
        request = ada.post("/v1/requests", json={"type": "objection"}).json()["id"]
        assert carry_out(request)
    listed = ada.get("/v1/requests")
    assert len(listed.content) < 10 * KILOBYTE
    assert [("outcome" in each, each["state"]) for each in listed.json()] == [(False, "completed")] * 3


def test_thousands_of_runs_of_one_model_are_one_line(ada: TestClient, pipeline: TestClient) -> None:
    for part in range(3):
        events = [
            told.event("COMPLETE", f"run {part} {number}", outputs=[told.model("model 0", "1")])
            for number in range(100)
        ]
        assert pipeline.post(f"{LINEAGE}/batch", json=events).status_code == 201
    fold_pending()
    answer = ada.get("/v1/me/models")
    assert len(answer.content) < 150 * KILOBYTE
    (model,) = [each for each in answer.json() if each["model"] == "model 0"]
    assert sorted(read["datasets"] for read in model["trained_on"]) == [0, 1000]


def test_an_export_counts_every_dataset(ada: TestClient) -> None:
    request = ada.post("/v1/requests", json={"type": "export"}).json()["id"]
    assert carry_out(request)
    assert ada.get(f"/v1/requests/{request}").json()["state"] == "completed"
    assert len(json.dumps(ada.get(f"/v1/requests/{request}").json())) < 10 * KILOBYTE
