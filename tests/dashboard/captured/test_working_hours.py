"""Working hours on Overview, with the real API and real ingestion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from directory import Employee
from lake.ingest.ingesting import ingest
from tests.dashboard.conftest import OpenApp, words
from tests.lake.ingesting import allow, ui_log, ui_log_row

SET_BY = "Your employer set these hours. Records dated outside them are refused when they arrive."


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("mon-fri 08:00-18:00 Europe/Berlin", "Monday to Friday, 08:00 to 18:00 (Europe/Berlin)"),
        ("sun-thu 8:00-16:00 UTC", "Sunday to Thursday, 08:00 to 16:00 (UTC)"),
        (
            "mon,wed 22:00-06:00 Asia/Tokyo; sat 18:00-00:00 UTC",
            "Monday and Wednesday, 22:00 to 06:00 on the next day (Asia/Tokyo); Saturday, 18:00 to 24:00 (UTC)",
        ),
        ("mon-sun 08:00-18:00 Europe/Berlin", "every day, 08:00 to 18:00 (Europe/Berlin)"),
    ],
)
def test_the_person_reads_when_recording_is_allowed(
    open_app: OpenApp,
    person: Callable[..., Employee],
    api: str,
    monkeypatch: pytest.MonkeyPatch,
    hours: str,
    said: str,
) -> None:
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", hours)
    allow(["Excel"])
    assert f"Recording is allowed only {said}. {SET_BY}" in words(open_app(person("ada@example.com")))


def test_what_was_outside_is_named_on_overview_and_captured(
    open_app: OpenApp, person: Callable[..., Employee], api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is of a Monday, 9:00 in UTC."""
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", "mon-fri 07:00-09:00 UTC")
    ada = person("ada@example.com")
    allow(["Excel"])
    rows = [ui_log_row(number, targetApp="Excel", target_value="late") for number in (-1, 0, 1)]
    batch = ingest("ui-log", str(ui_log(tmp_path / "log.csv", rows)), ada.email).batch
    assert (batch.stored, batch.kept_out) == (1, 2)
    app = open_app(ada)
    sentence = "2 records from Excel were refused: outside your employer's working hours."
    assert sentence in words(app)
    assert sentence in words(app.switch_page("views/captured.py").run())


def test_without_the_setting_nothing_is_said(open_app: OpenApp, person: Callable[..., Employee], api: str) -> None:
    allow(["Excel"])
    assert SET_BY not in words(open_app(person("ada@example.com")))
