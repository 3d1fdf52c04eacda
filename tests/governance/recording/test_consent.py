"""Where a policy rests on consent, nothing is stored or used without it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.db.database import reading
from governance.ledger.tables import EntryRow
from lake.connectors.ui_log import UiLog
from lake.datasets import making, training_export
from lake.datasets.making import InvalidSelection, Selection
from lake.ingest.ingesting import Ingestion, NotIngested, ingest
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from queries.connection import answering
from tests.governance.conftest import Client
from tests.governance.recording.test_notices import UNTOLD
from tests.lake.ingesting import START, stored, ui_log, ui_log_row
from tests.lake.times import Clock, at
from tests.support.disk import files_with
from tests.support.people import Company

__all__ = ["at"]

ASKED = replace(
    UNTOLD, legal_basis="GDPR 6(1)(a)", announced_on=(START - timedelta(days=9)).date(), announced_by="letter"
)
HOUR = timedelta(hours=1)


@pytest.fixture
def ada(home: Path, person: Company, at: Clock) -> Employee:
    with writer() as connection:
        apply_policies(connection, [ASKED])
    return person("ada@example.com")


def log(folder: Path, *seconds: int) -> str:
    rows = [ui_log_row(each, targetApp="Excel", target_value=f"consented {each}") for each in seconds]
    return str(ui_log(folder / "log.csv", rows))


def consent(client: TestClient) -> str:
    """Give it; its path."""
    notices = client.get("/v1/me/notices").json()
    [notice] = [one for one in notices if one["current"] and one["policy"] == ASKED.policy]
    path = f"/v1/me/notices/{notice['notice']}/consent"
    given = client.put(path, json={"sha256": notice["sha256"]})
    assert given.status_code == 200, given.text
    return path


def test_nothing_is_stored_before_consent_and_after_its_withdrawal(
    ada: Employee, api: Client, tmp_path: Path, at: Clock, home: Path
) -> None:
    assert ingest("ui-log", log(tmp_path, 0), ada.email).batch.kept_out == 1
    at(START + HOUR)
    path = consent(api(ada))
    assert ingest("ui-log", log(tmp_path, 0, 3599), ada.email).batch.stored == 0
    at(START + 2 * HOUR)
    assert ingest("ui-log", log(tmp_path, 3600), ada.email).batch.stored == 1
    assert api(ada).delete(path).json()["consents"][0]["withdrawn_at"]
    assert ingest("ui-log", log(tmp_path, 3601, 7200), ada.email).batch.kept_out == 2
    refused = api(ada).get("/v1/me/refused").json()["reasons"]
    assert {one["reason"]: one["records"] for one in refused} == {"no_consent": 4}
    assert len(stored(ada.subject)) == 1
    assert files_with(home, [b"consented 3601"]) == []


def test_a_withdrawal_meanwhile_stops_the_storing(ada: Employee, api: Client, tmp_path: Path, at: Clock) -> None:
    path = consent(api(ada))
    at(START + HOUR)
    with Ingestion() as ingestion:
        prepared = ingestion.prepare(ada, "ui-log/1", UiLog().read(log(tmp_path, 5)), copies=False)
        api(ada).delete(path)
        with pytest.raises(NotIngested, match="Run it again"):
            ingestion.store([prepared])
    assert stored(ada.subject) == []


def test_a_withdrawal_stops_training_at_once(
    ada: Employee, person: Company, api: Client, tmp_path: Path, at: Clock
) -> None:
    bob = person("bob@example.com")
    paths = {each.email: consent(api(each)) for each in (ada, bob)}
    at(START + HOUR)
    for each in (ada, bob):
        assert ingest("ui-log", log(tmp_path, 5, 6), each.email).batch.stored == 2
    first = making.create("desktop", Selection())
    assert (first.people, first.captures) == (2, 4)
    api(ada).delete(paths[ada.email])
    assert making.create("desktop", Selection()).captures == 2
    assert answering(lambda cursor: training_export.counts(cursor, first)) == {bob.subject: 2}
    api(bob).delete(paths[bob.email])
    with pytest.raises(InvalidSelection):
        making.create("desktop", Selection())
    consent(api(ada))
    assert making.create("desktop", Selection()).captures == 2


def test_consent_given_again_adds_nothing_to_an_earlier_data_set(
    ada: Employee, api: Client, tmp_path: Path, at: Clock
) -> None:
    """The same kind on the same day in the same application, under a policy that needs consent and one that doesn't."""
    other = replace(ASKED, policy="other", legal_basis="GDPR 6(1)(f)", retention_days=ASKED.retention_days + 1)
    with writer() as connection:
        apply_policies(connection, [ASKED, other])
    path = consent(api(ada))
    at(START + HOUR)
    assert ingest("ui-log", log(tmp_path, 5, 6), ada.email).batch.stored == 2
    api(ada).delete(path)
    assert ingest("ui-log", log(tmp_path, 5, 6, 7), ada.email).batch.stored == 1
    made = making.create("desktop", Selection())
    assert made.captures == 1
    at(START + 2 * HOUR)
    consent(api(ada))
    assert answering(lambda cursor: training_export.counts(cursor, made)) == {ada.subject: 1}


def test_other_terms_need_another_consent(ada: Employee, api: Client, tmp_path: Path, at: Clock) -> None:
    consent(api(ada))
    at(START + HOUR)
    with writer() as connection:
        apply_policies(connection, [replace(ASKED, retention_days=30, announced_on=None, announced_by="")])
    at(START + 2 * HOUR)
    assert ingest("ui-log", log(tmp_path, 60, 3700), ada.email).batch.stored == 1
    consent(api(ada))
    at(START + 4 * HOUR)
    assert ingest("ui-log", log(tmp_path, 7300), ada.email).batch.stored == 1


def test_consent_is_to_a_text_that_needs_it(ada: Employee, api: Client) -> None:
    client = api(ada)
    [notice] = client.get("/v1/me/notices").json()
    assert notice["needs_consent"]
    path = f"/v1/me/notices/{notice['notice']}/consent"
    assert client.put(path, json={"sha256": "0" * 64}).status_code == 409
    with writer() as connection:
        apply_policies(connection, [UNTOLD])
    other = next(one for one in client.get("/v1/me/notices").json() if not one["needs_consent"])
    body = {"sha256": other["sha256"]}
    assert client.put(f"/v1/me/notices/{other['notice']}/consent", json=body).status_code == 409
    assert client.put(path, json={"sha256": notice["sha256"]}).status_code == 409
    assert client.delete(path).status_code == 200


def test_the_ledger_has_consent_and_withdrawal(ada: Employee, api: Client) -> None:
    client = api(ada)
    path = consent(client)
    consent(client)
    client.delete(path)
    client.delete(path)
    with reading() as session:
        rows = list(session.scalars(select(EntryRow).where(EntryRow.statement.contains('"kind":"consent"'))))
    assert [json.loads(row.statement or "")["given"] for row in rows] == ["yes", "no"]
    assert not any(row.public or str(ada.subject) in (row.statement or "") for row in rows)


def test_recorders_are_told(ada: Employee, api: Client, unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    token, line = service_tokens.make("recorder", [Scope.CAPTURE_CONTROL], ["*"], clock.today())
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)

    def may_record() -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return unknown.get("/v1/capture-control", params={"email": ada.email}, headers=headers).json()["may_record"]

    assert may_record() is False
    path = consent(api(ada))
    assert may_record() is True
    api(ada).delete(path)
    assert may_record() is False
