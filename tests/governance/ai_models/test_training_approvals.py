"""Where the setting says so, a program trains only on data that a privacy officer approved, and for some hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.api import service_tokens
from governance.db import database
from governance.db.database import governance_folder
from lake.datasets.making import Made, Selection, create
from tests.governance.conftest import Capture, Client
from tests.support.earlier import take_back
from tests.support.people import Company

Program = Callable[[str], TestClient]


@pytest.fixture
def program(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> Program:
    """`program(name)`: a client with a service token; training needs approval for 8 hours."""
    monkeypatch.setenv("OPENBOOK_TRAINING_APPROVAL_HOURS", "8")
    lines: list[str] = []

    def made(name: str) -> TestClient:
        token, line = service_tokens.make(name, list(service_tokens.Scope), until=date(2100, 1, 1))
        lines.append(line)
        monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(lines))
        return TestClient(unknown.app, headers={"Authorization": f"Bearer {token}"})

    return made


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    ada = person("ada@example.com")
    capture(ada, 5)
    return ada


@pytest.fixture
def officer(api: Client, person: Company) -> TestClient:
    return api(person("olga@example.com", role="privacy_officer"))


def trained(program: TestClient, version: Made) -> int:
    return program.get(f"/v1/datasets/{version.dataset_version}/parquet").status_code


def asked(officer: TestClient) -> list[dict[str, Any]]:
    return list(officer.get("/v1/officer/training-exports").json())


def approval(officer: TestClient) -> str:
    """The path of the approval of the only export that was asked for."""
    [export] = asked(officer)
    return f"/v1/officer/training-exports/{export['export']}/approval"


def test_records_are_read_only_while_the_approval_lasts(
    program: Program,
    api: Client,
    officer: TestClient,
    person: Company,
    ada: Employee,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def views() -> list[str]:
        return [entry["role"] for entry in api(ada).get("/v1/me/access-log", params={"by": "others"}).json()["entries"]]

    trainer, version, now = program("trainer"), create("desktop", Selection()), clock.now()
    for _ in range(2):
        refused = trainer.get(f"/v1/datasets/{version.dataset_version}/parquet")
        assert (refused.status_code, "has to approve" in refused.json()["detail"]) == (403, True)
    [export] = asked(officer)
    assert (export["program"], export["dataset"], export["people"], export["records"]) == ("trainer", "desktop", 1, 5)
    assert (export["approved"], export["ends_at"], views()) == (False, None, [])
    for _ in range(2):
        approved = officer.put(approval(officer))
        assert (approved.status_code, approved.json()["approved"]) == (200, True)
    assert (trained(trainer, version), views()) == (200, ["trainer"])
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=9))  # this test itself may take a while
    assert trained(trainer, version) == 403
    assert views() == ["trainer"]
    later = api(person("paul@example.com", role="privacy_officer"))
    assert [each["approved"] for each in asked(later)] == [False]


def test_an_approval_is_for_one_program_and_one_version(program: Program, officer: TestClient, ada: Employee) -> None:
    trainer, other = program("trainer"), program("other")
    first, second = create("desktop", Selection()), create("desktop", Selection())
    assert trained(trainer, first) == 403
    officer.put(approval(officer))
    assert [trained(trainer, first), trained(trainer, second), trained(other, first)] == [200, 403, 403]


def test_an_officer_ends_an_approval(program: Program, officer: TestClient, ada: Employee) -> None:
    trainer, version = program("trainer"), create("desktop", Selection())
    assert trained(trainer, version) == 403
    officer.put(approval(officer))
    assert [officer.delete(approval(officer)).json()["approved"] for _ in range(2)] == [False, False]
    assert trained(trainer, version) == 403


def test_the_ledger_has_the_approval_and_no_person(
    program: Program, officer: TestClient, ada: Employee, unknown: TestClient
) -> None:
    trainer, version = program("trainer"), create("desktop", Selection())
    assert trained(trainer, version) == 403
    until = officer.put(approval(officer)).json()["ends_at"]
    entries = unknown.get("/v1/ledger/entries").json()["entries"]
    [entry] = [each["statement"] for each in entries if each["statement"]["kind"] == "training_approved"]
    assert {name: value for name, value in entry.items() if name != "at"} == {
        "kind": "training_approved",
        "dataset_version": str(version.dataset_version),
        "program": "trainer",
        "until": until,
        "role": "privacy_officer",
    }


def test_without_the_setting_a_token_is_enough(
    program: Program, api: Client, officer: TestClient, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, version = program("trainer"), create("desktop", Selection())
    assert trained(trainer, version) == 403
    standing = api(ada).get("/v1/me/possible-access").json()["standing"]
    [reads] = [each["reads"] for each in standing if each["who"] == "trainer"]
    assert "only once a privacy officer has approved that" in reads
    monkeypatch.setenv("OPENBOOK_TRAINING_APPROVAL_HOURS", "0")
    assert trained(trainer, version) == 200
    answer = officer.put(approval(officer))
    assert (answer.status_code, "No approval is needed" in answer.json()["detail"]) == (409, True)


def test_a_home_of_before_opens(program: Program, ada: Employee, home: Path) -> None:
    trainer, version = program("trainer"), create("desktop", Selection())
    assert trained(trainer, version) == 403
    database.close()
    take_back(governance_folder() / "governance.sqlite", "0027")
    assert trained(trainer, version) == 403
