"""What a preview says about models is what the outcome and the receipt say, or the difference is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.requests.preview import differences
from lake.lineage.graph import ModelVersion, retire_model
from lake.rules.retention import sweep
from lake.storage.connection import transaction, writer
from languages.language import language
from tests.governance.conftest import START, Capture, Client
from tests.governance.working import carry_out
from tests.support import lineage
from tests.support.lake import POLICY, store_captures
from tests.support.people import Company

KINDS = ["erasure", "objection", "restriction"]


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    found = person()
    capture(found, 4)
    return found


def trained(name: str, subject: UUID | None, at: datetime = START + timedelta(days=1)) -> ModelVersion:
    """A model of a dataset that lists the subject; None: of one whose contents nobody recorded. Its run ended `at`."""
    model = ModelVersion(name, "1", None, None, START)
    slices = None if subject is None else [(subject, START.date(), "keystroke", "Excel", 4)]
    with writer() as connection, transaction(connection):
        dataset = lineage.dataset(connection, f"set of {name}", "1", START, slices)
        lineage.train(connection, model, [dataset], at)
    return model


def told(rows: list[dict[str, Any]], model: str, version: str, dataset: str) -> set[tuple[Any, ...]]:
    return {(row[model], row[version], row["dataset"], row[dataset], row["state"]) for row in rows}


def filed(client: TestClient, kind: str = "erasure") -> str:
    return str(client.post("/v1/requests", json={"type": kind}).json()["id"])


def ended(client: TestClient, request_id: str) -> dict[str, Any]:
    assert carry_out(request_id)
    return dict(client.get(f"/v1/requests/{request_id}").json()["outcome"])


@pytest.mark.parametrize("kind", KINDS)
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
    assert done["differences"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_model_reported_since_the_preview_is_a_difference(api: Client, ada: Employee, kind: str) -> None:
    client = api(ada)
    request_id = filed(client, kind)
    trained("late", ada.subject)
    done = ended(client, request_id)
    assert [row["model"] for row in done["models"]] == ["late"]
    assert done["differences"] == [
        "Not in the preview: late 1, from dataset set of late 1. They were made or reported since."
    ]
    page = client.get(f"/v1/requests/{request_id}/receipt.html").text
    assert "Not in the preview: late 1" in page
    assert "The result matches the preview." not in page


@pytest.mark.parametrize("kind", KINDS)
def test_changed_state_of_a_model_is_a_difference(api: Client, ada: Employee, kind: str) -> None:
    model = trained("quill", ada.subject)
    client = api(ada)
    request_id = filed(client, kind)
    with writer() as connection, transaction(connection):
        retire_model(connection, model.model_version, clock.now_utc() - timedelta(minutes=1))
    assert ended(client, request_id)["differences"] == [
        "quill 1, from dataset set of quill 1: no longer in use; the preview said: what it learned is still in it."
    ]


@pytest.mark.parametrize("kind", ["objection", "restriction"])
def test_records_covered_beyond_the_preview_are_a_difference(
    api: Client, ada: Employee, capture: Capture, kind: str
) -> None:
    client = api(ada)
    new = {"type": kind}
    narrow = {"scope": {"applications": ["Chrome"]}}
    same, more = (str(client.post("/v1/requests", json=new | scope).json()["id"]) for scope in (narrow, {}))
    assert ended(client, same)["differences"] == []
    capture(ada, 2, start=START + timedelta(days=2))
    assert ended(client, more)["differences"] == ["2 records more than previewed: added since the request was filed."]
    matched, differs = (client.get(f"/v1/requests/{each}/receipt.html").text for each in (same, more))
    assert "The result matches the preview." in matched
    assert "2 records more than previewed" in differs


def test_models_beyond_the_list_are_compared_by_number() -> None:
    counted = {"events": 1, "withheld": 0}
    before = {**counted, "models": {"a 1": "never_included"}, "models_left_out": {"never_included": 3}}
    entry = {"model": "a", "version": "1", "dataset": None, "dataset_version": None, "state": "never_included"}
    after = {"erased": 1, "withheld": 0, "models": [entry], "models_left_out": {"never_included": 3}}
    assert differences(before, after) == []
    [words] = differences(before, {**after, "models_left_out": {"never_included": 4}})
    assert "The number of models" in words
    assert differences(counted, after) == [], "a request that was filed before models were stored with its preview"


def test_names_stored_in_an_earlier_spelling_are_the_same() -> None:
    counted = {"events": 1, "withheld": 0, "models_left_out": {}}
    named = {"a 1, from data set b 2": "never_included", "data set c": "never_included"}
    entries = [
        {"model": "a", "version": "1", "dataset": "b", "dataset_version": "2", "state": "never_included"},
        {"model": None, "version": None, "dataset": "c", "dataset_version": "", "state": "never_included"},
    ]
    assert differences({**counted, "models": named}, {**counted, "erased": 1, "models": entries}) == []


OLDER = START - timedelta(days=3)


def of_model(rows: list[dict[str, Any]], name: str) -> tuple[str, str]:
    [row] = [row for row in rows if row["model"] == name]
    return row["state"], row["words"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_model_learned_from_records_captured_after_it(api: Client, ada: Employee, kind: str) -> None:
    """Ada's first record is from `START`; the day before it is not enough, because clocks differ."""
    trained("older", None, OLDER)
    trained("recent", None, START - timedelta(hours=20))
    client = api(ada)
    preview = client.post("/v1/requests/preview", json={"type": kind}).json()
    request_id = filed(client, kind)
    [older] = [each for each in client.get("/v1/me/models").json() if each["model"] == "older"]
    assert (older["evidence"], older["state"]) == ("made_before", "made_before")
    assert older["evidence_words"].startswith(
        f"older 1 was finished, as its runs reported, on {language('en').day(OLDER)}, before the"
    )
    assert "two clocks" in older["words"]
    done = ended(client, request_id)
    for rows in (preview["models_uncertain"], done["models"]):
        state, words = of_model(rows, "older")
        assert state == "made_before"
        assert words.startswith(
            f"older 1 was finished, as its runs reported, on {language('en').day(OLDER)}, before the first of these"
        )
        assert of_model(rows, "recent")[0] == "retained_in_weights"
    assert done["differences"] == []
    receipt = client.get(f"/v1/requests/{request_id}/receipt.html").text
    assert "finished before the first of these records, as its runs reported" in receipt
    assert "older 1 may have been" not in receipt
    assert "recent 1 may have been" in receipt


def test_dates_count_for_the_scope_of_a_request(api: Client, ada: Employee, capture: Capture) -> None:
    trained("between", None, START + timedelta(days=3))
    capture(ada, 2, start=START + timedelta(days=9))
    client = api(ada)
    scope = {"from": (START + timedelta(days=8)).isoformat() + "Z"}
    of_all, of_later = (
        client.post("/v1/requests/preview", json={"type": "erasure", "scope": each}).json()["models_uncertain"]
        for each in ({}, scope)
    )
    assert of_model(of_all, "between")[0] == "retained_in_weights"
    assert of_model(of_later, "between")[0] == "made_before"


def test_records_removed_before_still_count(api: Client, ada: Employee, capture: Capture) -> None:
    """Their days are gone once everything was erased: dates then rule nothing out."""
    trained("between", None, START + timedelta(days=3))
    client = api(ada)
    ended(client, filed(client))
    capture(ada, 2, start=START + timedelta(days=9))
    preview = client.post("/v1/requests/preview", json={"type": "objection"}).json()
    assert of_model(preview["models_uncertain"], "between")[0] == "retained_in_weights"


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_runs_after_retention_ended_prove_nothing(api: Client, person: Company, kind: str, *, swept: bool) -> None:
    """Kept through 1 April: no file gives it later, whether it was removed or not. No erasure changes the answer."""
    ada = person()
    store_captures(ada, 4, content=lambda _: {"text": "x"}, policy=replace(POLICY, policy="short", retention_days=30))
    last_day = START + timedelta(days=30)
    for name, at in (("early", START + timedelta(days=2)), ("last", last_day), ("late", last_day + timedelta(days=1))):
        trained(name, ada.subject, at)
    if swept:
        assert sweep(clock.today())["removed"] == 4
    client = api(ada)
    expected = {"early": ("proven", 4), "last": ("proven", 4), "late": ("possible", 0)}
    assert evidence_and_captures(client) == expected
    preview = client.post("/v1/requests/preview", json={"type": kind}).json()
    done = ended(client, filed(client, kind))
    assert done["differences"] == []
    words = {name: of_model(done["models"], name)[1] for name in expected}
    assert {name: of_model(preview["models"], name)[1] for name in expected} == words
    assert words["late"].startswith("late 1 may have been trained on these records: its run read")
    assert "after they were withdrawn or their time was up" in words["late"]
    assert words["last"].startswith("last 1 was trained on 4 of these records")
    assert evidence_and_captures(client) == expected
    assert {each["model"]: each["withdrawn"] for each in client.get("/v1/me/models").json()}["late"] == 0


def evidence_and_captures(client: TestClient) -> dict[str, tuple[str, int]]:
    return {each["model"]: (each["evidence"], each["captures"]) for each in client.get("/v1/me/models").json()}
