"""`/metrics` and `/readyz`: what those who run Open Book see, and what they don't."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.api import service_tokens
from governance.api.monitoring import figures
from governance.api.service_tokens import Scope
from governance.intake.taking import Taking
from governance.recording import heartbeats
from governance.schemas.recording import NewRecorderHeartbeat, SaidState
from home import Part
from tests.governance.conftest import Capture, Client

Read = Callable[[], dict[tuple[str, ...], float]]


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "FRESH_SECONDS", -1.0)


@pytest.fixture
def read(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> Read:
    """The figures, by name and label values in the order of their names."""
    token, line = service_tokens.make("monitoring", [Scope.METRICS_READ], ["*"], date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)

    def figures_now() -> dict[tuple[str, ...], float]:
        answer = unknown.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        return {
            (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    return figures_now


def test_waiting_requests_are_counted_and_aged(
    read: Read, api: Client, person: Callable[..., Employee], capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    capture(ada, 5)
    assert read()["openbook_open_requests", "received", "erasure"] == 0
    assert api(ada).post("/v1/requests", json={"type": "erasure"}, headers={"Idempotency-Key": "a"}).status_code == 201
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    found = read()
    assert found["openbook_open_requests", "received", "erasure"] == 1
    assert found["openbook_oldest_request_seconds", "erasure"] == pytest.approx(7200, abs=120)
    assert found["openbook_oldest_request_seconds", "export"] == 0
    assert found[("openbook_overdue_requests",)] == 0
    far = clock.now() + timedelta(days=60)
    monkeypatch.setattr(clock, "now", lambda: far)
    assert read()[("openbook_overdue_requests",)] == 1


def test_the_lakes_files_are_counted(read: Read, person: Callable[..., Employee], capture: Capture) -> None:
    capture(person(), 5)
    found = read()
    assert found["openbook_lake_files", "captures"] == 1
    assert found["openbook_lake_bytes", "captures"] > 0
    assert found[("openbook_lake_snapshots",)] > 0
    assert found["openbook_part_readable", "lake"] == 1


def test_records_that_wait_to_be_stored(
    read: Read, person: Callable[..., Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    taking = Taking("recorder", "a key of the recorder", 0)
    email = person().email
    taking.take(f'{{"email": "{email}", "time": "2026-03-02", "signal": "afk", "application": "Excel"}}'.encode())
    taking.finish()
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    found = read()
    assert found[("openbook_intake_waiting_bytes",)] > 100
    assert found[("openbook_intake_oldest_seconds",)] == pytest.approx(3600, abs=120)


def test_silent_systems_are_shown(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_ACCESS_SYSTEMS", "warehouse=Records of everybody")
    assert read()["openbook_access_system_silent_seconds", "warehouse"] == float("inf")


def test_recorders_are_counted_by_what_they_say(
    read: Read, person: Callable[..., Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    for device, state in (("PC-1", SaidState.RECORDING), ("PC-2", SaidState.PAUSED), ("PC-3", SaidState.STOPPED)):
        heartbeats.report(ada, "desk", NewRecorderHeartbeat(device=device, state=state))
    assert read()["openbook_recorders", "recording"] == 1
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    found = read()
    states = {state: found["openbook_recorders", state] for state in ("recording", "paused", "stopped", "silent")}
    assert states == {"recording": 0, "paused": 0, "stopped": 1, "silent": 2}


def test_calls_are_counted_by_route_and_not_by_path(
    read: Read, unknown: TestClient, api: Client, person: Callable[..., Employee]
) -> None:
    ada = person()
    number = "0b0e1c1e-7d06-4b7a-9d0e-2f6f3f9c1111"
    assert api(ada).get(f"/v1/requests/{number}", params={"q": "searched"}).status_code == 404
    assert unknown.get("/v1/no-such-route-secret").status_code == 404
    read()
    found = read()
    assert found["openbook_calls_total", "GET", "/metrics", "200"] >= 1
    assert found["openbook_calls_total", "GET", "/v1/requests/{request_id}", "404"] == 1
    names = " ".join(part for key in found for part in key)
    assert number not in names
    assert "no-such-route-secret" not in names
    assert "searched" not in names
    assert ada.email not in names
    assert str(ada.subject) not in names


def test_unreadable_part_leaves_out_only_its_own_figures(
    read: Read, person: Callable[..., Employee], capture: Capture
) -> None:
    capture(person(), 5)
    Part.CATALOG.path.rename(Part.CATALOG.path.with_name("elsewhere"))
    found = read()
    assert found["openbook_part_readable", "lake"] == 0
    assert ("openbook_lake_snapshots",) not in found
    assert found["openbook_part_readable", "governance"] == 1
    assert ("openbook_overdue_requests",) in found


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope != Scope.METRICS_READ])
def test_other_tokens_read_no_figures(unknown: TestClient, monkeypatch: pytest.MonkeyPatch, scope: Scope) -> None:
    token, line = service_tokens.make("other", [scope], ["*"], date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    assert unknown.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 403


def test_people_and_strangers_read_no_figures(
    unknown: TestClient, api: Client, person: Callable[..., Employee]
) -> None:
    assert unknown.get("/metrics").status_code == 401
    assert api(person()).get("/metrics").status_code == 401


def test_ready_while_the_needed_parts_answer(unknown: TestClient, home: Path) -> None:
    answer = unknown.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})
    Part.CATALOG.path.rename(Part.CATALOG.path.with_name("elsewhere"))
    refused = unknown.get("/readyz")
    assert refused.status_code == 503
    assert "lake" in refused.json()["detail"]
    assert refused.headers["retry-after"]
