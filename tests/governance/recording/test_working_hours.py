"""Working hours: recorders are told, the person reads them, and ingestion refuses what is dated outside of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from lake.ingest.ingesting import ingest
from lake.ingest.previewing import preview
from tests.governance.conftest import Client
from tests.governance.recording.test_pauses import log, reasons
from tests.lake.ingesting import START, allow, stored
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]

OFFICE = {
    "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    "begins": "08:00", "ends": "18:00", "zone": "Europe/Berlin",
}  # fmt: skip
NIGHT = {"days": ["saturday", "sunday"], "begins": "22:00", "ends": "06:00", "zone": "Asia/Tokyo"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(home: Path, person: Company, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Employee:
    """`START` is a Monday, 10:00 in Berlin."""
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", "mon-fri 08:00-18:00 Europe/Berlin; sat,sun 22:00-6:00 Asia/Tokyo")
    allow(["Excel"])
    return person("ada@example.com", zone="America/New_York")


@pytest.fixture
def ask(unknown: TestClient, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`ask()`: what a recorder is told that knows only its device, and with which tag."""
    token, line = service_tokens.make(
        "recorder", [Scope.CAPTURE_CONTROL, Scope.RECORDERS_REPORT], ["*"], date(2027, 1, 1)
    )
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    headers = {"Authorization": f"Bearer {token}"}
    said = {"device": "PC-1", "state": "recording"}
    heard = unknown.put("/v1/capture-control/heartbeat", params={"email": ada.email}, json=said, headers=headers)
    assert heard.status_code == 200, heard.text

    def asked() -> tuple[dict[str, Any], str]:
        answer = unknown.get("/v1/capture-control/PC-1", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json(), answer.headers["ETag"]

    return asked


def test_a_recorder_is_told_inside_and_outside(ask: Any, at: Clock) -> None:
    inside, tag = ask()
    assert (inside["may_record"], inside["working_hours"]) == (True, [OFFICE, NIGHT])
    at(START + timedelta(hours=8))
    outside, other = ask()
    assert (outside["may_record"], outside["paused_until"]) == (False, None)
    assert outside["working_hours"] == [OFFICE, NIGHT]
    assert outside["policies"] == inside["policies"], "those in force stay data"
    assert tag != other
    at(datetime(2026, 1, 10, 20, 59))  # noqa: DTZ001 (Sunday 5:59 in Tokyo)
    assert ask()[0]["may_record"]
    at(datetime(2026, 1, 10, 21))  # noqa: DTZ001
    assert not ask()[0]["may_record"]


def test_it_asks_again_in_the_moment_in_which_they_begin_or_end(ask: Any, at: Clock) -> None:
    assert ask()[0]["poll_seconds"] == 60
    ends = START + timedelta(hours=8)
    at(ends - timedelta(seconds=7, milliseconds=400))
    last = ask()[0]
    assert (last["may_record"], last["poll_seconds"]) == (True, 8)
    at(ends + timedelta(milliseconds=600))
    assert (ask()[0]["may_record"], ask()[0]["poll_seconds"]) == (False, 60)
    at(datetime(2026, 1, 6, 6, 59, 30))  # noqa: DTZ001
    assert (ask()[0]["may_record"], ask()[0]["poll_seconds"]) == (False, 30)


def test_without_the_setting_there_is_no_restriction(ask: Any, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBOOK_WORKING_HOURS")
    at(datetime(2026, 1, 11, 2, 59, 30))  # noqa: DTZ001
    said, _ = ask()
    assert (said["may_record"], said["working_hours"], said["poll_seconds"]) == (True, [], 60)


def test_the_person_reads_them(api: Client, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api(ada)
    assert client.get("/v1/me/recording").json()["working_hours"] == [OFFICE, NIGHT]
    assert client.put("/v1/me/pause", json={"minutes": 5}).json()["working_hours"] == [OFFICE, NIGHT]
    monkeypatch.delenv("OPENBOOK_WORKING_HOURS")
    assert client.get("/v1/me/recording").json()["working_hours"] == []


def test_ingestion_and_its_preview_refuse_what_is_outside(
    api: Client, ada: Employee, tmp_path: Path, at: Clock
) -> None:
    at(START + timedelta(days=2))
    source = log(tmp_path, -3 * 3600, -7201, -7200, 0, 8 * 3600 - 1, 8 * 3600, 20 * 3600)
    shown = preview("ui-log", source, ada.email, lambda *_: None).batch
    batch = ingest("ui-log", source, ada.email).batch
    assert (shown.stored, shown.kept_out) == (batch.stored, batch.kept_out) == (3, 4)
    assert len(stored(ada.subject)) == 3
    assert reasons(api(ada)) == {"outside_hours": 4}


def test_a_pause_is_named_before_the_hours(api: Client, ada: Employee, tmp_path: Path, at: Clock) -> None:
    """It is the person's own choice."""
    ends = START + timedelta(hours=8)
    at(ends - MINUTE)
    api(ada).put("/v1/me/pause", json={"minutes": 2})
    at(ends + timedelta(hours=1))
    end = 8 * 3600
    assert ingest("ui-log", log(tmp_path, end - 61, end - 1, end + 59, end + 60), ada.email).batch.stored == 1
    assert reasons(api(ada)) == {"paused": 2, "outside_hours": 1}


def test_the_hours_are_named_before_a_notice_or_a_policy(api: Client, ada: Employee, tmp_path: Path, at: Clock) -> None:
    allow(["Excel"], valid_from=date(2026, 1, 7))
    at(START + timedelta(days=1))
    assert ingest("ui-log", log(tmp_path, -10_000, 9 * 3600), ada.email).batch.kept_out == 2
    assert reasons(api(ada)) == {"outside_hours": 2}


def test_what_longer_hours_cover_later_is_stored_then(
    api: Client, ada: Employee, tmp_path: Path, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(START + timedelta(days=1))
    source = log(tmp_path, 8 * 3600)
    assert ingest("ui-log", source, ada.email).batch.kept_out == 1
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", "mon-fri 08:00-19:00 Europe/Berlin")
    assert ingest("ui-log", source, ada.email).batch.stored == 1
    assert reasons(api(ada)) == {}
