"""What the employer's security monitoring is told of refused tokens and accesses, and that it is told nothing else."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
import security_events
from governance.api.app import create_app
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.support.issuer import Issuer
from tests.support.people import Company
from tests.support.security import check, events_in

TokenFor = Callable[..., str]
DATASET = "/v1/datasets/5a1f0c52-5f3c-4c50-9f35-b2a4b8a4c3e1"


@pytest.fixture(autouse=True)
def nothing_recent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_events, "_recent", security_events._Recent())


@pytest.fixture
def stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "security.jsonl"
    monkeypatch.setenv("OPENBOOK_SECURITY_EVENTS", str(file))
    return file


def bearing(client: TestClient, token: str, path: str = "/v1/me") -> int:
    return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_refused_token_is_told_without_the_token(
    stream: Path, unknown: TestClient, person: Company, token_for: TokenFor
) -> None:
    forged = token_for(person())[:-8] + "AAAAAAAA"
    assert bearing(unknown, forged) == 401
    assert bearing(unknown, "a-made-up-service-token", DATASET) == 401
    person_refused, service_refused = events_in(stream)
    assert (person_refused["type_uid"], person_refused["status_id"]) == (300201, 2)
    assert "not signed by the identity provider" in person_refused["status_detail"]
    assert person_refused["src_endpoint"] == {"name": "unknown"}, "the test client has no address"
    assert "unknown" in service_refused["status_detail"]
    assert forged not in stream.read_text()
    assert "made-up" not in stream.read_text()


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_event_names_the_address_that_it_came_from(stream: Path, address: str, home: Path) -> None:
    with TestClient(create_app(), client=(address, 50_000)) as client:
        assert bearing(client, "x.y.z") == 401
    assert [event["src_endpoint"] for event in events_in(stream)] == [{"ip": address}]


def test_expired_or_missing_token_is_no_event(
    stream: Path, unknown: TestClient, person: Company, token_for: TokenFor
) -> None:
    past = int((clock.now() - timedelta(hours=1)).timestamp())
    assert bearing(unknown, token_for(person(), exp=past, iat=past - 600)) == 401
    assert unknown.get("/v1/me").status_code == 401
    assert bearing(unknown, token_for("ada")) == 200
    assert events_in(stream) == []


def test_refused_access_names_key_and_route_only(stream: Path, api: Client, person: Company) -> None:
    ada, eve = person(), person("eve@example.com")
    address = f"/v1/holds/{eve.subject}"
    assert api(ada).delete(address).status_code == 403
    [event] = events_in(stream)
    assert (event["class_uid"], event["status_id"]) == (6003, 2)
    assert event["actor"]["user"]["uid"] == str(ada.subject)
    assert event["api"]["operation"] == "DELETE /v1/holds/{hold}"
    assert event["api"]["response"]["code"] == 403
    told = stream.read_text()
    assert not [word for word in (str(eve.subject), ada.email, ada.department) if word in told]


def test_stranger_with_a_valid_token_is_told_as_unknown(stream: Path, unknown: TestClient, token_for: TokenFor) -> None:
    assert bearing(unknown, token_for("a-stranger")) == 403
    [event] = events_in(stream)
    assert event["actor"]["user"] == {"uid": "unknown", "type_id": 0}
    assert "a-stranger" not in stream.read_text()


def test_logout_by_the_provider_is_told(stream: Path, unknown: TestClient, person: Company, issuer: Issuer) -> None:
    ada = person()
    assert (
        unknown.post("/back-channel-logout", data={"logout_token": issuer.logout_token(sub="ada")}).status_code == 200
    )
    [event] = events_in(stream)
    assert (event["type_uid"], event["user"]["uid"]) == (300202, str(ada.subject))


def test_same_event_is_written_once_a_minute_and_counted(
    stream: Path, unknown: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        assert bearing(unknown, "x.y.z") == 401
    assert [event["count"] for event in events_in(stream)] == [1]
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert bearing(unknown, "x.y.z") == 401
    assert [event["count"] for event in events_in(stream)] == [1, 20]


def test_file_may_be_renamed_by_whatever_rotates_it(stream: Path, unknown: TestClient, tmp_path: Path) -> None:
    bearing(unknown, "x.y.z")
    stream.rename(tmp_path / "rotated.jsonl")
    bearing(unknown, "unknown-service-token", DATASET)
    assert [len(events_in(file)) for file in (tmp_path / "rotated.jsonl", stream)] == [1, 1]


def test_event_that_can_not_be_written_stops_nobody(
    unknown: TestClient,
    person: Company,
    token_for: TokenFor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("OPENBOOK_SECURITY_EVENTS", str(tmp_path / "nowhere" / "security.jsonl"))
    assert bearing(unknown, "x.y.z") == 401
    assert bearing(unknown, token_for(person())) == 200
    assert "a security event could not be written" in caplog.text


def test_syslog_server_gets_each_event(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(60)
        monkeypatch.setenv("OPENBOOK_SECURITY_EVENTS", f"syslog://127.0.0.1:{server.getsockname()[1]}")
        assert bearing(unknown, "x.y.z") == 401
        received = server.recv(65_536).decode()
    priority, _, event = received.partition(">")
    assert priority == "<38", "facility auth, severity informational"
    check(json.loads(event))


def test_nothing_is_recorded_without_the_setting(unknown: TestClient, tmp_path: Path) -> None:
    before: set[Any] = set(tmp_path.rglob("*"))
    assert bearing(unknown, "x.y.z") == 401
    assert not [path for path in set(tmp_path.rglob("*")) - before if "security" in path.name]


def test_receipt_names_what_monitoring_was_told(
    stream: Path, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_LOGS_KEPT", "Ninety days.")
    ada = api(person())
    assert [each["until"] for each in what_stays(ada)] == ["Ninety days."]
    monkeypatch.delenv("OPENBOOK_SECURITY_EVENTS")
    assert what_stays(ada) == []


def what_stays(client: TestClient) -> list[dict[str, Any]]:
    """What an erasure of everything says that security monitoring keeps."""
    asked = client.post("/v1/requests", json={"type": "erasure"}).json()
    assert carry_out(asked["id"])
    stays = client.get(f"/v1/requests/{asked['id']}").json()["outcome"]["stays"]
    return [each for each in stays if "security monitoring" in each["what"]]
