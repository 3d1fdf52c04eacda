"""The buttons that pause recording, with the real API and real ingestion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import clock
from directory import Directory, Employee
from lake.ingest.ingesting import ingest
from tests.dashboard.conftest import OpenApp, words
from tests.lake.ingesting import START, allow, ui_log, ui_log_row


def buttons(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_a_click_pauses_and_another_ends_it(
    open_app: OpenApp, person: Callable[..., Employee], api: str, tmp_path: Path
) -> None:
    ada = person("ada@example.com")
    allow(["Excel"])
    app = open_app(ada)
    assert {"Pause for 30 minutes", "Pause until tomorrow"} <= buttons(app)
    app.button(key="pause_30").click().run()
    assert "**Paused** until" in words(app)
    now = int((clock.now_utc() - START) / timedelta(seconds=1)) + 1
    row = ui_log_row(now, targetApp="Excel", target_value="typed in the pause")
    batch = ingest("ui-log", str(ui_log(tmp_path / "log.csv", [row])), ada.email).batch
    assert (batch.stored, batch.kept_out) == (0, 1)
    app.button(key="resume").click().run()
    assert "**Paused** until" not in words(app)
    assert "recording was paused" in words(app)
    with Directory.open() as directory:
        assert directory.pauses_of(ada.subject).current(clock.now_utc()) is None


def test_pauses_that_are_not_allowed_are_said_so(
    open_app: OpenApp, person: Callable[..., Employee], api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_PAUSE_HOURS", "0")
    allow(["Excel"])
    app = open_app(person("ada@example.com"))
    assert "don't allow you to pause" in words(app)
    assert not any("Pause" in label for label in buttons(app))
