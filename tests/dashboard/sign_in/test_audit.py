"""What the employer's security monitoring is told of sign-ins and sign-outs at the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import security_events
from dashboard.sign_in import audit
from directory import Employee
from tests.dashboard.sign_in.test_server_sessions import SECRET, TOKEN, dashboard, given, secret_is
from tests.support.security import events_in


@pytest.fixture(autouse=True)
def stream(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    secret_is(monkeypatch, SECRET)
    file = tmp_path / "security.jsonl"
    monkeypatch.setenv("OPENBOOK_SECURITY_EVENTS", str(file))
    monkeypatch.setattr(security_events, "_recent", security_events._Recent())
    return file


def test_sign_in_and_sign_out_name_the_key(
    stream: Path, person: Callable[..., Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    with dashboard(monkeypatch) as browser:
        number = given(browser.get("/oauth2callback"))["__Host-openbook_session"].value
        browser.get("/auth/logout")
    came, left = events_in(stream)
    assert [event["type_uid"] for event in (came, left)] == [300201, 300202]
    assert {event["user"]["uid"] for event in (came, left)} == {str(ada.subject)}
    assert {event["status_id"] for event in (came, left)} == {1}
    told = stream.read_text()
    assert not [word for word in (TOKEN, number, SECRET, ada.email, ada.name) if word in told]


def test_sign_in_of_a_stranger_is_told_as_unknown(stream: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(monkeypatch, sub="a-stranger") as browser:
        browser.get("/oauth2callback")
    [event] = events_in(stream)
    assert event["user"]["uid"] == "unknown"
    assert "a-stranger" not in stream.read_text()


@pytest.mark.parametrize(("path", "failed"), [("/auth/login", False), ("/oauth2callback", True)])
def test_failed_sign_in_is_told(stream: Path, monkeypatch: pytest.MonkeyPatch, path: str, failed: bool) -> None:
    with dashboard(monkeypatch, failed=failed) as browser:
        assert browser.get(path).status_code == 503
    [event] = events_in(stream)
    assert (event["type_uid"], event["status_id"], event["status_detail"]) == (300201, 2, audit.UNREACHABLE)


def test_sign_in_that_can_not_be_kept_is_told(stream: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(monkeypatch, exp=None) as browser:
        assert browser.get("/oauth2callback").status_code == 503
    assert [event["status_detail"] for event in events_in(stream)] == [audit.NOT_KEPT]
