"""Event types of UI loggers that ours doesn't list by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.connectors import CONNECTORS, Record
from tests.lake.ingesting import ui_log, ui_log_row


@pytest.mark.parametrize(
    ("event", "signal"),
    [
        ("escapeKey", "keystroke"),
        ("undo", "form_edit"),
        ("highlightCells", "form_edit"),
        ("focusPane", "navigation"),
        ("app_launched", "navigation"),
    ],
)
def test_signal(tmp_path: Path, event: str, signal: str) -> None:
    (record,) = CONNECTORS["ui-log"].read(str(ui_log(tmp_path / "log.csv", [ui_log_row(0, eventType=event)])))
    assert isinstance(record, Record)
    assert record.signal == signal
