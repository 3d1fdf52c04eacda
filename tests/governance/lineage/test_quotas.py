"""How much a service may send: anything above is refused with the time to wait, and not stored."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

import clock
from governance.db import database
from governance.db.database import reading
from governance.lineage import openlineage
from governance.lineage.quotas import QuotaUsed
from governance.lineage.storing import store
from governance.lineage.tables import LineageEventRow
from tests.governance.conftest import ROOT
from tests.governance.lineage import told

LINEAGE = "/api/v1/lineage"


def kept() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(LineageEventRow)) or 0


def models(first: int, count: int) -> list[dict[str, object]]:
    return [told.model(f"model {number}", "1") for number in range(first, first + count)]


@pytest.mark.parametrize("span", ["minute", "day"])
def test_event_limit_is_enforced(pipeline: TestClient, monkeypatch: pytest.MonkeyPatch, span: str) -> None:
    monkeypatch.setenv(f"OPENBOOK_{f'service_events_{span}'.upper()}", "3")
    three = [told.event("START", f"run {number}") for number in range(3)]
    assert pipeline.post(f"{LINEAGE}/batch", json=three).status_code == 201
    database.close()  # as after a restart
    refused = pipeline.post(LINEAGE, json=told.event("START", "one more"))
    assert refused.status_code == 429
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= {"minute": 60, "day": 86_400}[span]
    assert kept() == 3
    later = clock.now_utc() + timedelta(seconds=wait)
    monkeypatch.setattr(clock, "now_utc", lambda: later)
    assert pipeline.post(LINEAGE, json=told.event("START", "one more")).status_code == 201


def test_bytes_of_a_day_are_limited(pipeline: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_SERVICE_MEGABYTES_DAY", "1")
    large = told.event("START", "large") | {"padding": "x" * 600_000}
    assert pipeline.post(LINEAGE, json=large).status_code == 201
    refused = pipeline.post(LINEAGE, json=large)
    assert (refused.status_code, "1 MB per day" in refused.json()["detail"]) == (429, True)


def test_new_runs_of_a_day_are_limited(pipeline: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_SERVICE_RUNS_DAY", "1")
    assert pipeline.post(LINEAGE, json=told.event("START", "one")).status_code == 201
    assert pipeline.post(LINEAGE, json=told.event("COMPLETE", "one", 5)).status_code == 201
    assert pipeline.post(LINEAGE, json=told.event("START", "two")).status_code == 429


@pytest.mark.parametrize("kind", ["models", "datasets"])
def test_name_limit_counts_only_new_names(pipeline: TestClient, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv(f"OPENBOOK_{f'service_{kind}'.upper()}", "10")

    def event(run: str, first: int, count: int) -> dict[str, object]:
        if kind == "models":
            return told.event("COMPLETE", run, outputs=models(first, count))
        inputs = [told.dataset("s3://lake", f"table {number}") for number in range(first, first + count)]
        return told.event("COMPLETE", run, inputs=inputs)

    assert pipeline.post(LINEAGE, json=event("a", 0, 10)).status_code == 201
    refused = pipeline.post(LINEAGE, json=event("b", 5, 6))
    assert refused.status_code == 429
    assert f"OPENBOOK_{f'service_{kind}'.upper()}" in refused.json()["detail"]
    assert pipeline.post(LINEAGE, json=event("c", 0, 10)).status_code == 201
    assert kept() == 2


def test_mlflow_server_names_are_limited(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_SERVICE_MODELS", "10")
    event = openlineage.parse(told.event("COMPLETE", "a", outputs=models(0, 11)))
    with pytest.raises(QuotaUsed):
        store([event], "https://mlflow.example")
    assert kept() == 0


SEND = """
from governance.lineage import openlineage
from governance.lineage.storing import store
from governance.lineage.quotas import QuotaUsed
from tests.governance.lineage import told
import sys
kept = 0
for number in range(10):
    try:
        kept += store([openlineage.parse(told.event("START", f"{sys.argv[1]} {number}"))], "training", 100)
    except QuotaUsed:
        pass
print(kept)
"""


def test_quota_is_shared_between_processes(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_SERVICE_EVENTS_DAY", "12")
    started = [
        subprocess.Popen([sys.executable, "-c", SEND, name], cwd=ROOT, stdout=subprocess.PIPE) for name in ("a", "b")
    ]
    assert sum(int(process.communicate(timeout=120)[0]) for process in started) == 12
    assert kept() == 12
