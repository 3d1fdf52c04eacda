"""Private windows of browsers are recognised by their titles, wherever these come from, and never stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lake.connectors.private_windows import says_private
from lake.ingest.ingesting import ingest
from lake.terminal import of_summary
from tests.lake.ingesting import allow, opencua_folder, stored, texts, typing
from tests.support.people import Company

PRIVATE = [
    ("Chrome", "Clinic appointments - Google Chrome (Incognito)"),
    ("chrome.exe", "Klinik - Google Chrome (Inkognito)"),
    ("Google Chrome", "Clinic appointments - Google Chrome - Ada Lovelace (Incognito)"),
    ("Google Chrome", "病院 - Google Chrome\uff08シークレット\uff09"),
    ("chrome", "Clinique - Google Chrome (navigation privée)"),
    ("Chromium", "New Incognito Tab - Chromium"),
    ("msedge.exe", "Clinic and 2 more pages - [InPrivate] - Microsoft\u200b Edge"),
    ("Unknown", "InPrivate - Microsoft Edge"),
    ("firefox", "Clinic — Mozilla Firefox Private Browsing"),
    ("Firefox", "Clinic — Private Browsing"),
    ("Navigator", "Klinik - Mozilla Firefox (Privater Modus)"),
    ("firefox.exe", "Clínica — Navegación privada de Mozilla Firefox"),
    ("Firefox", "病院 — Mozilla Firefox プライベートブラウジング"),
    ("Firefox", "Клиника — Mozilla Firefox (Приватный просмотр)"),
    ("Safari", "Clinic — Private"),
    ("Safari", "Private Browsing — Clinic"),
    ("Brave Browser", "Clinic of many words - Brave (Private Window with Tor)"),
    ("opera", "Clinic - Opera (Private)"),
    ("Vivaldi", "Klinik - Vivaldi (Privat)"),
    ("Clinic - Google Chrome (Incognito)", "Clinic - Google Chrome (Incognito)"),
    ("firefox.real", "Library hours — Tor Browser"),
    ("Tor Browser", "Library hours"),
    ("DuckDuckGo", "Library hours \u2013 DuckDuckGo Fire Window"),
]
ORDINARY = [
    ("Chrome", "Tor Browser - Google Chrome"),
    ("Word", "The Tor Browser in class - Word"),
    ("Chrome", "Fire window repairs - Google Chrome"),
    ("Chrome", "Incognito - Google Chrome"),
    ("Chrome", "Private - Google Chrome"),
    ("Chrome", "How to use private browsing - Google Chrome"),
    ("Chrome", "repo (Private)"),
    ("Edge", "What is InPrivate browsing? - Microsoft Edge"),
    ("Firefox", "Private life of plants — Mozilla Firefox"),
    ("Word", "Report (Private).docx - Word"),
    ("Excel", "Incognito"),
    ("Slack", "#incognito"),
]


@pytest.mark.parametrize(("application", "title"), PRIVATE)
def test_a_private_window(application: str, title: str) -> None:
    assert says_private(application, title)


@pytest.mark.parametrize(("application", "title"), ORDINARY)
def test_another_window(application: str, title: str) -> None:
    assert not says_private(application, title)


def _event(second: int, **data: Any) -> dict[str, Any]:
    return {"timestamp": f"2026-01-05T09:00:{second:02}+00:00", "duration": 9, "data": data}


def test_activitywatch_with_the_input_in_that_window(person: Company, tmp_path: Path) -> None:
    ada = person("ada@example.com")
    allow(["Chrome", "Excel"])
    windows = [
        _event(0, app="Chrome", title="Clinic appointments - Google Chrome (Incognito)"),
        _event(20, app="Excel", title="Budget"),
    ]
    presses = [_event(5, presses=7), _event(25, presses=8)]
    kinds = {"window": ("currentwindow", windows), "input": ("os.hid.input", presses)}
    buckets = {
        name: {"id": f"aw-watcher-{name}_desk", "type": kind, "hostname": "desk", "events": events}
        for name, (kind, events) in kinds.items()
    }
    (tmp_path / "export.json").write_text(json.dumps({"buckets": buckets}))
    done = ingest("activitywatch", str(tmp_path / "export.json"), ada.email)
    assert dict(done.outside_policy) == {("Chrome", "private browsing"): 2}
    assert {each.application for each in stored(ada.subject)} == {"Excel"}


def test_a_log_and_a_recording(person: Company, tmp_path: Path) -> None:
    ada = person("ada@example.com")
    title = "Clinic - Google Chrome (Incognito)"
    allow(["Chrome", title])
    columns = "timeStamp,userID,targetApp,eventType,title,content"
    rows = [f"2026-01-05T09:00:0{number}Z,r,Chrome,copy,{each},words" for number, each in enumerate((title, "Budget"))]
    (tmp_path / "log.csv").write_text("\n".join([columns, *rows]))
    done = ingest("ui-log", str(tmp_path / "log.csv"), ada.email)
    assert (done.batch.stored, done.batch.outside_policy) == (1, 1)
    recording = ingest("opencua", str(opencua_folder(tmp_path / "recording", typing("abc"), title)), ada.email)
    assert (recording.batch.stored, recording.batch.outside_policy) == (0, 3)
    assert "Clinic" not in texts(stored(ada.subject)) + json.dumps(of_summary(recording, dry_run=False).result)
