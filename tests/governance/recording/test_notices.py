"""Notices: nothing is stored without one, people say that they read it, and the ledger has its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.db.database import reading
from governance.intake import storing
from governance.ledger.tables import EntryRow
from governance.recording import notices
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import SIGNALS
from lake.storage.connection import writer
from tests.governance.conftest import Client
from tests.governance.intake.conftest import record, recorder, recorder_token, send
from tests.lake.ingesting import START
from tests.support.disk import files_with
from tests.support.lake import POLICY
from tests.support.people import Company

__all__ = ["recorder", "recorder_token", "send"]

TYPED = "typed before anybody was told"
UNTOLD = Policy(
    "desktop", "Desktop", "training", "GDPR 6(1)(f)", list(SIGNALS), ["Excel"], ["mask"], 3650, date(2020, 1, 1)
)


@pytest.fixture
def ada(home: Path, person: Company) -> Employee:
    return person("ada@example.com")


def apply(policy: Policy = UNTOLD) -> None:
    with writer() as connection:
        apply_policies(connection, [policy])


def statements(kind: str) -> list[tuple[bool, dict[str, Any]]]:
    with reading() as session:
        rows = session.scalars(select(EntryRow).where(EntryRow.statement.contains(f'"kind":"{kind}"')))
        return [(row.public, json.loads(row.statement or "")) for row in rows]


def test_without_a_notice_nothing_is_stored(ada: Employee, api: Client, send: Callable[..., Any], home: Path) -> None:
    with writer() as connection:
        connection.execute("delete from policies")
        connection.execute("delete from policy_notices")
    apply()
    sent = send(record(number, TYPED) for number in range(3))
    assert sent.status_code == 202, sent.text
    storing.store_all(10)
    client = api(ada)
    assert client.get("/v1/me/summary").json()["captures"] == 0
    assert {one["reason"]: one["records"] for one in client.get("/v1/me/refused").json()["reasons"]} == {"not_told": 3}
    assert files_with(home, [b"not_told"]), "the files are looked at"
    assert files_with(home, [TYPED.encode()]) == []


def test_a_person_reads_a_notice_and_says_so(ada: Employee, api: Client) -> None:
    apply()
    client = api(ada)
    [found] = client.get("/v1/me/notices").json()
    assert "Purpose: training" in found["text"]
    assert found["sha256"] == hashlib.sha256(found["text"].encode()).hexdigest()
    assert (found["current"], found["read_at"], found["announced_by"]) == (True, None, "")
    path = f"/v1/me/notices/{found['notice']}/acknowledgement"
    assert client.put(path, json={"sha256": "0" * 64}).status_code == 409
    assert client.put(f"/v1/me/notices/{uuid4()}/acknowledgement", json={"sha256": "0" * 64}).status_code == 404
    read = client.put(path, json={"sha256": found["sha256"]})
    assert read.status_code == 200, read.text
    assert client.put(path, json={"sha256": found["sha256"]}).json()["read_at"] == read.json()["read_at"]
    [(public, statement)] = statements("notice_read")
    assert not public
    assert statement["sha256"] == found["sha256"]
    assert str(ada.subject) not in json.dumps(statement)


def test_each_notice_is_in_the_ledger_once(ada: Employee, api: Client) -> None:
    apply()
    assert notices.record_missing() == 1
    assert notices.record_missing() == 0
    apply(replace(UNTOLD, retention_days=30))
    assert notices.record_missing() == 1
    newest, oldest = api(ada).get("/v1/me/notices").json()
    assert (newest["version"], newest["current"], oldest["current"]) == (2, True, False)
    assert all(public for public, _ in statements("policy_notice"))
    assert {one["sha256"] for _, one in statements("policy_notice")} == {newest["sha256"], oldest["sha256"]}
    assert newest["ledger_entry"] > oldest["ledger_entry"]


def test_a_policy_of_before_notices_goes_on_without_a_claim(
    ada: Employee, api: Client, send: Callable[..., Any]
) -> None:
    with writer() as connection:
        connection.execute("update policy_notices set announced_at = null, announced_by = '', text = ''")
    assert notices.record_missing() == 0
    [found] = api(ada).get("/v1/me/notices").json()
    assert (found["announced_at"], found["ledger_entry"]) == (None, None)
    send([record(1)])
    storing.store_all(10)
    assert api(ada).get("/v1/me/summary").json()["captures"] == 1
    apply(POLICY)
    assert len(api(ada).get("/v1/me/notices").json()) == 1


def test_the_clock_decides(ada: Employee, unknown: TestClient, api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 5, 9, tzinfo=UTC))
    apply()
    assert api(ada).get("/v1/me/notices").json()[0]["announced_at"] == f"{START:%Y-%m-%dT%H:%M:%S}Z"
