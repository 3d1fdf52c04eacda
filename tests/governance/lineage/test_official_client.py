"""From the official OpenLineage client, over HTTP, to what a person sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import requests
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    StaticDataset,
)
from openlineage.client.facet_v2 import (
    dataset_version_dataset,
    lifecycle_state_change_dataset,
    ownership_dataset,
    parent_run,
    schema_dataset,
)
from openlineage.client.generated.base_subset_dataset import (
    CompareSubsetCondition,
    FieldBaseCompareExpression,
    InputSubsetInputDatasetFacet,
    LiteralCompareExpression,
)
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpCompression, HttpConfig, HttpTransport

import clock
from demo.company.policies import policies
from governance.ai_models.datasets import record_missing
from lake.datasets import making
from tests.governance.conftest import ROOT, Capture, Client
from tests.governance.lineage.conftest import asked
from tests.governance.lineage.told import BEFORE, run_key
from tests.support.lake import store_captures
from tests.support.people import Company

JOB = Job("airflow", "train_assistant")
Version = dataset_version_dataset.DatasetVersionDatasetFacet


@pytest.fixture
def client(address: str, token: str) -> Callable[..., OpenLineageClient]:
    def connected(api_key: str = token, **options: Any) -> OpenLineageClient:
        auth = ApiKeyTokenProvider({"api_key": api_key})
        return OpenLineageClient(transport=HttpTransport(HttpConfig(url=address, auth=auth, **options)))

    return connected


def test_official_client_events_reach_the_person(
    client: Callable[..., OpenLineageClient],
    api: Client,
    person: Company,
    capture: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, bob, cyd = (person(f"{name}@example.com") for name in ("ada", "bob", "cyd"))
    capture(ada, 5, application="Excel")
    capture(ada, 2, application="Chrome")
    capture(bob, 3)
    capture(cyd, 2, application="Chrome")
    with monkeypatch.context() as earlier:
        earlier.setattr(clock, "now", lambda: BEFORE)
        made = making.create("desk", making.parse(["application=Excel"]), purpose="model training")
        record_missing()
    subset = InputSubsetInputDatasetFacet(
        CompareSubsetCondition(FieldBaseCompareExpression("person"), LiteralCompareExpression("ada"), "EQUAL")
    )
    read = [
        InputDataset("open-book", "desk", facets={"version": Version(made.root)}),
        InputDataset("s3://lake", "web", {"subset": subset}, facets={"schema": schema_dataset.SchemaDatasetFacet([])}),
    ]
    owner = ownership_dataset.OwnershipDatasetFacet(
        [ownership_dataset.Owner("user:jdoe"), ownership_dataset.Owner("team:Desk")]
    )
    wrote = [OutputDataset("model", "assistant", facets={"version": Version("7"), "ownership": owner})]
    run = Run(str(run_key("fit")))
    parent = parent_run.ParentRunFacet(parent_run.Run(str(run_key("dag"))), parent_run.Job("airflow", "nightly"))
    zipped = client(compression=HttpCompression.GZIP)
    at = "2026-11-02T09:30:00.123456789+01:00"
    complete = RunEvent(eventTime=at, run=run, job=JOB, eventType=RunState.COMPLETE, inputs=read, outputs=wrote)
    for each in (zipped, client()):
        each.emit(complete)
    started = Run(run.runId, {"parent": parent})
    at = "2026-11-02T09:00:00+01:00"
    client().emit(RunEvent(eventTime=at, run=started, job=JOB, eventType=RunState.START, inputs=read, outputs=wrote))

    [(state, started_at, ended_at)] = asked("select state, started_at::varchar, ended_at::varchar from runs")
    assert (state, started_at, ended_at) == ("completed", "2026-11-02 08:00:00", "2026-11-02 08:30:00.123456")
    assert asked("select model, version, owner from model_versions") == [("assistant", "7", "Desk")]
    parts = asked(
        "select d.namespace, i.part from run_inputs i join dataset_versions d using (dataset_version) order by 1"
    )
    assert parts == [("open-book", None), ("s3://lake", "person = …")], "what was compared with is not kept"
    for employee, events in ((ada, 5), (bob, 3), (cyd, 0)):
        [mine] = api(employee).get("/v1/me/models").json()
        assert (mine["model"], mine["version"], mine["captures"]) == ("assistant", "7", events)
        assert mine["evidence"] == ("proven" if events else "possible")


def test_datasets_and_jobs_can_be_reported_alone(client: Callable[..., OpenLineageClient]) -> None:
    gone = lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(
        lifecycle_state_change_dataset.LifecycleStateChange.DROP
    )
    for minute, facets in ((0, {}), (30, {"lifecycleStateChange": gone})):
        dataset = StaticDataset("model", "assistant", facets={"version": Version("7"), **facets})
        client().emit(DatasetEvent(eventTime=f"2026-11-02T09:{minute:02}:00Z", dataset=dataset))
    client().emit(JobEvent(eventTime="2026-11-02T09:00:00Z", job=JOB, inputs=[InputDataset("s3://lake", "web")]))
    assert asked("select model, version, retired_at::varchar from model_versions") == [
        ("assistant", "7", "2026-11-02 09:30:00")
    ]
    assert asked("select count(*) from runs") == [(0,)]


def test_wrong_key_is_refused_and_nothing_saved(client: Callable[..., OpenLineageClient]) -> None:
    run = Run(str(run_key("fit")))
    event = RunEvent(eventTime="2026-11-02T09:00:00Z", run=run, job=JOB, eventType=RunState.START)
    with pytest.raises(requests.HTTPError, match="401"):
        client("openbook_of_somebody_else").emit(event)


def test_documentation_example_works(
    address: str, token: str, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(person(), 3)
    made = making.create("desktop-actions", making.parse([]), purpose="model training")
    run_documented_program(address, token, made.version, monkeypatch)
    assert asked("select job, purpose, state from runs") == [("airflow/train_assistant", "model training", "completed")]
    assert asked("select dataset_version from run_inputs") == [(made.dataset_version,)]
    assert asked("select model, version, owner from model_versions") == [("assistant", "7", "Desk")]


def test_documentation_example_alarms_nobody_of_demo_company(
    address: str, token: str, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each policy of the demo whose purpose says that a model is trained."""
    of_demo = [policy for policy in policies(clock.today()) if "Train a model" in policy.purpose]
    assert len(of_demo) >= 3
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    for policy in of_demo:
        yesterday = datetime.combine(clock.today() - timedelta(days=1), time(9))
        application, signal = policy.applications[0], policy.signals[0]
        store_captures(ada, 3, policy=policy, application=application, signal=signal, start=yesterday)
        selection = making.parse([f"application={application}", f"signal={signal}"])
        made = making.create("desktop-actions", selection, purpose=policy.purpose)
        run_documented_program(address, token, made.version, monkeypatch)
    assert asked("select count(*), any_value(purpose) from runs") == [(len(of_demo), "model training")]
    assert api(ada).get("/v1/me/violations").json() == []
    assert api(olga).get("/v1/officer/violations").json() == []


def run_documented_program(address: str, token: str, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "lineage.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for name, value in (("OPEN_BOOK_URL", address), ("SERVICE_TOKEN", token), ("DATASET_VERSION", version)):
        monkeypatch.setenv(name, value)
    exec(compile(program, "docs/lineage.md", "exec"), {})
