"""Bad input: a clear message and no change; a bad record costs only itself."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from pathlib import Path

import pytest

import clock
from directory import Directory, UnknownEmployee
from lake.connectors import InvalidSource
from lake.ingest.ingesting import NotIngested, ingest
from tests.lake.ingesting import START, allow, opencua_folder, stored, texts, typing, ui_log, ui_log_row
from tests.support.people import Company

ROWS = 1400
"""More lines than one row may have (`ROW_LINES`) follow the broken one."""


@pytest.mark.parametrize("name", ["opencua", "ui-log", "activitywatch"])
def test_missing_file(person: Company, tmp_path: Path, name: str) -> None:
    ada = person()
    allow()
    with pytest.raises(InvalidSource, match=r"(no |not exist).*Nothing was changed"):
        ingest(name, str(tmp_path / "absent"), ada.email)
    assert stored(ada.subject) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("opencua", "not a folder"),
        ("ui-log", "not a UI log: its first line must be a CSV header"),
        ("activitywatch", "not complete JSON"),
    ],
)
def test_wrong_format(person: Company, tmp_path: Path, name: str, said: str) -> None:
    ada = person()
    allow()
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100)
    with pytest.raises(InvalidSource, match=said) as refusal:
        ingest(name, str(picture), ada.email)
    assert "Nothing was changed" in str(refusal.value)
    assert stored(ada.subject) == []


def test_other_json_is_no_activitywatch_export(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow()
    (tmp_path / "other.json").write_text('{"events": []}')
    with pytest.raises(InvalidSource, match='no "buckets"'):
        ingest("activitywatch", str(tmp_path / "other.json"), ada.email)


def test_truncated_json_document_changes_nothing(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(["Excel"])
    events = [
        {"timestamp": f"{START + timedelta(seconds=n)}Z", "duration": 1, "data": {"app": "Excel", "title": f"{n}"}}
        for n in range(100)
    ]
    whole = json.dumps({"buckets": {"aw-watcher-window_host": {"type": "currentwindow", "events": events}}})
    (tmp_path / "export.json").write_text(whole[:-40])
    with pytest.raises(InvalidSource, match=r"truncated.*Nothing was changed"):
        ingest("activitywatch", str(tmp_path / "export.json"), ada.email)
    assert stored(ada.subject) == []
    (tmp_path / "export.json").write_text(whole)
    assert ingest("activitywatch", str(tmp_path / "export.json"), ada.email).batch.stored == 100


def test_truncated_metadata_changes_nothing(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow()
    folder = opencua_folder(tmp_path / "recording", typing("abc"))
    (folder / "metadata.json").write_text('{"start_time": "2026-01-05 09:')
    with pytest.raises(InvalidSource, match=r"metadata.json is damaged.*Nothing was changed"):
        ingest("opencua", str(folder), ada.email)
    assert stored(ada.subject) == []


def test_a_truncated_recording_loses_only_its_last_line(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow()
    folder = opencua_folder(tmp_path / "recording", typing("abc"))
    whole = (folder / "events.jsonl").read_text()
    (folder / "events.jsonl").write_text(whole[:-20])
    summary = ingest("opencua", str(folder), ada.email)
    assert (summary.batch.stored, summary.quarantined[0].line, summary.quarantined[0].reason) == (
        2,
        3,
        "not complete JSON",
    )


BROKEN_ROWS = {
    "an open quote": '"2026-01-05T09:10:00Z","recorder1","Chrome","editField","","","name","text","sesame',
    "a stray quote": '"2026-01-05T09:10:00Z","recorder1,"Chrome","editField","","","name","text","sesame"',
    "a missing field": '"2026-01-05T09:10:00Z","recorder1","Chrome","sesame"',
    "no time": '"sesame","recorder1","Chrome","editField","","","name","text","open"',
    "an unknown event": '"2026-01-05T09:10:00Z","recorder1","Chrome","sesame","","","name","text","open"',
}


@pytest.mark.parametrize("broken", BROKEN_ROWS.values(), ids=BROKEN_ROWS)
def test_one_broken_row_of_many(person: Company, tmp_path: Path, broken: str) -> None:
    ada = person()
    allow()
    rows = [ui_log_row(number, target_value=f"value {number}") for number in range(ROWS)]
    rows.insert(234, broken)
    summary = ingest("ui-log", str(ui_log(tmp_path / "log.csv", rows)), ada.email)
    assert (summary.batch.read, summary.batch.stored, summary.batch.quarantined) == (ROWS + 1, ROWS, 1)
    [quarantined] = summary.quarantined
    assert quarantined.line == 236
    assert "sesame" not in quarantined.reason
    assert {f"value {number}" for number in range(ROWS)} <= set(texts(stored(ada.subject)).split("\n"))


def test_quotes_that_a_logger_did_not_double(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow()
    cells = '"2026-01-05T09:10:00Z","recorder1","Excel","getRange","","","C2:F2","","[["1 High St";"Port, City"]]"'
    batch = ingest("ui-log", str(ui_log(tmp_path / "log.csv", [ui_log_row(), cells])), ada.email).batch
    assert (batch.stored, batch.quarantined) == (2, 0)
    assert '[["1 High St";"Port, City"]]' in texts(stored(ada.subject))


def test_two_recorders_are_not_one_person(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow()
    rows = [ui_log_row(0), ui_log_row(1, userID=""), ui_log_row(2, userID="somebody")]
    with pytest.raises(InvalidSource, match="more than one recorder") as refusal:
        ingest("ui-log", str(ui_log(tmp_path / "log.csv", rows)), ada.email)
    assert "somebody" not in str(refusal.value)
    assert stored(ada.subject) == []


def test_an_employee_not_in_the_directory(person: Company, tmp_path: Path) -> None:
    person()
    allow()
    with pytest.raises(UnknownEmployee, match=r"eve@example.com is not in the directory"):
        ingest("ui-log", str(ui_log(tmp_path / "log.csv", [ui_log_row()])), "eve@example.com")


def test_an_employee_with_another_sub_in_the_file(person: Company, tmp_path: Path) -> None:
    person()
    person(sub="oidc|ada")
    allow()
    with pytest.raises(NotIngested, match=r"isn't certain who it is. Nothing was changed"):
        ingest("ui-log", str(ui_log(tmp_path / "log.csv", [ui_log_row()])), "ada@example.com")


def test_a_former_employee(person: Company, tmp_path: Path) -> None:
    ada = person()
    (tmp_path / "directory.csv").write_text("email,name,sub,department,team,role,manager,regime\n")
    with Directory.open() as directory:
        directory.synchronise(tmp_path / "directory.csv")
    allow()
    with pytest.raises(NotIngested, match=r"has left.*Nothing was changed"):
        ingest("ui-log", str(ui_log(tmp_path / "log.csv", [ui_log_row()])), ada.email)
    assert stored(ada.subject) == []


def test_without_a_policy_nothing_may_be_stored(person: Company, tmp_path: Path) -> None:
    ada = person()
    with pytest.raises(NotIngested, match="no capture policy yet"):
        ingest("ui-log", str(ui_log(tmp_path / "log.csv", [ui_log_row()])), ada.email)


def test_a_time_in_the_future(person: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person()
    allow()
    monkeypatch.setattr(clock, "now", lambda: START.replace(tzinfo=UTC) + timedelta(minutes=1))
    rows = [ui_log_row(0), ui_log_row(300), ui_log_row(361), ui_log_row(10**6)]
    summary = ingest("ui-log", str(ui_log(tmp_path / "log.csv", rows)), ada.email)
    assert (summary.batch.stored, summary.batch.quarantined) == (2, 2)
    assert [item.line for item in summary.quarantined] == [4, 5]
    assert summary.reasons == {"its time is in the future": 2}


@pytest.mark.parametrize(
    ("filler", "reason"),
    [("x", "larger than 1 MB"), ("x\n", "a quote is never closed"), ('"', "larger than 1 MB")],
    ids=["one line", "many lines", "quotes"],
)
def test_ten_megabytes_in_one_field_of_a_log(person: Company, tmp_path: Path, filler: str, reason: str) -> None:
    ada = person()
    allow()
    huge = ui_log_row(1, target_value=filler * (10 * 2**20 // len(filler)))
    log = ui_log(tmp_path / "log.csv", [ui_log_row(0), huge, ui_log_row(2)])
    summary = ingest("ui-log", str(log), ada.email)
    assert (summary.batch.read, summary.batch.stored, dict(summary.reasons)) == (3, 2, {reason: 1})
    assert summary.quarantined[0].line == 3


def test_ten_megabytes_in_one_event(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(["Excel", "Chrome"])
    huge = "x" * (10 * 2**20)
    folder = opencua_folder(
        tmp_path / "recording", [*typing("ab"), {"time_stamp": 110.0, "action": "press", "name": huge}]
    )
    summary = ingest("opencua", str(folder), ada.email)
    assert (summary.batch.stored, dict(summary.reasons)) == (2, {"larger than 1 MB": 1})
    events = [
        {"timestamp": "2026-01-05T09:00:00Z", "duration": 1, "data": {"app": "Excel", "title": title}}
        for title in ("before", huge)
    ] + [{"timestamp": "2026-01-05T09:00:09Z", "duration": 1, "data": {"app": "Excel", "title": "after"}}]
    (tmp_path / "export.json").write_text(
        json.dumps({"buckets": {"aw-watcher-window_host": {"type": "currentwindow", "events": events}}})
    )
    summary = ingest("activitywatch", str(tmp_path / "export.json"), ada.email)
    assert (summary.batch.stored, dict(summary.reasons)) == (2, {"larger than 1 MB": 1})
    assert summary.quarantined[0].line == 2


def test_equal_records_of_one_file_are_distinct_captures(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow()
    log = ui_log(tmp_path / "log.csv", [ui_log_row(0), ui_log_row(0), ui_log_row(1)])
    assert ingest("ui-log", str(log), ada.email).batch.stored == 3
    longer = ui_log(tmp_path / "longer.csv", [ui_log_row(0), ui_log_row(0), ui_log_row(1), ui_log_row(0)])
    batch = ingest("ui-log", str(longer), ada.email).batch
    assert (batch.stored, batch.already_known) == (1, 3)


def test_events_of_an_unknown_application_are_not_guessed(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow()
    folder = opencua_folder(tmp_path / "recording", typing("abc", seconds=1))
    (folder / "top_window.jsonl").write_text(
        '{"time_stamp": 100, "top_window_name": "Chrome"}\n\n{"time_stamp": 101.5, "top\n'
        '{"time_stamp": 103, "top_window_name": "Excel"}\n'
    )
    summary = ingest("opencua", str(folder), ada.email)
    assert [capture.application for capture in stored(ada.subject)] == ["Excel"]
    assert summary.reasons == {"the application in the foreground is unknown": 2}


def test_start_is_read_as_utc(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow()
    ingest("opencua", str(opencua_folder(tmp_path / "recording", typing("a"))), ada.email)
    assert stored(ada.subject)[0].captured_at == START + timedelta(seconds=1)
