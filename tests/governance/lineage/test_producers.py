"""What producers really send, through the real API to what a person sees; and the raw events of Airflow and Spark in a
folder beside this repository, where they are there (`RAW_EVENTS` names another).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
from governance.ai_models.datasets import record_missing
from lake.datasets import making
from tests.governance.conftest import Capture, Client
from tests.governance.lineage import told
from tests.governance.lineage.conftest import asked
from tests.support.people import Company

LINEAGE = "/api/v1/lineage"
RAW = Path(os.environ.get("RAW_EVENTS") or Path(__file__).parents[4] / "shared/data/openlineage_events")
DESK = told.dataset("open-book", "desk", "1")


def trained(name: str, **changes: Any) -> dict[str, Any]:
    """A run that made a model of that name from the desk's records, except for what is changed."""
    event = told.event("COMPLETE", name, 5, inputs=[DESK], outputs=[told.model(name, "1")])
    more = changes.pop("outputs", [])
    return event | changes | {"outputs": event["outputs"] + more}


def part_of(facet: str, parent: str) -> dict[str, Any]:
    return {facet: {"run": {"runId": parent}, "job": {"namespace": "airflow", "name": "dag"}}}


def owned_by(*owners: Any) -> dict[str, Any]:
    return {"ownership": {"owners": list(owners)}}


JOB = {"namespace": "airflow", "name": "train"}
ODD: dict[str, dict[str, Any]] = {
    "empty output": trained("empty output", outputs=[told.dataset("s3://bucket", "")]),
    "long output": trained("long output", outputs=[told.dataset("s3://bucket", "day=" + "1" * 250)]),
    "long job": trained("long job", job={"namespace": "spark", "name": "nightly." + "step." * 60}),
    "naive time": trained("naive time"),
    "named parent": trained("named parent", run={
        "runId": str(told.run_key("named parent")),
        "facets": part_of("parent", "manual__2026-11-02T00:00:00+00:00"),
    }),
    "line break": trained("line break", outputs=[told.dataset("warehouse", "INSERT INTO t\n\u00a0SELECT \u200b1")]),
    "named run": trained("named run", run={"runId": "dag.task.1"}),
    "many inputs": trained("many inputs", inputs=[DESK, *(told.dataset("s3://x", f"{n}", "1") for n in range(1500))]),
    "odd change": trained("odd change", outputs=[told.dataset("s3://x", "t", lifecycleStateChange={
        "lifecycleStateChange": "MERGE"})]),
    "numbers": trained("numbers", inputs=[DESK | {"facets": {"version": {"datasetVersion": 1}}}]),
    "no owners": trained("no owners", job=JOB | {"facets": owned_by({"type": "MAINTAINER"}, {"name": ""})}),
    "login": trained("login", job=JOB | {"facets": owned_by({"name": "grace.hopper"}, {"name": "airflow"})}),
    "our name": trained("our name", inputs=[told.dataset(" Open-Book", "DESK\t", "1 ")]),
}  # fmt: skip


def test_odd_events_reach_the_person(pipeline: TestClient, api: Client, person: Company, capture: Capture) -> None:
    ada = person("ada@example.com")
    capture(ada, 5, application="Excel")
    making.create("desk", making.parse(["application=Excel"]), purpose="model training")
    record_missing()
    now = clock.now_utc().isoformat()
    for name, event in ODD.items():
        at = now if name == "naive time" else f"{now}Z"
        assert pipeline.post(LINEAGE, json=event | {"eventTime": at}).status_code == 201, name
    maker = trained("child's reading", inputs=[])
    reader = told.event(
        "COMPLETE", "load", 4, inputs=[DESK], run_facets=part_of("parentRun", maker["run"]["runId"]), job="load"
    )
    handing = told.event("COMPLETE", "search", 3, inputs=[DESK], job="search")
    handed = trained("parent's reading", inputs=[])
    handed["run"]["facets"] = part_of("parent", handing["run"]["runId"])
    for event in (maker, reader, handing, handed):
        assert pipeline.post(LINEAGE, json=event | {"eventTime": f"{now}Z"}).json()["left_out"] == 0
    mine = {model["model"]: model for model in api(ada).get("/v1/me/models", params={"limit": 100}).json()}
    evidence = {name: model["evidence"] for name, model in mine.items()}
    assert evidence == dict.fromkeys([*ODD, "child's reading"], "proven") | {"parent's reading": "unknown"}
    assert {model["captures"] for name, model in mine.items() if name in ODD} == {5}
    assert {model["owner"] for model in mine.values()} == {None}


def raw() -> list[dict[str, Any]]:
    if not RAW.is_dir():
        pytest.skip("the raw events are not here")
    return [json.loads(path.read_bytes()) for path in sorted(RAW.glob("*/*.json"))]


READ = """select distinct r.job, d.namespace, d.dataset from runs r join run_inputs using (run)
join dataset_versions d using (dataset_version)"""


def test_raw_events_are_taken_and_mean_what_they_say(pipeline: TestClient) -> None:
    events = raw()
    for event in events:
        answer = pipeline.post(LINEAGE, json=event)
        assert (answer.status_code, answer.json()["left_out"]) == (201, 0), answer.text
    jobs = {(event["job"]["namespace"], event["job"]["name"]) for event in events}
    assert {job for (job,) in asked("select job from runs")} == {f"{namespace}/{name}" for namespace, name in jobs}
    read = set(asked(READ))
    assert read == {
        (f"{event['job']['namespace']}/{event['job']['name']}", each["namespace"], each["name"])
        for event in events
        for each in event.get("inputs") or ()
    }
    assert {name for job, _, name in read if job == "airflow/BQ.upload"} == {"copied.csv", "test.csv"}
    assert ("airflow/BQ.download", "bigquery", "mock-project.test.upload_cp") in read
    created = {name.rpartition("/")[2] for job, _, name in read if "execute_create_hive_ta" in job}
    assert created == {"cll_source1", "cll_source2"}
    states = dict(asked("select job, state from runs where job in ('airflow/dag', 'job_namespace/job_name')"))
    assert states == {"airflow/dag": "completed", "job_namespace/job_name": "completed"}
    parts = set(asked("select r.job, p.job from run_parents join runs r using (run) join runs p on p.run = parent"))
    assert ("airflow/BQ.copy", "airflow/BQ") in parts
    assert ("default/shakespeare_on_spark.adaptive_spark_plan", "default/shakespeare_on_spark") in parts
    assert asked("select count(*) from model_versions") == [(0,)]
