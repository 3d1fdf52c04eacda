"""A pause in set hours: what is dated in them is never stored, day after day, in the person's time zone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from directory import Employee
from directory.pausing import Pauses, SetHours
from directory.people import directory_path
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.db.database import reading
from governance.ledger.tables import EntryRow
from governance.recording import set_hours
from lake.connectors.ui_log import UiLog
from lake.ingest.ingesting import Ingestion, NotIngested, ingest
from tests.governance.conftest import Client
from tests.governance.recording.test_pauses import log, reasons
from tests.lake.ingesting import START, allow, stored
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]

HOURS = "/v1/me/pause/hours"
WORKING = ["monday", "tuesday", "wednesday", "thursday", "friday"]
LUNCH = {"days": WORKING, "begins": "12:00", "ends": "13:00"}
HOUR = timedelta(hours=1)


@pytest.fixture
def ada(home: Path, person: Company, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Employee:
    """In Berlin, where it is an hour later than in UTC. `START` is a Monday."""
    monkeypatch.setenv("OPENBOOK_PAUSE_SET_HOURS", "2")
    allow(["Excel"])
    return person("ada@example.com", zone="Europe/Berlin")


def put(client: TestClient, *hours: dict[str, Any], status: int = 200) -> Any:
    answer = client.put(HOURS, json={"hours": list(hours)})
    assert answer.status_code == status, answer.text
    return answer.json()


def seconds(day: int, hour: int, minute: int = 0) -> int:
    """After `START`, of a time in Berlin so many days later."""
    return int((datetime(2026, 1, 5 + day, hour, minute) - HOUR - START) / timedelta(seconds=1))  # noqa: DTZ001


def test_nothing_dated_in_set_hours_is_stored(api: Client, ada: Employee, tmp_path: Path, at: Clock) -> None:
    said = put(api(ada), LUNCH)
    assert [(one["begins"], one["ends"], one["zone"]) for one in said["set_hours"]] == [
        ("12:00", "13:00", "Europe/Berlin")
    ]
    at(START + timedelta(days=8))
    inside = [seconds(0, 12), seconds(0, 12, 59), seconds(4, 12, 30), seconds(7, 12)]
    outside = [seconds(0, 11, 59), seconds(0, 13), seconds(5, 12, 30), seconds(4, 13)]
    batch = ingest("ui-log", log(tmp_path, *sorted(inside + outside)), ada.email).batch
    assert (batch.stored, batch.kept_out) == (4, 4)
    assert reasons(api(ada)) == {"paused": 4}


def test_what_was_dated_in_ended_hours_stays_refused(api: Client, ada: Employee, tmp_path: Path, at: Clock) -> None:
    put(api(ada), LUNCH)
    at(START + timedelta(days=1))
    assert put(api(ada))["set_hours"] == []
    at(START + timedelta(days=3))
    batch = ingest("ui-log", log(tmp_path, seconds(0, 12, 30), seconds(1, 12, 30)), ada.email).batch
    assert (batch.stored, batch.kept_out) == (1, 1)


def test_hours_that_are_set_meanwhile_stop_the_storing(api: Client, ada: Employee, tmp_path: Path, at: Clock) -> None:
    at(START + timedelta(days=1))
    with Ingestion() as ingestion:
        prepared = ingestion.prepare(ada, "ui-log/1", UiLog().read(log(tmp_path, 5)), copies=False)
        put(api(ada), LUNCH)
        with pytest.raises(NotIngested, match="Run it again"):
            ingestion.store([prepared])
    assert stored(ada.subject) == []


def test_recorders_are_told_in_set_hours(
    api: Client, ada: Employee, unknown: TestClient, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, line = service_tokens.make("recorder", [Scope.CAPTURE_CONTROL], ["*"], date(2027, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)

    def ask() -> tuple[bool, str | None]:
        headers = {"Authorization": f"Bearer {token}"}
        said = unknown.get("/v1/capture-control", params={"email": ada.email}, headers=headers).json()
        return said["may_record"], said["paused_until"]

    put(api(ada), LUNCH, {"days": ["monday"], "begins": "13:00", "ends": "13:30"})
    assert ask() == (True, None)
    at(START + timedelta(seconds=seconds(0, 12, 10)))
    assert ask() == (False, "2026-01-05T12:30:00Z")
    client = api(ada)
    mine = client.get("/v1/me/recording").json()
    assert (mine["paused_until"], mine["in_set_hours"]) == ("2026-01-05T12:30:00Z", True)
    client.put("/v1/me/pause", json={"minutes": 120})
    assert ask() == (False, "2026-01-05T13:10:00Z")
    ended = client.delete("/v1/me/pause").json()
    assert ended["paused_until"] == "2026-01-05T12:30:00Z", "set hours end by setting others"
    put(client)
    assert ask() == (True, None)


def test_the_employer_decides_how_many_hours(
    api: Client, ada: Employee, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(ada)
    put(client, {**LUNCH, "ends": "14:01"}, status=422)
    put(client, LUNCH, {"days": ["friday"], "begins": "09:00", "ends": "10:01"}, status=422)
    put(client, LUNCH, {"days": ["friday"], "begins": "12:30", "ends": "13:10"}, status=422)
    put(client, {**LUNCH, "ends": "12:00"}, status=422)
    put(client, {**LUNCH, "begins": "24:00", "ends": "24:00"}, status=422)
    put(client, {**LUNCH, "days": []}, status=422)
    put(client, {"days": ["sunday"], "begins": "22:00", "ends": "24:00"})
    monkeypatch.setenv("OPENBOOK_PAUSE_SET_HOURS", "0")
    assert "don't allow" in put(client, LUNCH, status=403)["detail"]
    assert client.get("/v1/me/recording").json()["most_set_hours_a_day"] == 0
    at(START + HOUR)
    assert set_hours.end_disallowed() == 1
    assert set_hours.end_disallowed() == 0
    said = client.get("/v1/me/recording").json()
    assert (said["set_hours"], said["set_hours_ended_at"]) == ([], "2026-01-05T10:00:00Z")
    put(client)


def test_changes_are_limited_and_repeating_is_none(api: Client, ada: Employee, at: Clock) -> None:
    client = api(ada)
    put(client, LUNCH)
    put(client, LUNCH)
    for number in range(set_hours.MOST_A_DAY - 1):
        at(START + timedelta(seconds=number + 1))
        put(client, {**LUNCH, "days": WORKING[: 1 + number % 4]})
    assert client.put(HOURS, json={"hours": [LUNCH]}).status_code == 429
    assert put(client)["set_hours"] == [], "they can always be ended"


def test_the_ledger_and_the_export_have_them(api: Client, ada: Employee, at: Clock) -> None:
    put(api(ada), LUNCH)
    at(START + HOUR)
    put(api(ada))
    with reading() as session:
        rows = list(session.scalars(select(EntryRow).where(EntryRow.statement.contains('"kind":"pause_hours"'))))
    said = [json.loads(row.statement or "") for row in rows]
    assert [(one["days"], one["begins"], one["ends"], one["until"]) for one in said] == [
        (WORKING, "12:00", "13:00", None),
        (WORKING, "12:00", "13:00", "2026-01-05T10:00:00Z"),
    ]
    assert not any(row.public or str(ada.subject) in (row.statement or "") for row in rows)


def test_a_directory_of_before_gets_the_table(api: Client, ada: Employee) -> None:
    with closing(sqlite3.connect(directory_path())) as connection:
        connection.execute("drop table pause_hours")
        connection.commit()
    assert api(ada).get("/v1/me/recording").json()["set_hours"] == []


def hours(begins: int, ends: int, since: datetime, until: datetime | None = None) -> SetHours:
    return SetHours((7,), begins * 60, ends * 60, "Europe/Berlin", UUID(int=1), since, until)


def test_local_time_decides_when_clocks_change() -> None:
    """On 29 March 2026, 2:00 to 3:00 is no time in Berlin; on 25 October, it comes twice."""
    pauses = Pauses((), (hours(1, 4, datetime(2026, 1, 1)),))  # noqa: DTZ001
    spring = pauses.current(datetime(2026, 3, 29, 0, 30))  # noqa: DTZ001
    autumn = pauses.current(datetime(2026, 10, 25, 0, 30))  # noqa: DTZ001
    assert spring is not None
    assert autumn is not None
    assert (spring.until_at - spring.begins_at, autumn.until_at - autumn.begins_at) == (2 * HOUR, 4 * HOUR)
    for at_hour in (0, 1, 2):
        assert pauses.cover(datetime(2026, 10, 25, at_hour, 30))  # noqa: DTZ001
    assert not pauses.cover(datetime(2026, 10, 25, 3))  # noqa: DTZ001
