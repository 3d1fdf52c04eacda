"""Pauses in set hours on Overview, with the real API and real ingestion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

import clock
from directory import Directory, Employee
from lake.ingest.ingesting import ingest
from tests.dashboard.captured.test_pause import buttons
from tests.dashboard.conftest import OpenApp, words
from tests.lake.ingesting import START, allow, ui_log, ui_log_row


def test_hours_are_set_and_ended_by_clicks(
    open_app: OpenApp, person: Callable[..., Employee], api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_PAUSE_SET_HOURS", "12")
    ada = person("ada@example.com")
    allow(["Excel"])
    app = open_app(ada)
    now = clock.now_utc()
    first = time(0) if now.hour < 12 else time(12)
    last = time(12) if now.hour < 12 else time(0)
    app.multiselect(key="set_hours_days").set_value(["monday", f"{now:%A}".lower()] if now.weekday() else ["monday"])
    app.time_input(key="set_hours_begins").set_value(first)
    app.time_input(key="set_hours_ends").set_value(last)
    next(button for button in app.button if button.label == "Pause in these hours every week").click().run()
    assert not app.exception
    assert "every week since" in words(app)
    assert "**Paused** until" in words(app)
    assert "These are hours that you set." in words(app)
    assert "End the pause" not in buttons(app)
    row = ui_log_row(int((clock.now_utc() - START) / timedelta(seconds=1)) + 1, targetApp="Excel", target_value="typed")
    assert ingest("ui-log", str(ui_log(tmp_path / "log.csv", [row])), ada.email).batch.kept_out == 1
    next(button for button in app.button if button.label == "End all set hours").click().run()
    assert "**Paused** until" not in words(app)
    with Directory.open() as directory:
        assert directory.pauses_of(ada.subject).in_force(clock.now_utc()) == ()


def test_too_many_hours_are_refused_in_words(
    open_app: OpenApp, person: Callable[..., Employee], api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_PAUSE_SET_HOURS", "1")
    allow(["Excel"])
    app = open_app(person("ada@example.com"))
    app.time_input(key="set_hours_ends").set_value(time(13, 5))
    next(button for button in app.button if button.label == "Pause in these hours every week").click().run()
    assert "These hours were not set." in "".join(error.value for error in app.error)


def test_without_the_setting_none_are_offered(open_app: OpenApp, person: Callable[..., Employee], api: str) -> None:
    allow(["Excel"])
    assert "Pause in these hours every week" not in buttons(open_app(person("ada@example.com")))
