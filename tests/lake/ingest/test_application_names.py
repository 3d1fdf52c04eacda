"""An application is the same whatever its case, with or without `.exe`; captures have the name of the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.ingest.ingesting import ingest
from tests.lake.ingesting import allow, opencua_folder, stored, typing
from tests.support.people import Company


def recorded(folder: Path, application: str) -> str:
    recording = opencua_folder(folder, typing("abc"))
    (recording / "top_window.jsonl").write_text(f'{{"time_stamp": 0, "top_window_name": "{application}"}}\n')
    return str(recording)


@pytest.mark.parametrize("named", ["firefox", "Firefox", "FIREFOX.EXE", "firefox.exe"])
@pytest.mark.parametrize("listed", ["Firefox", "firefox.exe"])
def test_case_and_exe_make_no_difference(person: Company, tmp_path: Path, named: str, listed: str) -> None:
    ada = person()
    allow([listed])
    batch = ingest("opencua", recorded(tmp_path / "recording", named), ada.email).batch
    assert batch.outside_policy == 0
    assert {capture.application for capture in stored(ada.subject)} == {listed}


def test_a_name_that_is_listed_as_it_is_wins(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(["Code", "code"])
    ingest("opencua", recorded(tmp_path / "recording", "code"), ada.email)
    assert {capture.application for capture in stored(ada.subject)} == {"code"}


@pytest.mark.parametrize("other", ["firefox-esr", "fire fox", "exe", "firefox.exe.exe"])
def test_other_names_stay_outside(person: Company, tmp_path: Path, other: str) -> None:
    ada = person()
    allow(["Firefox"])
    batch = ingest("opencua", recorded(tmp_path / "recording", other), ada.email).batch
    assert batch.stored == 0
    assert batch.outside_policy == batch.read
