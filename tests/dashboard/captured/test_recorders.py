"""What a person reads about their recorders, with the real API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

import clock
from dashboard.text import inert
from directory import Directory, Employee
from governance.recording import heartbeats
from governance.schemas.recording import NewRecorderHeartbeat, SaidState
from tests.dashboard.conftest import OpenApp, words
from tests.lake.ingesting import allow


def tell(person: Employee, state: SaidState, device: str = "PC-0417", version: str = "") -> None:
    heartbeats.report(person, "desk", NewRecorderHeartbeat(device=device, state=state, version=version))


@pytest.fixture
def ada(person: Callable[..., Employee], api: str) -> Employee:
    allow(["Excel"])
    return person("ada@example.com")


def test_each_state_is_said_with_what_it_rests_on(
    open_app: OpenApp, ada: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No recorder has told this app whether it runs." in words(open_app(ada))
    tell(ada, SaidState.RECORDING, version="2.1")
    tell(ada, SaidState.STOPPED, "PC-2")
    shown = words(open_app(ada))
    name = f"**{inert('PC-0417')}** (desk {inert('2.1')})"
    assert f"{name}: **Recording now**, by what the recorder last told this app, on" in shown
    assert f"**{inert('PC-2')}** (desk): **Stopped**" in shown
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now_utc", lambda: clock.naive(later))
    shown = words(open_app(ada))
    assert "**Silent since**" in shown
    assert "Up to 5 minutes is normal" in shown
    assert "Recording now" not in shown


def test_a_recorder_that_ignores_a_pause_is_shown_so(open_app: OpenApp, ada: Employee) -> None:
    now = clock.now_utc()
    with Directory.open() as directory:
        directory.pause(ada.subject, now - timedelta(minutes=2), now + timedelta(minutes=30))
    tell(ada, SaidState.RECORDING)
    shown = words(open_app(ada))
    assert "**says that it is recording although you paused**" in shown
    assert "Its records are refused." in shown
    tell(ada, SaidState.PAUSED)
    assert "(desk): **Paused** until" in words(open_app(ada))


def test_without_the_api_the_page_says_so(open_app: OpenApp, ada: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    assert "Which recorders run can't be shown now" in words(open_app(ada))
