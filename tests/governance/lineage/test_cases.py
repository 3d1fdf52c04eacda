"""Inputs that the product once answered falsely, and random ones, through the real API and lake."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

import clock
from governance.ai_models.datasets import record_in_ledger, record_missing
from governance.lineage.folding import fold_pending
from governance.lineage.storing import store
from lake.datasets import making
from lake.lineage.graph import DatasetVersion, record_dataset_version
from lake.rules import standing
from lake.rules.scope import Scope
from lake.storage.connection import transaction, writer
from queries.connection import answering
from tests.governance.conftest import Client
from tests.governance.lineage import graphs, told
from tests.governance.lineage.in_memory import MADE_AT, events_of, made_at
from tests.governance.lineage.oracle import PEOPLE, WORLD, Oracle
from tests.lake.rows import Capture, put
from tests.support.lineage import manifest
from tests.support.people import Company

LINEAGE = "/api/v1/lineage"
CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
GRAPHS = 24
WITHDRAWN = datetime.fromisoformat("2026-11-26T21:00")
Answers = Mapping[str, dict[tuple[str, str], dict[str, Any]]]
"""By person, by model and version."""


@pytest.fixture
def clients(person: Company, api: Client, monkeypatch: pytest.MonkeyPatch) -> dict[str, TestClient]:
    """Everyone in the world of the cases, in whose dataset versions they are listed; each has a record."""
    everyone = {name: person(f"{name.lower()}@example.com") for name in PEOPLE}
    with writer() as connection:
        for employee in everyone.values():
            put(connection, employee.subject, [Capture(captured_at=MADE_AT)])
    with writer() as connection, transaction(connection):
        for (name, version), (key, root, people) in WORLD.items():
            listed = [(everyone[each].subject, MADE_AT.date(), "keystroke", "Excel", 5) for each in sorted(people)]
            at = made_at(name, version)
            made = DatasetVersion(name, version, "model training", at, dataset_version=UUID(key))
            record_dataset_version(connection, made, manifest(listed))
            connection.execute(
                "update dataset_versions set manifest_root = $root where dataset_version = $key",
                {"root": root, "key": key},
            )
    for name, version in WORLD:
        tell_root(monkeypatch, UUID(WORLD[name, version][0]), made_at(name, version))
    return {name: api(employee) for name, employee in everyone.items()}


def tell_root(monkeypatch: pytest.MonkeyPatch, dataset_version: UUID, at: datetime) -> None:
    """As a worker does soon after a version was made."""
    made = answering(lambda cursor: making.manifest(cursor, dataset_version))
    with monkeypatch.context() as earlier:
        earlier.setattr(clock, "now", lambda: at.replace(tzinfo=UTC))
        record_in_ledger(made)


def report(pipeline: TestClient, events: list[dict[str, Any]]) -> None:
    """As a producer would; MLflow's are read from its server instead."""
    if "eventTime" in events[0]:
        assert pipeline.post(f"{LINEAGE}/batch", json=events).status_code == 201
    else:
        store(events_of(events), "mlflow")


def answers(clients: Mapping[str, TestClient]) -> Answers:
    fold_pending()
    found = {}
    for name, client in clients.items():
        models: list[dict[str, Any]] = []
        while True:
            page = client.get("/v1/me/models", params={"limit": 100, "offset": len(models)}).json()
            models += page
            if len(page) < 100:
                break
        found[name] = {(model["model"], model["version"]): model for model in models}
    return found


def withdraw(subject: UUID, at: datetime) -> None:
    request = uuid4()
    with writer() as connection:
        standing.start_rule(connection, subject, Scope(), request, standing.Rule.OBJECTION)
        with transaction(connection):
            connection.execute(
                "update standing_rules set created_at = $at where request = $request", {"at": at, "request": request}
            )


def test_known_cases_are_answered_truly(clients: dict[str, TestClient], pipeline: TestClient, person: Company) -> None:
    asked = {}
    for number, path in enumerate(CASES):
        case = json.loads(re.sub(r'"(c\d+ )', rf'"{number} \1', path.read_text(encoding="utf-8")))
        for event in case["events"]:
            rename(event, number)
        report(pipeline, case["events"])
        model = case["model"] if isinstance(case["model"], list) else case["model"].rsplit(" ", 1)
        asked[path.stem] = case["person"], (model[0], model[1] if len(model) > 1 else "1")
    withdraw(person("ada@example.com").subject, WITHDRAWN)
    found = answers(clients)
    said = {name: found[who][model] for name, (who, model) in asked.items()}
    evidence = {name: model["evidence"] for name, model in said.items()}
    assert {name for name in said if "absence" in name and evidence[name] == "none"} == set()
    assert {evidence[name] for name in said if name.startswith("mlflow_absence")} <= {"possible", "unknown"}, (
        "whatever the dates"
    )
    assert {name for name in said if "proof" in name and evidence[name] != "possible"} == set()
    assert evidence["absence_context_only"] == evidence["mlflow_context_parent_logged_training_set"] == "unknown"
    retrained = said["hand_retrained_without_although_child_read_training_set"]
    assert (retrained["evidence"], retrained["state"]) == ("proven", "retained_in_weights")
    assert "after they were withdrawn" in said["hand_proof_although_left_out_of_the_file"]["words"]
    assert all("prove" not in model["words"] + model["evidence_words"] for model in said.values())


def test_manifest_made_after_the_run_began_shows_nothing(clients: dict[str, TestClient], pipeline: TestClient) -> None:
    """An employer who trained first could make a manifest without somebody later, and name it for that run."""

    notes = {"namespace": "open-book", "name": "notes", "facets": {"version": {"datasetVersion": "1"}}}
    for hour, model in ("08", "early"), ("10", "later"):
        made = {"namespace": "model", "name": model, "facets": {"version": {"datasetVersion": "1"}}}
        run = {"runId": str(told.run_key(model)), "facets": {}}
        common = {"producer": "x", "schemaURL": "x", "run": run, "job": {"namespace": "a", "name": model}}
        started = {"eventType": "START", "eventTime": f"2026-11-02T{hour}:00:00Z", "inputs": [notes], "outputs": []}
        ended = {"eventType": "COMPLETE", "eventTime": f"2026-11-02T{hour}:30:00Z", "inputs": [], "outputs": [made]}
        report(pipeline, [common | started, common | ended])
    found = answers(clients)
    assert [found["Ada"][model, "1"]["evidence"] for model in ("early", "later")] == ["unknown", "none"]
    assert [found["Eve"][model, "1"]["evidence"] for model in ("early", "later")] == ["possible", "proven"]


def test_root_told_after_the_run_began_shows_nothing(
    clients: dict[str, TestClient], pipeline: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An employer may write any time into a manifest; when the ledger had its root is not theirs to choose."""
    listed = []
    for name in ("told", "late", "never"):
        with writer() as connection, transaction(connection):
            of_bob = [(subject_of(clients["Bob"]), MADE_AT.date(), "keystroke", "Excel", 5)]
            made = DatasetVersion(f"{name} set", "1", "model training", MADE_AT)
            listed.append(record_dataset_version(connection, made, manifest(of_bob)))
    tell_root(monkeypatch, listed[0], datetime.fromisoformat("2026-11-02T09:00"))
    tell_root(monkeypatch, listed[1], datetime.fromisoformat("2026-11-02T09:01"))
    for name in ("told", "late", "never"):
        reads = [told.dataset("open-book", f"{name} set", "1")]
        report(pipeline, [told.event("START", name, 0, inputs=reads)])
        report(pipeline, [told.event("COMPLETE", name, 5, outputs=[told.model(name, "1")])])
    found = answers(clients)
    said = {
        who: {name: found[who][name, "1"]["evidence"] for name in ("told", "late", "never")} for who in ("Ada", "Bob")
    }
    assert said == {
        "Ada": {"told": "none", "late": "unknown", "never": "unknown"},
        "Bob": {"told": "proven", "late": "possible", "never": "possible"},
    }
    for who, has in ("Ada", ""), ("Bob", ", which has 5 records of yours,"):
        for name in ("late", "never"):
            words = (
                f"{name} 1 may have been trained on records of yours: the list of {name} set 1{has} was in the ledger "
                "only after its run began, so nothing shows that the run read this list."
            )
            assert found[who][name, "1"]["evidence_words"] == words


def test_a_version_recorded_within_a_minute_is_not_called_another(
    clients: dict[str, TestClient], pipeline: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made at the command line before the run's START; the worker recorded it after. A later version is one, too."""
    for name, at in ("cli", "2026-11-02T09:00"), ("later", "2026-11-02T09:03"):
        with writer() as connection, transaction(connection):
            of_bob = [(subject_of(clients["Bob"]), MADE_AT.date(), "keystroke", "Excel", 5)]
            made = DatasetVersion(name, "1", "model training", datetime.fromisoformat(at))
            listed = record_dataset_version(connection, made, manifest(of_bob))
        tell_root(monkeypatch, listed, datetime.fromisoformat(at) + timedelta(seconds=20))
        reads = [told.dataset("open-book", name, "1")]
        for state, minute in ("START", 0), ("COMPLETE", 5):
            event = told.event(state, name, minute, inputs=reads, outputs=[told.model(name, "1")])
            report(pipeline, [event | {"eventTime": event["eventTime"].replace(":00Z", ":10Z")}])
        [shown] = [each for each in clients["Ada"].get("/v1/me/models").json() if each["model"] == name]
        assert shown["evidence"] == "unknown"
        for words in shown["evidence_words"], shown["words"]:
            assert ("it was also made after the start that the run reported" in words) == (name == "later")
            assert "nothing shows that the run read this list" in words
            assert "something else" not in words


def subject_of(client: TestClient) -> UUID:
    return UUID(client.get("/v1/me").json()["subject"])


def rename(value: Any, number: int) -> None:
    """Give the runs of a case ids of their own."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "runId":
                value[name] = str(told.run_key(f"{number} {each}"))
            rename(each, number)
    elif isinstance(value, list):
        for each in value:
            rename(each, number)


def test_nothing_false_is_said_over_the_api(clients: dict[str, TestClient], pipeline: TestClient) -> None:
    events: list[dict[str, Any]] = []
    for seed in range(GRAPHS):
        random = Random(seed)
        make = graphs.mlflow if seed % 6 == 5 else graphs.openlineage
        events += (graph := make(random, f"c{seed}"))
        for half in (graph[: len(graph) // 2], graph[len(graph) // 2 :]):
            if half:
                report(pipeline, half)
    found, oracle = answers(clients), Oracle(events)
    said = {"none": 0, "proven": 0}
    for person, models in found.items():
        absent, proven = oracle.absent(person), oracle.proven(person)
        assert {name for name, model in models.items() if model["evidence"] == "none"} <= absent
        assert {name for name, model in models.items() if model["evidence"] == "proven"} <= proven
        assert {name for name, model in models.items() if model["state"] == "never_included"} <= absent
        for model in models.values():
            said[model["evidence"]] = said.get(model["evidence"], 0) + 1
    assert said["none"] > 10
    assert said["proven"] > 10


def test_a_name_reported_before_its_version_exists_is_not_that_version(
    clients: dict[str, TestClient], pipeline: TestClient, person: Company
) -> None:
    reads = [told.dataset("open-book", "actions", "later")]
    report(pipeline, [told.event("START", "early", inputs=reads)])
    with writer() as connection, transaction(connection):
        listed = [(person("bob@example.com").subject, MADE_AT.date(), "keystroke", "Excel", 5)]
        made = DatasetVersion("actions", "later", "model training", clock.now_utc())
        record_dataset_version(connection, made, manifest(listed))
    record_missing()
    report(pipeline, [told.event("COMPLETE", "early", 5, inputs=reads, outputs=[told.model("early", "1")])])
    late = told.event("COMPLETE", "late", 5, inputs=reads, outputs=[told.model("late", "1")])
    report(pipeline, [late | {"eventTime": f"{clock.now_utc():%Y-%m-%dT%H:%M:%S.%fZ}"}])
    found = answers(clients)
    said = {who: {name: found[who][name, "1"]["evidence"] for name in ("early", "late")} for who in ("Ada", "Bob")}
    assert said == {"Ada": {"early": "possible", "late": "none"}, "Bob": {"early": "possible", "late": "proven"}}


def test_only_runs_that_began_before_a_withdrawal_prove(
    clients: dict[str, TestClient], pipeline: TestClient, person: Company
) -> None:
    reads = [told.dataset("open-book", "actions", "train")]
    withdrawn = datetime.fromisoformat("2026-11-02T09:10")
    withdraw(person("ada@example.com").subject, withdrawn)
    for name, begin in (("before", 9), ("at", 10), ("after", 11)):
        for state, minute in (("START", begin), ("COMPLETE", begin + 5)):
            report(pipeline, [told.event(state, name, minute, inputs=reads, outputs=[told.model(name, "1")])])
    ended = [told.event("COMPLETE", "no start", 9, inputs=reads, outputs=[told.model("no start", "1")])]
    report(pipeline, ended)
    ada = answers(clients)["Ada"]
    assert {name: model["evidence"] for (name, _), model in ada.items()} == {
        "before": "proven", "at": "possible", "after": "possible", "no start": "proven",
    }  # fmt: skip
    assert {name: model["captures"] for (name, _), model in ada.items()} == {
        "before": 5, "at": 0, "after": 0, "no start": 5,
    }  # fmt: skip
    assert answers(clients)["Dan"]["after", "1"]["evidence"] == "proven"


@pytest.mark.parametrize("minutes", [(10, 30), (30, 10)])
def test_heartbeats_in_any_order_begin_the_run_earliest(
    clients: Mapping[str, TestClient], pipeline: TestClient, minutes: tuple[int, int]
) -> None:
    """`notes` 1 was made at 09:20."""
    notes, streamed = told.dataset("open-book", "notes", "1"), told.model("streamed", "1")
    for minute in minutes:
        beat = told.event("RUNNING", "stream", minute, inputs=[notes], outputs=[streamed])
        assert pipeline.post(LINEAGE, json=beat).status_code == 201
    pipeline.post(LINEAGE, json=told.event("COMPLETE", "stream", 40, outputs=[streamed]))
    found = answers(clients)
    assert found["Eve"]["streamed", "1"]["evidence"] == "possible"
    assert found["Ada"]["streamed", "1"]["evidence"] == "unknown"


def test_lost_parents_reading_is_unknown_in_every_model(
    clients: Mapping[str, TestClient], pipeline: TestClient
) -> None:
    holdout, train = (told.dataset("open-book", "actions", version) for version in ("holdout", "train"))
    made = told.event("COMPLETE", "fit", 30, inputs=[holdout], outputs=[told.model("m", "1")])
    assert pipeline.post(LINEAGE, json=made).status_code == 201
    assert answers(clients)["Ada"]["m", "1"]["evidence"] == "none"
    lost = told.event("COMPLETE", "part", 20, inputs=[train], run_facets={"parent": {"run": {}}})
    answer = pipeline.post(LINEAGE, json=lost).json()
    assert answer["left_out"] == 1
    assert "counts as unknown" in answer["said"][-1]
    found = answers(clients)
    assert {name: found[name]["m", "1"]["evidence"] for name in ("Ada", "Bob", "Cleo")} == {
        "Ada": "unknown", "Bob": "proven", "Cleo": "none",
    }  # fmt: skip
