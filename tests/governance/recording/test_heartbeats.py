"""Which recorders run: what they say, what becomes of it, and who may say it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.recording import heartbeats
from governance.rounds import tidying
from lake.ingest.ingesting import ingest
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.lake.ingesting import START, allow, ui_log, ui_log_row
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]

HEARTBEAT = "/v1/capture-control/heartbeat"
MINUTE = timedelta(minutes=1)
Recorder = Callable[..., Callable[..., Any]]


@pytest.fixture
def ada(home: Path, person: Company, at: Clock) -> Employee:
    allow(["Excel"])
    return person("ada@example.com", zone="Europe/Berlin")


@pytest.fixture
def recorder(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """`recorder(name, namespace)`: reports with a token of its own."""
    lines: list[str] = []

    def of(name: str = "desk", namespace: str = "*") -> Callable[..., Any]:
        token, line = service_tokens.make(name, [Scope.RECORDERS_REPORT], [namespace])
        lines.append(line)
        monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(lines))

        def tell(person: Employee, state: str, device: str = "PC-1", **more: Any) -> Any:
            said = {"device": device, "state": state, **more}
            headers = {"Authorization": f"Bearer {token}"}
            return unknown.put(HEARTBEAT, params={"email": person.email}, json=said, headers=headers)

        return tell

    return of


def seen(client: TestClient) -> list[tuple[str, str]]:
    """Device and state of each recorder."""
    answer = client.get("/v1/me/recorders")
    assert answer.status_code == 200, answer.text
    return [(each["device"], each["state"]) for each in answer.json()["recorders"]]


def test_a_device_asks_for_its_person(
    unknown: TestClient, api: Client, ada: Employee, person: Company, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scopes = [Scope.RECORDERS_REPORT, Scope.CAPTURE_CONTROL]
    (token, line), (other, of_other) = (service_tokens.make(name, scopes) for name in ("desk", "other"))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", f"{line},{of_other}")

    def tell(whom: Employee, with_token: str = token) -> None:
        said, headers = {"device": "PC-1", "state": "recording"}, {"Authorization": f"Bearer {with_token}"}
        assert unknown.put(HEARTBEAT, params={"email": whom.email}, json=said, headers=headers).status_code == 200

    def ask(device: str = "PC-1", with_token: str = token, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {with_token}", **headers}
        return unknown.get(f"/v1/capture-control/{device}", headers=given)

    bob = person("bob@example.com")
    assert (ask().status_code, "no such device" in ask().text) == (404, True)
    tell(ada)
    answer = ask()
    assert (answer.status_code, answer.json()["applications"]) == (200, ["Excel"]), answer.text
    assert ask(**{"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert ask("PC-2").status_code == ask(with_token=other).status_code == 404
    assert ask("PC 1").status_code == 422
    at(START + MINUTE)
    tell(bob)
    assert (ask().status_code, "more than one person" in ask().text) == (409, True)
    at(START + 7 * MINUTE)
    tell(bob)
    api(bob).put("/v1/me/pause", json={"minutes": 5})
    assert (ask().status_code, ask().json()["may_record"]) == (200, False)


def test_a_person_sees_what_their_recorders_say(
    api: Client, ada: Employee, person: Company, recorder: Recorder, at: Clock
) -> None:
    tell, bob = recorder(), person("bob@example.com")
    told = tell(ada, "recording", version="2.1")
    assert (told.status_code, told.json()["report_again_seconds"]) == (200, 60), told.text
    at(START + MINUTE)
    tell(ada, "stopped", "PC-2")
    assert seen(api(ada)) == [("PC-2", "stopped"), ("PC-1", "recording")]
    assert seen(api(bob)) == []
    [_, first] = api(ada).get("/v1/me/recorders").json()["recorders"]
    assert (first["service"], first["version"], first["source"]) == ("desk", "2.1", "intake")
    assert first["heard_at"] == f"{START:%Y-%m-%dT%H:%M:%S}Z"


def test_silence_is_said_so(api: Client, ada: Employee, recorder: Recorder, at: Clock) -> None:
    tell = recorder()
    tell(ada, "recording")
    tell(ada, "stopped", "PC-2")
    at(START + heartbeats.SILENT_AFTER)
    assert seen(api(ada)) == [("PC-1", "recording"), ("PC-2", "stopped")]
    at(START + heartbeats.SILENT_AFTER + timedelta(seconds=1))
    assert seen(api(ada)) == [("PC-1", "silent"), ("PC-2", "stopped")]
    tell(ada, "paused")
    assert seen(api(ada)) == [("PC-1", "paused"), ("PC-2", "stopped")]


def test_recording_despite_a_pause_is_said_so(api: Client, ada: Employee, recorder: Recorder, at: Clock) -> None:
    tell = recorder()
    tell(ada, "recording")
    at(START + MINUTE)
    api(ada).put("/v1/me/pause", json={"minutes": 30})
    assert seen(api(ada)) == [("PC-1", "recording_before_pause")]
    at(START + MINUTE + timedelta(seconds=59))
    tell(ada, "recording")
    assert seen(api(ada)) == [("PC-1", "recording_before_pause")]
    at(START + 3 * MINUTE)
    tell(ada, "recording")
    assert seen(api(ada)) == [("PC-1", "recording_despite_pause")]
    tell(ada, "paused")
    assert seen(api(ada)) == [("PC-1", "paused")]


def test_another_persons_token_cannot_speak_for_a_recorder(
    api: Client, ada: Employee, person: Company, recorder: Recorder, at: Clock
) -> None:
    bob = person("bob@example.com")
    of_ada, of_bob = recorder("desk-a", ada.email), recorder("desk-b", bob.email)
    assert of_ada(ada, "recording").status_code == 200
    refused = of_bob(ada, "stopped")
    assert (refused.status_code, "namespaces" in refused.json()["detail"]) == (403, True)
    assert recorder("desk-c", "ada@example.co")(ada, "stopped").status_code == 403
    assert seen(api(ada)) == [("PC-1", "recording")]
    assert api(bob).put(HEARTBEAT, params={"email": ada.email}, json={}).status_code in (401, 403)
    at(START + MINUTE)
    assert recorder("everywhere")(ada, "stopped").status_code == 200
    assert seen(api(ada)) == [("PC-1", "stopped"), ("PC-1", "recording")]


def test_reports_are_limited(ada: Employee, recorder: Recorder, at: Clock) -> None:
    tell = recorder()
    assert tell(ada, "recording").status_code == 200
    again = tell(ada, "recording")
    assert (again.status_code, again.headers["Retry-After"]) == (429, "10")
    assert tell(ada, "paused").status_code == 200
    for number in range(2, 21):
        assert tell(ada, "recording", f"PC-{number}").status_code == 200
    assert tell(ada, "recording", "PC-21").status_code == 409
    at(START + MINUTE)
    assert tell(ada, "recording", "PC-20").status_code == 200


@pytest.mark.parametrize("said", [{"device": "Ada's PC"}, {"state": "asleep"}, {"title": "words"}, {"version": "a b"}])
def test_a_report_has_no_room_for_content(api: Client, ada: Employee, recorder: Recorder, said: dict[str, str]) -> None:
    more = {"device": "PC-1", "state": "recording", **said}
    assert recorder()(ada, more.pop("state"), more.pop("device"), **more).status_code == 422
    assert seen(api(ada)) == []


def test_what_came_without_reports_is_not_known(
    api: Client, ada: Employee, recorder: Recorder, tmp_path: Path, at: Clock
) -> None:
    def unreported() -> list[str]:
        return [each["source"] for each in api(ada).get("/v1/me/recorders").json()["unreported"]]

    ingest("ui-log", str(ui_log(tmp_path / "log.csv", [ui_log_row(5, targetApp="Excel")])), ada.email)
    assert unreported() == ["ui-log"]
    tell = recorder()
    tell(ada, "recording")
    assert unreported() == ["ui-log"]
    tell(ada, "stopped", source="ui-log")
    assert unreported() == []
    at(START + timedelta(days=8))
    heartbeats.forget(ada.subject)
    assert unreported() == []


def test_what_is_silent_for_long_is_forgotten(api: Client, ada: Employee, recorder: Recorder, at: Clock) -> None:
    tell = recorder()
    tell(ada, "recording")
    at(START + timedelta(days=1))
    tell(ada, "stopped", "PC-2")
    at(START + heartbeats.KEPT)
    tidying.forget_recorders()
    assert seen(api(ada)) == [("PC-2", "stopped")]


def test_an_erasure_of_everything_forgets_them(api: Client, ada: Employee, person: Company, recorder: Recorder) -> None:
    tell, bob = recorder(), person("bob@example.com")
    tell(ada, "recording")
    tell(bob, "recording")
    client = api(ada)
    part = client.post("/v1/requests", json={"type": "erasure", "scope": {"signals": ["scroll"]}}).json()["id"]
    carry_out(part)
    stays = [each["what"] for each in client.get(f"/v1/requests/{part}").json()["outcome"]["stays"]]
    assert any("which recorders said" in what for what in stays)
    everything = client.post("/v1/requests", json={"type": "erasure", "scope": {}}).json()["id"]
    carry_out(everything)
    stays = [each["what"] for each in client.get(f"/v1/requests/{everything}").json()["outcome"]["stays"]]
    assert not any("which recorders said" in what for what in stays)
    assert seen(api(ada)) == []
    assert seen(api(bob)) == [("PC-1", "recording")]
