"""A pause: nothing dated in it is stored, whatever the recorder does, and recorders are told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

import clock
from directory import Employee
from directory.people import directory_path
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.db.database import reading
from governance.ledger.tables import EntryRow
from lake.connectors.ui_log import UiLog
from lake.ingest.ingesting import Ingestion, NotIngested, ingest
from tests.governance.conftest import Client
from tests.lake.ingesting import START, allow, stored, ui_log, ui_log_row
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]


@pytest.fixture
def ada(home: Path, person: Company, at: Clock) -> Employee:
    allow(["Excel"])
    return person("ada@example.com", zone="Europe/Berlin")


def log(folder: Path, *seconds: int) -> str:
    """Records so many seconds after `START`."""
    rows = [ui_log_row(each, targetApp="Excel", target_value=f"value {each}") for each in seconds]
    return str(ui_log(folder / "log.csv", rows))


def reasons(client: TestClient) -> dict[str, int]:
    return {each["reason"]: each["records"] for each in client.get("/v1/me/refused").json()["reasons"]}


def test_a_client_that_ignores_a_pause_stores_nothing(api: Client, ada: Employee, tmp_path: Path, at: Clock) -> None:
    client = api(ada)
    paused = client.put("/v1/me/pause", json={"minutes": 30})
    assert paused.status_code == 200, paused.text
    assert paused.json()["paused_until"] == f"{START + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}Z"
    at(START + timedelta(hours=2))
    batch = ingest("ui-log", log(tmp_path, 0, 60, 1799), ada.email).batch
    assert (batch.stored, batch.kept_out, batch.read) == (0, 3, 3)
    assert reasons(api(ada)) == {"paused": 3}
    assert ingest("ui-log", log(tmp_path, -1, 60, 1800), ada.email).batch.stored == 2
    assert reasons(api(ada)) == {"paused": 3}
    assert api(ada).get("/v1/me/recording").json()["paused_until"] is None


def test_an_ended_pause_still_covers_what_was_in_it(api: Client, ada: Employee, tmp_path: Path, at: Clock) -> None:
    client = api(ada)
    client.put("/v1/me/pause", json={"minutes": 60})
    at(START + timedelta(minutes=10))
    ended = client.delete("/v1/me/pause").json()
    assert ended["paused_until"] is None
    assert len(ended["pauses"]) == 1
    at(START + timedelta(minutes=20))
    ingest("ui-log", log(tmp_path, 300, 601), ada.email)
    assert len(stored(ada.subject)) == 1
    assert client.delete("/v1/me/pause").status_code == 200


def test_a_pause_that_begins_meanwhile_stops_the_storing(api: Client, ada: Employee, tmp_path: Path) -> None:
    with Ingestion() as ingestion:
        prepared = ingestion.prepare(ada, "ui-log/1", UiLog().read(log(tmp_path, 5)), copies=False)
        api(ada).put("/v1/me/pause", json={"minutes": 5})
        with pytest.raises(NotIngested, match="Run it again"):
            ingestion.store([prepared])
    assert stored(ada.subject) == []


def test_others_are_not_paused(api: Client, ada: Employee, person: Company, tmp_path: Path) -> None:
    bob = person("bob@example.com")
    api(ada).put("/v1/me/pause", json={"minutes": 5})
    assert ingest("ui-log", log(tmp_path, 5), bob.email).batch.stored == 1


def test_until_tomorrow_ends_at_their_midnight(api: Client, ada: Employee) -> None:
    until = api(ada).put("/v1/me/pause", json={"until": "tomorrow"}).json()["paused_until"]
    local = datetime.fromisoformat(until).astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.hour, local.minute, local.date()) == (0, 0, date(2026, 1, 6))


def test_the_setting_limits_pauses(api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch, at: Clock) -> None:
    client = api(ada)
    monkeypatch.setenv("OPENBOOK_PAUSE_HOURS", "1")
    assert client.put("/v1/me/pause", json={"minutes": 61}).status_code == 422
    assert client.put("/v1/me/pause", json={"minutes": 60}).status_code == 200
    at(START + timedelta(minutes=30))
    assert client.put("/v1/me/pause", json={"minutes": 31}).status_code == 422
    assert client.put("/v1/me/pause", json={}).status_code == 422
    monkeypatch.setenv("OPENBOOK_PAUSE_HOURS", "0")
    refused = client.put("/v1/me/pause", json={"minutes": 1})
    assert refused.status_code == 403
    assert "don't allow" in refused.json()["detail"]


def test_pauses_are_limited_in_number(api: Client, ada: Employee, at: Clock) -> None:
    client = api(ada)
    for second in range(50):
        at(START + timedelta(seconds=2 * second))
        assert client.put("/v1/me/pause", json={"minutes": 1}).status_code == 200
        at(START + timedelta(seconds=2 * second + 1))
        client.delete("/v1/me/pause")
    answer = client.put("/v1/me/pause", json={"minutes": 1})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")


def test_the_ledger_has_each_change(api: Client, ada: Employee) -> None:
    client = api(ada)
    client.put("/v1/me/pause", json={"minutes": 5})
    client.delete("/v1/me/pause")
    with reading() as session:
        found = list(session.scalars(select(EntryRow).where(EntryRow.statement.contains('"kind":"pause"'))))
    assert len(found) == 2
    assert not any(row.public for row in found)
    assert not any(str(ada.subject) in (row.statement or "") for row in found)


def test_a_directory_of_before_gets_the_table(api: Client, ada: Employee) -> None:
    with closing(sqlite3.connect(directory_path())) as connection:
        connection.execute("drop table pause")
        connection.commit()
    assert api(ada).get("/v1/me/recording").json()["pauses"] == []


def test_a_recorder_is_told(unknown: TestClient, api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    token, line = service_tokens.make("recorder", [Scope.CAPTURE_CONTROL], ["*"], clock.today())
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)

    def ask(**headers: str) -> Any:
        given = {"Authorization": f"Bearer {token}", **headers}
        return unknown.get("/v1/capture-control", params={"email": ada.email}, headers=given)

    first = ask()
    assert first.status_code == 200, first.text
    assert first.json()["may_record"] is True
    assert first.json()["applications"] == ["Excel"]
    assert ask(**{"If-None-Match": first.headers["ETag"]}).status_code == 304
    api(ada).put("/v1/me/pause", json={"minutes": 5})
    second = ask(**{"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.json()["may_record"]) == (200, False)
    assert second.json()["paused_until"]
