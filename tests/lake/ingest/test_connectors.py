"""Connectors with arbitrary input: they yield records or say what is wrong, and lose no good record."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.connectors import CONNECTORS, InvalidSource, LeftOut, Quarantined, Record
from lake.connectors.csv_rows import rows
from tests.lake.ingesting import UI_LOG_COLUMNS, opencua_folder, typing, ui_log_row

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
EVENT_FIELDS = ("time_stamp", "action", "x", "y", "button", "pressed", "dx", "dy", "name", "pynput_key")
EVENTS = st.dictionaries(
    st.sampled_from(EVENT_FIELDS), ANY_JSON | st.sampled_from(["move", "click", "press", 101.5, 7])
)
AW_EVENTS = ANY_JSON | st.fixed_dictionaries(
    {"timestamp": st.just("2026-01-05T09:00:00Z") | ANY_JSON, "duration": st.just(1) | ANY_JSON, "data": ANY_JSON}
)


def read(name: str, location: Path) -> list[Record | Quarantined | LeftOut]:
    return list(CONNECTORS[name].read(str(location)))


@settings(deadline=None)
@given(st.binary(max_size=400))
@pytest.mark.parametrize("name", ["ui-log", "activitywatch", "balabit", "pynput", "openadapt", "agentnet"])
def test_any_bytes_are_refused_or_read(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "source"
        file.write_bytes(content)
        with pytest.raises(InvalidSource, match="Nothing was changed"):
            read(name, file)


@settings(deadline=None)
@given(st.lists(EVENTS | ANY_JSON, max_size=8))
def test_any_events_of_a_recording_are_each_accounted_for(events: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        good = typing("ab")
        recording = opencua_folder(Path(folder), [good[0], *events, good[1]])
        items = read("opencua", recording)
    assert len(items) == len(events) + 2
    assert isinstance(items[0], Record)
    assert isinstance(items[-1], Record)


@settings(deadline=None)
@given(st.lists(AW_EVENTS, max_size=6), st.sampled_from(["currentwindow", "afkstatus", "web.tab.current", "other"]))
def test_any_activitywatch_events_are_each_accounted_for(events: list[Any], kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "export.json"
        file.write_text(json.dumps({"buckets": {"b": {"type": kind, "events": events}}}))
        items = read("activitywatch", file)
    assert [item.line for item in items] == list(range(1, len(events) + 1))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60).filter(lambda junk: b"\r" not in junk), max_size=5))
def test_junk_between_rows_costs_no_good_row(junk: list[bytes]) -> None:
    good = [ui_log_row(number, target_value=f"value {number}").encode() for number in range(len(junk) + 1)]
    lines = [",".join(UI_LOG_COLUMNS).encode(), good[0]]
    for number, between in enumerate(junk):
        lines += [between, good[number + 1]]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "log.csv"
        file.write_bytes(b"\n".join(lines))
        items = read("ui-log", file)
    assert [item.content["text"] for item in items if isinstance(item, Record)] == [
        f"value {number}" for number in range(len(good))
    ]


@given(
    st.lists(st.lists(st.text(max_size=8).filter(lambda cell: "\0" not in cell), min_size=3, max_size=3), min_size=1)
)
def test_well_formed_csv_is_read_unchanged(table: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    encoded = text.getvalue().encode("utf-8", "replace")
    expected = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in table]
    assert [row[1] for row in rows(io.BytesIO(encoded)) if isinstance(row, tuple)] == expected


def test_a_click_takes_the_element_looked_up_just_before(tmp_path: Path) -> None:
    click = {"action": "click", "x": 1, "y": 2, "button": "left", "pressed": True}
    recording = opencua_folder(tmp_path, [{"time_stamp": at, **click} for at in (103.0, 104.5, 101.9)])
    (recording / "element.jsonl").write_text(
        '{"time_stamp": 102.2, "a11y_tree": {"Name": "Save", "ControlType": "ButtonControl",'
        ' "Children": [{"Name": "4111111111111111"}]}}\nbroken\n{"time_stamp": 102.1, "a11y_tree": null}\n'
    )
    elements = [item.content.get("element") for item in read("opencua", recording) if isinstance(item, Record)]
    assert elements == ["Save, ButtonControl", None, None]


def test_keys_know_the_password_field_that_was_clicked(tmp_path: Path) -> None:
    click = {"time_stamp": 100.9, "action": "click", "x": 1, "y": 2, "button": "left", "pressed": True}
    recording = opencua_folder(
        tmp_path, [click, *typing("a"), {**click, "time_stamp": 109}, {**typing("b")[0], "time_stamp": 110}]
    )
    (recording / "element.jsonl").write_text('{"time_stamp": 100.8, "a11y_tree": {"Name": "Password"}}')
    items = [item for item in read("opencua", recording) if isinstance(item, Record)]
    assert [item.field for item in items] == ["", "Password", "", ""]
    assert "element" not in items[1].content


def test_a_log_with_semicolons_is_read_alike(tmp_path: Path) -> None:
    table = [ui_log_row(number, target_value=f"a, b {number}") for number in range(3)]
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text("\n".join([",".join(UI_LOG_COLUMNS), *table]))
    with plain.open(newline="") as file, other.open("w", newline="") as to:
        csv.writer(to, delimiter=";").writerows(csv.reader(file))
    items = read("ui-log", other)
    assert [item.content["text"] for item in items if isinstance(item, Record)] == ["a, b 0", "a, b 1", "a, b 2"]
    broken = other.read_text().replace("a, b 1", 'a "b; 1')
    other.write_text(broken)
    assert len([item for item in read("ui-log", other) if isinstance(item, Record)]) >= 2
