"""What a preview says about models is what the outcome and the receipt say, or the difference is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.requests.preview import differences
from lake.lineage.graph import ModelVersion, retire_model
from lake.storage.connection import transaction, writer
from tests.governance.conftest import START, Capture, Client
from tests.governance.working import carry_out
from tests.support import lineage
from tests.support.people import Company


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    found = person()
    capture(found, 4)
    return found


def trained(name: str, subject: UUID | None) -> ModelVersion:
    """A model of a data set that lists the subject; None: of one whose contents nobody recorded."""
    model = ModelVersion(name, "1", None, None, START)
    slices = None if subject is None else [(subject, START.date(), "keystroke", "Excel", 4)]
    with writer() as connection, transaction(connection):
        dataset = lineage.dataset(connection, f"set of {name}", "1", START, slices)
        lineage.train(connection, model, [dataset], START + timedelta(days=1))
    return model


def told(rows: list[dict[str, Any]], model: str, version: str, dataset: str) -> set[tuple[Any, ...]]:
    return {(row[model], row[version], row["dataset"], row[dataset], row["state"]) for row in rows}


def filed(client: TestClient, kind: str = "erasure") -> str:
    return str(client.post("/v1/requests", json={"type": kind}).json()["id"])


def ended(client: TestClient, request_id: str) -> dict[str, Any]:
    assert carry_out(request_id)
    return dict(client.get(f"/v1/requests/{request_id}").json()["outcome"])


@pytest.mark.parametrize("kind", ["erasure", "objection", "restriction"])
def test_preview_and_outcome_list_the_same_models(api: Client, ada: Employee, kind: str) -> None:
    for name, subject in (("sure", ada.subject), ("possible", None), ("clean", UUID(int=7))):
        trained(name, subject)
    client = api(ada)
    preview = client.post("/v1/requests/preview", json={"type": kind}).json()
    assert {row["model"] for row in preview["models"]} == {"sure"}
    assert {row["model"] for row in preview["models_uncertain"]} == {"possible", "clean"}
    done = ended(client, filed(client, kind))
    said = preview["models"] + preview["models_uncertain"]
    assert told(said, "model", "model_version", "version") == told(
        done["models"], "model", "version", "dataset_version"
    )
    assert not done.get("differences")


def test_model_reported_since_the_preview_is_a_difference(api: Client, ada: Employee) -> None:
    client = api(ada)
    request_id = filed(client)
    trained("late", ada.subject)
    done = ended(client, request_id)
    assert [row["model"] for row in done["models"]] == ["late"]
    assert done["differences"] == [
        "Not in the preview: late 1, from data set set of late 1. They were made or reported since."
    ]
    page = client.get(f"/v1/requests/{request_id}/receipt.html").text
    assert "Not in the preview: late 1" in page
    assert "The result matches the preview." not in page


def test_changed_state_of_a_model_is_a_difference(api: Client, ada: Employee) -> None:
    model = trained("quill", ada.subject)
    client = api(ada)
    request_id = filed(client)
    with writer() as connection, transaction(connection):
        retire_model(connection, model.model_version, clock.now_utc() - timedelta(minutes=1))
    assert ended(client, request_id)["differences"] == [
        "quill 1, from data set set of quill 1: no longer in use; the preview said: what it learned is still in it."
    ]


def test_models_beyond_the_list_are_compared_by_number() -> None:
    counted = {"events": 1, "withheld": 0}
    before = {**counted, "models": {"a 1": "never_included"}, "models_left_out": {"never_included": 3}}
    entry = {"model": "a", "version": "1", "dataset": None, "dataset_version": None, "state": "never_included"}
    after = {"erased": 1, "withheld": 0, "models": [entry], "models_left_out": {"never_included": 3}}
    assert differences(before, after) == []
    [words] = differences(before, {**after, "models_left_out": {"never_included": 4}})
    assert "The number of models" in words
    assert differences(counted, after) == [], "a request that was filed before models were stored with its preview"
