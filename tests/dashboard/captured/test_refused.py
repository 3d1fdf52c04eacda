"""What was refused, in plain words, on Overview and Captured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.captured.refused_panel import sentences
from directory import Employee
from lake.ingest.ingesting import ingest
from lake.rules.refusing import Reason
from languages.language import speaking
from queries import Refused
from tests.dashboard.conftest import OpenApp, words
from tests.lake.ingesting import allow, ui_log, ui_log_row


@pytest.mark.parametrize("page", [None, "views/captured.py"])
def test_refused_records_are_named(
    open_app: OpenApp, person: Callable[..., Employee], tmp_path: Path, page: str | None
) -> None:
    ada = person("ada@example.com")
    allow(["Excel"])
    rows = [ui_log_row(1, targetApp="Excel", target_value="kept")]
    rows += [ui_log_row(number, targetApp="Telegram", target_value="private") for number in range(2, 7)]
    ingest("ui-log", str(ui_log(tmp_path / "log.csv", rows)), ada.email)
    app = open_app(ada)
    if page:
        app.switch_page(page).run()
    assert "5 records from Telegram were refused: not on your employer's list." in words(app)
    bob = open_app(person("bob@example.com"))
    assert "Telegram" not in words(bob)


def test_a_name_is_shown_literally() -> None:
    [sentence] = sentences([Refused(None, "![](https://x.example)", None, None, Reason.POLICY, 1)])
    assert "https://" not in sentence
    assert sentence.endswith("was refused: not on your employer's list.")


@pytest.mark.parametrize("code", ["de", "fr", "es"])
@pytest.mark.parametrize("what", ["reaction", "huddle", "private browsing", "events of an unknown kind"])
def test_what_is_left_out_is_named_in_the_language_of_the_screen(code: str, what: str) -> None:
    refused = [Refused(None, "Slack", None, what, Reason.LEFT_OUT, 1)]
    with speaking(code):
        [sentence] = sentences(refused)
    assert what not in sentence
