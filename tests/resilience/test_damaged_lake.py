"""A file of the lake is damaged: those concerned can file and get true messages; nothing is falsely reported done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.__main__ import main as governance
from governance.api.monitoring import health as health_of_parts
from governance.fulfilment.erasure import EACH, TOGETHER
from governance.requests.progress import attempt, attempt_each, begin_all
from governance.requests.retries import fail_all
from governance.rounds import lake_checks
from lake.__main__ import main as lake
from lake.storage import verifying
from lake.storage.connection import lake_folder
from lake.storage.verifying import Verified
from tests.governance.conftest import Capture, Client
from tests.support.damage import FILE_DAMAGES, file_of, let_go, truncated
from tests.support.people import Company
from tests.support.words import mentions

Damage = Callable[[Path], None]
NOT_TRUE = ("nothing is lost", "Nothing was lost", "completed", "erased", "Looked again")


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    """A person with captures; another has some, too."""
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 40)
    return ada


@pytest.fixture(params=list(FILE_DAMAGES.values()), ids=list(FILE_DAMAGES))
def damage(request: pytest.FixtureRequest) -> Damage:
    spoil: Damage = request.param
    return spoil


def test_a_request_is_accepted_but_not_reported_done(api: Client, ada: Employee, damage: Damage) -> None:
    for table in ("captures", "capture_rollup"):
        damage(file_of(ada, table))
    let_go()
    client = api(ada)
    shown = client.post("/v1/requests/preview", json={"type": "erasure"})
    assert shown.status_code == 503
    filed = client.post("/v1/requests", json={"type": "erasure"})
    assert filed.status_code == 201
    assert any("could not be counted" in event["note"] for event in filed.json()["history"])
    request = _worked_on(client, filed.json()["id"])
    assert request["state"] == "failed"
    assert "damaged" in request["failure"]
    said = shown.text + request["failure"] + " ".join(event["note"] for event in request["history"])
    assert [words for words in NOT_TRUE if words in said] == []


def test_erasing_part_of_a_damaged_file_is_not_reported_done(api: Client, ada: Employee, damage: Damage) -> None:
    damage(file_of(ada))
    let_go()
    client = api(ada)
    filed = client.post("/v1/requests", json={"type": "erasure", "scope": {"until": "2026-03-02T09:15:00Z"}})
    assert filed.status_code == 201
    request = _worked_on(client, filed.json()["id"])
    assert request["state"] == "failed"
    assert "damaged" in request["failure"]
    assert not request["receipts"]


def test_other_people_are_not_delayed(api: Client, ada: Employee, person: Company, damage: Damage) -> None:
    damage(file_of(ada))
    let_go()
    client = api(person("bob@example.com"))
    assert client.get("/v1/me/captures").status_code == 200
    filed = client.post("/v1/requests", json={"type": "erasure"})
    request = _worked_on(client, filed.json()["id"])
    assert (request["failure"], request["outcome"]["erased"]) == (None, 40)


def test_verify_names_damaged_files_but_no_person(
    ada: Employee, damage: Damage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lake", "verify"])
    assert lake() == 0
    assert "are intact" in capsys.readouterr().out
    file = file_of(ada)
    damage(file)
    assert lake() == 4
    said = capsys.readouterr().out
    assert file.name in said
    assert "40 rows of captures from 2 March 2026 to 2 March 2026, of 1 people at most" in said
    assert [who for who in (ada.email, ada.name, str(ada.subject)) if mentions(said, who)] == []


def test_workers_find_and_report_damage_gradually(
    unknown: TestClient, api: Client, person: Company, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    truncated(file_of(ada))
    monkeypatch.setattr(health_of_parts, "SECONDS", 120.0)
    monkeypatch.setattr(lake_checks, "STEP_SECONDS", 0.0)
    looked = 0
    while verifying.known().finished_at is None:
        before = verifying.known().after
        monkeypatch.setattr("lake.storage.verifying.time", _Clock())
        lake_checks.passes.make()
        looked += 1
        assert verifying.known().after != before
    assert looked > 3
    health = unknown.get("/healthz")
    assert (health.status_code, health.json()["status"], health.json()["lake"]) == (200, "degraded", "damaged")
    assert "40 rows" in health.json()["problems"][0]
    officer = person("olga@example.com", role="privacy_officer")
    assert api(officer).get("/v1/officer/health").json()["problems"] == health.json()["problems"]
    assert api(ada).get("/v1/officer/health").status_code == 403


def test_repaired_damage_is_no_longer_reported(ada: Employee) -> None:
    file = file_of(ada)
    whole = file.read_bytes()
    truncated(file)
    assert len(verifying.verify().damaged) == 1
    file.write_bytes(whole)
    assert verifying.verify().damaged == ()
    assert verifying.known().summary() == ""


def test_a_lost_check_result_is_recomputed(ada: Employee) -> None:
    truncated(file_of(ada))
    verifying.verify()
    for content in (b"", b"{", b'{"damaged": 3}'):
        (lake_folder() / "verified.json").write_bytes(content)
        assert verifying.known() == Verified()
    assert len(verifying.verify().damaged) == 1


def test_a_backup_of_a_damaged_lake_is_refused_or_marked(
    ada: Employee, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(ada)
    truncated(file)
    folder = tmp_path / "backups"
    monkeypatch.setattr(sys, "argv", ["governance", "backup", str(folder)])
    assert governance() == 1
    said = capsys.readouterr().err
    assert file.name in said
    assert "no backup was made" in said
    assert list((folder / "keys").iterdir()) == []
    monkeypatch.setattr(sys, "argv", ["governance", "backup", str(folder), "--damaged"])
    assert governance() == 0
    assert "also in this backup" in capsys.readouterr().out
    assert len(list((folder / "keys").iterdir())) == 1


class _Clock:
    """The clock advances a second at each call: one file per step."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += 0.6
        return self._now - 0.6


def _worked_on(client: TestClient, request_id: str) -> dict[str, Any]:
    """The request after the joint steps of a worker, as its workflow runs them."""
    taken = begin_all(UUID(request_id), request_id)
    ids = [UUID(one) for one, _ in taken]
    for step in TOGETHER:
        if (reason := attempt(step, ids)) is not None:
            fail_all(taken, reason)
            break
    else:
        for one in ids:
            assert attempt_each(EACH, one) is None
    shown: dict[str, Any] = client.get(f"/v1/requests/{request_id}").json()
    return shown
