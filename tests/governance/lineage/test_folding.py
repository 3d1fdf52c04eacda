"""From events to the lake: in any order, with any repetition, and with processes killed in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from filelock import FileLock
from starlette.testclient import TestClient

import clock
from governance.lineage import folding, openlineage
from governance.lineage.storing import store
from lake.lineage import reported
from lake.lineage.graph import DatasetVersion, record_dataset_version
from lake.lineage.model_graph import ModelGraph
from lake.storage.connection import lake_folder, transaction, writer
from queries.connection import answering
from tests.governance.lineage import told
from tests.governance.lineage.conftest import asked
from tests.support.lineage import manifest

LINEAGE = "/api/v1/lineage"


def a_life(name: str) -> list[dict[str, Any]]:
    """The events of a run that makes a model from another, and of that model's later life: in order of time."""
    base, child = told.model(f"{name} base", "1"), told.model(f"{name} child", "2")
    web, clean = told.dataset("s3://lake", f"{name} web"), told.dataset("s3://lake", f"{name} web", "9")
    tuned = {**base, "inputFacets": {"openBook_parent": {"relation": "fine_tuned"}}}
    place = {"openBook_deployment": {"place": "support desk", "recipient": "Team Desk"}}
    gone = {"openBook_deployment": {"place": "support desk", "ended": True}}
    return [
        told.event("START", f"{name} fit", 0, inputs=[web], job=f"{name} train"),
        told.event("RUNNING", f"{name} fit", 5, inputs=[tuned], job=f"{name} train"),
        told.event("COMPLETE", f"{name} fit", 10, inputs=[clean], outputs=[child], job=f"{name} train"),
        told.event("COMPLETE", f"{name} deploy", 20, inputs=[child], run_facets=place, job=f"{name} deploy"),
        told.event("COMPLETE", f"{name} stop", 30, inputs=[child], run_facets=gone, job=f"{name} deploy"),
        {
            "eventTime": told.MINUTE.format(2), "producer": "x", "schemaURL": "x",
            "job": {"namespace": "airflow", "name": f"{name} train", "facets": told.purpose("model training")},
        },
        told.event("COMPLETE", f"{name} clean up", 40, outputs=[
            told.model(f"{name} child", "2", lifecycleStateChange={"lifecycleStateChange": "DROP"})
        ], job=f"{name} clean up"),
    ]  # fmt: skip


def graph(name: str) -> dict[str, Any]:
    """Everything the lake has about these events, without names and keys."""
    strip = f"{name} "
    questions = {
        "runs": "select replace(job, $1, ''), purpose, state, started_at, ended_at from runs where contains(job, $1)",
        "inputs": "select replace(d.dataset, $1, ''), d.version from run_inputs join dataset_versions d "
        "using (dataset_version) where contains(d.dataset, $1)",
        "outputs": "select replace(r.job, $1, ''), replace(m.model, $1, '') from run_outputs join runs r using (run) "
        "join model_versions m using (model_version) where contains(r.job, $1)",
        "models": "select replace(model, $1, ''), version, released_at, retired_at from model_versions "
        "where contains(model, $1)",
        "parents": "select replace(p.model, $1, ''), relation from model_parents o join model_versions p "
        "on p.model_version = o.parent where contains(p.model, $1)",
        "deployments": "select place, recipient, since, until from deployments join model_versions m "
        "using (model_version) where contains(m.model, $1)",
    }
    return {question: sorted(asked(sql, strip), key=str) for question, sql in questions.items()}


ORDERS = [(0, 1, 2, 3, 4, 5, 6), (6, 4, 3, 2, 5, 1, 0)]


def test_event_order_does_not_matter(home: object) -> None:
    for number, order in enumerate(ORDERS):
        events = [openlineage.parse(body) for body in a_life(f"life{number}")]
        for position in order:
            store([events[position], events[order[0]]], "test")
            if number:
                folding.fold(patience=None)
    folding.fold(patience=None)
    first, *others = [graph(f"life{number}") for number in range(len(ORDERS))]
    assert first["inputs"] == [("web", ""), ("web", "9")], "without its version, it may have been another"
    assert [row[:2] for row in first["parents"]] == [("base", "fine_tuned")]
    assert [str(at) for at in first["deployments"][0][2:]] == ["2026-11-02 09:20:00", "2026-11-02 09:30:00"]
    assert {(row[0], str(row[3])) for row in first["models"]} == {("base", "None"), ("child", "2026-11-02 09:40:00")}
    assert {row[1] for row in first["runs"] if row[0] == "airflow/train"} == {"model training"}
    for order, other in zip(ORDERS[1:], others, strict=True):
        assert other == first, order


STATES: list[tuple[list[str | None], str, int]] = [
    (["START"], "started", 0),
    (["START", "FAIL"], "failed", 0),
    (["START", "ABORT"], "failed", 0),
    (["COMPLETE"], "completed", 1),
    (["START", "FAIL", "COMPLETE"], "completed", 1),
    (["START", "COMPLETE", "FAIL"], "failed", 0),
    (["START", "COMPLETE", None, "OTHER", "RUNNING"], "completed", 1),
]


def test_only_completed_runs_make_models(home: object) -> None:
    for states, *_ in STATES:
        name = str(states)
        for minute, one in enumerate(states):
            body = told.event(one, name, minute, outputs=[told.model(name, "7")], job=name)
            store([openlineage.parse(body)], "test")
    folding.fold_pending()
    for states, state, made in STATES:
        assert asked("select state from runs where job = $1", f"airflow/{states}") == [(state,)]
        models = asked(
            "select 1 from run_outputs join model_versions using (model_version) where model = $1", str(states)
        )
        assert len(models) == made, states


def test_models_of_a_run_have_what_its_parts_read(pipeline: TestClient) -> None:
    parent = {"parent": {"run": {"runId": str(told.run_key("dag"))}, "job": {"namespace": "airflow", "name": "dag"}}}
    web = told.dataset("s3://lake", "web", "1")
    pipeline.post(
        LINEAGE,
        json=told.event(
            "COMPLETE",
            "dag",
            9,
            outputs=[told.model("assistant", "7")],
            run_facets=told.purpose("model training"),
            job="dag",
        ),
    )
    assert asked("select * from run_inputs") == []
    assert len(asked("select * from run_outputs")) == 1
    pipeline.post(LINEAGE, json=told.event("COMPLETE", "fit", 5, inputs=[web], run_facets=parent))
    [readings] = answering(ModelGraph.read).readings.values()
    assert [(reading.run, reading.certain) for reading in readings] == [(told.run_key("fit"), True)]
    assert asked("select job, purpose from runs order by 1") == [
        ("airflow/dag", "model training"), ("airflow/train", "model training")
    ]  # fmt: skip


def test_non_training_purpose_takes_precedence(pipeline: TestClient) -> None:
    for minute, words in enumerate(("model training", "performance evaluation", "model training")):
        pipeline.post(LINEAGE, json=told.event("RUNNING", "fit", minute, run_facets=told.purpose(words)))
    assert asked("select purpose from runs") == [("performance evaluation",)]


def test_own_dataset_is_recognised_under_any_name(pipeline: TestClient, home: object) -> None:
    made = DatasetVersion("desk", "3", "model training", clock.now_utc())
    with writer() as connection, transaction(connection):
        record_dataset_version(connection, made, manifest([]))
    [(root,)] = asked("select manifest_root from dataset_versions")
    known = [
        told.dataset("open-book", "desk", "3"),
        told.dataset("open-book", "desk", root),
        told.dataset("s3://exports", "desk.parquet", root.upper()),
        told.dataset("mlflow", "desk", root[:36]),
        told.dataset("mlflow", "desk", str(made.dataset_version)),
        told.dataset("s3://exports", "desk.parquet", "3", symlinks={
            "identifiers": [{"namespace": "open-book", "name": "desk", "type": "TABLE"}]}),
    ]  # fmt: skip
    pipeline.post(f"{LINEAGE}/batch", json=[told.event("COMPLETE", str(one), inputs=[one]) for one in known])
    assert asked("select distinct dataset_version from run_inputs") == [(made.dataset_version,)]
    unknown = [
        told.dataset("open-book", "desk", "4"),
        told.dataset("open-book", "desk"),
        told.dataset("s3://exports", "desk", "3"),
        told.dataset("s3://exports", "desk", root[:31]),
    ]
    pipeline.post(f"{LINEAGE}/batch", json=[told.event("COMPLETE", str(one), inputs=[one]) for one in unknown])
    kept = asked("select namespace, dataset, version from dataset_versions where manifest_root is null order by all")
    assert kept == [
        ("open-book/unknown", "desk", ""), ("open-book/unknown", "desk", "4"),
        *sorted([("s3://exports", "desk", "3"), ("s3://exports", "desk", root[:31])]),
    ]  # fmt: skip


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Jobs whose runs can't be recorded while they are in the list."""
    jobs: list[str] = []
    record = reported.runs

    def recording(connection: Any, reports: Any, now: Any) -> Any:
        if {report.run.job for report in reports} & set(jobs):
            raise RuntimeError("broken")
        return record(connection, reports, now)

    monkeypatch.setattr(reported, "runs", recording)
    return jobs


def test_unfoldable_event_blocks_no_other(home: object, breaking: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    breaking.append("airflow/bad")
    store([openlineage.parse(told.event("START", job, job=job)) for job in ("good", "bad", "fine")], "test")
    folding.fold_pending()
    assert asked("select job from runs order by 1") == [("airflow/fine",), ("airflow/good",)]
    assert folding.fold(patience=None) == 0, "not before its time"
    breaking.clear()
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    folding.fold_pending()
    assert len(asked("select job from runs")) == 3


def test_event_is_acknowledged_while_lake_is_busy(pipeline: TestClient, home: object) -> None:
    with FileLock(lake_folder() / "write.lock"):
        assert pipeline.post(LINEAGE, json=told.event("START", "fit")).status_code == 201
        assert asked("select state from runs") == []
    folding.fold_pending()
    assert asked("select state from runs") == [("started",)]


def test_interrupted_fold_is_repeated_safely(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    store([openlineage.parse(body) for body in a_life("life")], "test")
    with monkeypatch.context() as broken:
        broken.setattr(folding, "writing", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            folding.fold(patience=None)
    once = graph("life")
    folding.fold_pending()
    assert graph("life") == once
    assert once["outputs"] == [("airflow/train", "child")]
    assert folding.fold(patience=None) == 0
