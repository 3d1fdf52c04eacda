"""Somebody of whom nothing was ever captured: no model can have used what never was in this register."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from directory import Employee
from lake.lineage.graph import ModelVersion
from lake.rules import retention
from lake.storage.connection import transaction, writer
from tests.governance.conftest import START, Capture, Client
from tests.governance.working import carry_out
from tests.support import lineage
from tests.support.people import Company

SO_FAR = "So far, nothing about you was captured in this register, so nothing of it can have been used for"
COVERED = "So far, nothing about you that this request covers was captured in this register"


@pytest.fixture
def joined_today(home: Path, person: Company, capture: Capture) -> Employee:
    """In a company with a model that nobody recorded, one from a dataset without a manifest, and one with one."""
    colleague = person("ada@example.com")
    capture(colleague, 3)
    with writer() as connection, transaction(connection):
        listed = [(colleague.subject, START.date(), "keystroke", "Excel", 3)]
        read = {
            "Unrecorded": [],
            "Unlisted": [lineage.dataset(connection, "frames", "1", START, None)],
            "Listed": [lineage.dataset(connection, "words", "1", START, listed)],
        }
        for name, datasets in read.items():
            lineage.train(connection, ModelVersion(name, "1", None, None, START), datasets, START)
    return person("new@example.com")


def test_models_used_nothing_of_somebody_without_records(api: Client, joined_today: Employee) -> None:
    client = api(joined_today)
    shown = {model["model"]: model for model in client.get("/v1/me/models").json()}
    assert {name: model["evidence"] for name, model in shown.items()} == dict.fromkeys(shown, "none")
    for name, model in shown.items():
        words = f"{SO_FAR} {name} 1. What was never entered here is not covered."
        assert model["evidence_words"] == model["words"] == words
        assert {each["evidence"] for each in model["trained_on"]} == {"none"}
    assert {edge["evidence"] for edge in client.get("/v1/me/lineage").json()["edges"] if edge["evidence"]} == {"none"}


@pytest.mark.parametrize("kind", ["objection", "restriction", "erasure"])
def test_requests_about_nothing_say_so(api: Client, joined_today: Employee, kind: str) -> None:
    client = api(joined_today)
    previewed = client.post("/v1/requests/preview", json={"type": kind}).json()
    filed = client.post("/v1/requests", json={"type": kind}).json()["id"]
    carry_out(filed)
    done = client.get(f"/v1/requests/{filed}").json()["outcome"]["models"]
    stated = client.get(f"/v1/requests/{filed}/receipt").json()["statement"]["models"]
    for entries in previewed["models_uncertain"], done, stated:
        assert len(entries) == 3
        assert {entry["state"] for entry in entries} == {"never_included"}
        assert all(entry["words"].startswith(COVERED) for entry in entries)


def test_what_was_there_and_went_is_not_nothing(api: Client, joined_today: Employee, capture: Capture) -> None:
    """Removed by retention, by a request for a part, or by one for everything."""
    client = api(joined_today)
    capture(joined_today, 2)
    assert {model["evidence"] for model in client.get("/v1/me/models").json()} == {"none", "possible", "unknown"}
    retention.sweep(START.date() + timedelta(days=100_000))
    for scope in {"applications": ["Excel"]}, {}:
        said = {model["evidence"] for model in client.get("/v1/me/models").json()}
        assert said == {"none", "possible", "unknown"}
        carry_out(client.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()["id"])
    assert SO_FAR not in client.get("/v1/me/models").text
