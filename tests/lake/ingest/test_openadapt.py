"""The connector `openadapt`: databases of two generations of the recorder, and such as nobody should trust."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lake.connectors import CONNECTORS, InvalidSource, LeftOut, Quarantined, Record
from lake.ingest.ingesting import ingest
from tests.lake.ingesting import allow, stored, texts
from tests.support.people import Company
from tests.support.screens import encoded, screen

AT = 1767603600.25
RECORDING = {"id": "integer primary key", "timestamp": "numeric", "task_description": "text"}
ACTION = {
    "id": "integer primary key", "name": "text", "timestamp": "numeric", "recording_timestamp": "numeric",
    "screenshot_timestamp": "numeric", "window_event_timestamp": "numeric", "mouse_x": "numeric", "mouse_y": "numeric",
    "mouse_dx": "numeric", "mouse_dy": "numeric", "mouse_button_name": "text", "mouse_pressed": "boolean",
    "key_name": "text", "key_char": "text", "key_vk": "text", "parent_id": "integer", "element_state": "json",
}  # fmt: skip
WINDOW = {
    "id": "integer primary key", "recording_timestamp": "numeric", "timestamp": "numeric", "state": "json",
    "title": "text", "left": "integer", "top": "integer", "width": "integer", "height": "integer", "window_id": "text",
}  # fmt: skip
PICTURE = {"id": "integer primary key", "recording_timestamp": "numeric", "timestamp": "numeric", "png_data": "blob"}
OLD = {"recording": RECORDING, "action_event": ACTION, "window_event": WINDOW, "screenshot": PICTURE}
NEW = {
    "recording": {**RECORDING, "config": "json", "original_recording_id": "integer"},
    "action_event": {**ACTION, "recording_id": "integer", "window_event_id": "integer", "disabled": "boolean"},
    "window_event": {**WINDOW, "recording_id": "integer"},
    "screenshot": {**PICTURE, "recording_id": "integer", "png_sha256": "text"},
}
MAC = json.dumps({"title": "Numbers Budget", "meta": {"kCGWindowOwnerName": "Numbers", "kCGWindowName": "Budget"}})
WINDOWS = json.dumps({"title": "Budget - Excel", "meta": {"class_name": "XLMAIN", "texts": ["Budget - Excel"]}})


def made(file: Path, tables: Mapping[str, Mapping[str, str]], rows: Mapping[str, list[dict[str, Any]]]) -> Path:
    with closing(sqlite3.connect(file)) as connection:
        for table, columns in tables.items():
            named = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table {table} ({named})")
        for table, values in rows.items():
            for row in values:
                marks = ", ".join("?" * len(row))
                connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))
        connection.commit()
    return file


def read(location: Path) -> list[Any]:
    return list(CONNECTORS["openadapt"].read(str(location)))


def click(at: float, pressed: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "name": "click", "timestamp": at, "mouse_x": 10.5, "mouse_y": 20, "mouse_button_name": "left",
        "mouse_pressed": pressed, **more,
    }  # fmt: skip


def keys(text: str, at: float, **more: Any) -> list[dict[str, Any]]:
    return [
        {"name": name, "timestamp": at + number + part, "key_char": key, **more}
        for number, key in enumerate(text)
        for name, part in (("press", 0), ("release", 0.2))
    ]


def old(file: Path) -> Path:
    place: dict[str, Any] = {"recording_timestamp": AT, "window_event_timestamp": AT}
    field = json.dumps({"AXRole": "AXButton", "AXTitle": "Save", "AXChildren": [{"AXTitle": "secret below"}]})
    actions = [
        {"name": "move", "timestamp": AT + 1, "mouse_x": 1, "mouse_y": 2, **place},
        click(AT + 2, element_state=field, **place),
        click(AT + 2.1, False, **place),
        {"name": "scroll", "timestamp": AT + 3, "mouse_x": 1, "mouse_y": 2, "mouse_dx": 0, "mouse_dy": -3, **place},
        {"name": "press", "timestamp": AT + 4, "key_name": "enter", **place},
        {"name": "press", "timestamp": AT + 5, "key_char": "a", **place},
        {"name": "release", "timestamp": AT + 6, "key_vk": "65", **place},
    ]
    windows = [{"timestamp": AT, "recording_timestamp": AT, "state": MAC, "title": "Numbers Budget"}]
    return made(file, OLD, {"recording": [{"timestamp": AT}], "action_event": actions, "window_event": windows})


def test_actions_with_their_windows(tmp_path: Path) -> None:
    items = read(old(tmp_path / "recording.db"))
    assert [(item.signal, item.content) for item in items] == [
        ("mouse_move", {}),
        ("mouse_click", {"action": "press", "button": "left", "element": "Save, AXButton", "title": "Numbers Budget"}),
        ("mouse_click", {"action": "release", "button": "left", "title": "Numbers Budget"}),
        ("scroll", {"action": "scroll", "dx": "0", "dy": "-3", "title": "Numbers Budget"}),
        ("keystroke", {"action": "press", "key": "enter", "title": "Numbers Budget"}),
        ("keystroke", {"action": "press", "key": "a", "title": "Numbers Budget"}),
        ("keystroke", {"action": "release", "key": "<65>", "title": "Numbers Budget"}),
    ]
    assert {(item.application, item.session) for item in items} == {("Numbers", str(AT))}
    assert str(items[0].captured_at) == "2026-01-05 09:00:01.250000"
    assert [item.line for item in items] == [1, 2, 3, 4, 5, 6, 7]


def test_a_folder_with_it_and_windows_that_name_no_application(tmp_path: Path) -> None:
    windows = [{"id": number, "timestamp": AT, "state": WINDOWS, "title": f"Budget {number}"} for number in (1, 2)]
    made(tmp_path / "recording.db", NEW, {"window_event": windows, "action_event": [click(AT, window_event_id=2)]})
    [item] = read(tmp_path)
    assert (item.application, item.content["title"]) == ("Unknown", "Budget 2")


def test_copies_and_disabled_events_are_left_out(tmp_path: Path) -> None:
    recordings = [{"id": 1, "timestamp": AT}, {"id": 2, "timestamp": AT, "original_recording_id": 1},
                  {"id": 3, "timestamp": AT, "original_recording_id": 9}]  # fmt: skip
    actions = [click(AT + number, recording_id=number) for number in (1, 2, 3)]
    actions.append(click(AT + 4, recording_id=1, disabled=True))
    shots: list[dict[str, Any]] = [
        {"timestamp": AT, "recording_id": 2, "png_data": b"x"},
        {"timestamp": AT, "recording_id": 1},
    ]
    rows: dict[str, list[dict[str, Any]]] = {"recording": recordings, "action_event": actions, "screenshot": shots}
    items = read(made(tmp_path / "recording.db", NEW, rows))
    assert [item.what if isinstance(item, LeftOut) else item.signal for item in items] == [
        "mouse_click", "event of a copied recording", "mouse_click", "event that was disabled",
        "screenshot of a copied recording", "screenshot that is only in a video",
    ]  # fmt: skip


def test_broken_rows_cost_only_themselves(tmp_path: Path) -> None:
    actions = [
        click(AT),
        {"name": "dance", "timestamp": AT},
        {"name": b"click", "timestamp": AT},
        {"name": "press", "timestamp": AT},
        {**click(AT), "mouse_x": "left"},
        *({"name": "click", "timestamp": time} for time in ("soon", None, 12.5, 1e300)),
        {**click(AT), "element_state": "[broken"},
        {**click(AT), "element_state": "x" * (2 << 20)},
    ]
    items = read(made(tmp_path / "recording.db", OLD, {"action_event": actions, "screenshot": [{"png_data": b"x"}]}))
    assert [(item.place, item.reason) for item in items if isinstance(item, Quarantined)] == [
        ("record 2 of action_event", "unknown kind of event"),
        ("record 3 of action_event", "not plain JSON values"),
        ("record 4 of action_event", "the key can't be read"),
        ("record 5 of action_event", "the position can't be read"),
        *((f"record {number} of action_event", "the time can't be read") for number in (6, 7, 8, 9)),
        ("record 1 of screenshot", "the time can't be read"),
    ]
    assert len([item for item in items if isinstance(item, Record)]) == 3


def test_missing_tables_and_columns_are_named(tmp_path: Path) -> None:
    without = {**OLD, "action_event": {name: kind for name, kind in ACTION.items() if not name.startswith("key_")}}
    with pytest.raises(InvalidSource, match=r"action_event.* has no column key_name, key_char, key_vk"):
        read(made(tmp_path / "a.db", without, {}))
    with pytest.raises(InvalidSource, match="no table window_event"):
        read(made(tmp_path / "b.db", {"action_event": ACTION}, {}))


def test_only_ordinary_tables_are_read(tmp_path: Path) -> None:
    made(tmp_path / "view.db", {"other": ACTION, "window_event": WINDOW}, {})
    made(tmp_path / "generated.db", {**OLD, "action_event": {**ACTION, "key_vk": "as (hex(zeroblob(100000000)))"}}, {})
    made(tmp_path / "virtual.db", {"window_event": WINDOW}, {})
    with closing(sqlite3.connect(tmp_path / "view.db")) as connection:
        connection.execute("create view action_event as select * from other")
    with closing(sqlite3.connect(tmp_path / "virtual.db")) as connection:
        connection.execute(f"create virtual table action_event using fts5({', '.join(ACTION)})")
    for name, expected in (("view", "no table"), ("virtual", "no table"), ("generated", "no column key_vk")):
        with pytest.raises(InvalidSource, match=expected):
            read(tmp_path / f"{name}.db")


def test_what_is_no_database_or_not_finished_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database\n" * 100)
    file = old(tmp_path / "recording.db")
    content = file.read_bytes()
    (tmp_path / "short.db").write_bytes(content[: len(content) // 2])
    (tmp_path / "recording.db-wal").write_bytes(b"newest rows")
    for name, expected in (("text", "damaged"), ("short", "damaged"), ("recording", "still being"), ("no", "no file")):
        with pytest.raises(InvalidSource, match=f"{expected}.*Nothing was changed"):
            read(tmp_path / f"{name}.db")


def test_nothing_is_written_beside_it(tmp_path: Path) -> None:
    file = old(tmp_path / "recording.db")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma journal_mode = wal")
    for leftover in tmp_path.glob("recording.db-*"):
        leftover.unlink()
    before = file.read_bytes()
    assert len(read(file)) == 7
    assert (list(tmp_path.iterdir()), file.read_bytes()) == ([file], before)


def test_passwords_and_pictures_are_made_safe(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(["Numbers"])
    place: dict[str, Any] = {"recording_id": 1, "window_event_id": 1}
    name = json.dumps({"friendly_class_name": "Button", "texts": ["User name"]})
    actions = [
        click(AT + 10, element_state=json.dumps({"AXRole": "AXTextField", "AXSubrole": "AXSecureTextField"}), **place),
        *keys("hunter22", AT + 11, **place),
        click(AT + 30, element_state=name, **place),
        {"name": "press", "timestamp": AT + 31, "key_name": "tab", **place},
        *keys("letmein", AT + 32, **place),
    ]
    picture = encoded(screen(["A quiet report", "card 4111 1111 1111 1111"]))
    shots = [{"timestamp": AT + 5, "recording_id": 1, "png_data": data} for data in (picture, b"no picture")]
    windows = [{"id": 1, "timestamp": AT, "state": MAC, "title": "Sign in", "recording_id": 1}]
    rows: dict[str, list[dict[str, Any]]] = {
        "recording": [{"id": 1, "timestamp": AT}],
        "action_event": actions,
        "window_event": windows,
        "screenshot": shots,
    }
    file = made(tmp_path / "recording.db", NEW, rows)
    done = ingest("openadapt", str(file), ada.email)
    batch = done.batch
    assert (batch.stored, batch.quarantined, done.redactions["card_number"]) == (len(actions) + 1, 1, 1)
    captures = stored(ada.subject)
    typed = {each.content["key"] for each in captures if each.content and "key" in each.content}
    assert typed == {"[password removed]", "tab"}
    assert "User name, Button" in texts(captures)
    made_again = made(tmp_path / "copy.db", NEW, {**rows, "action_event": actions[::-1]})
    again = ingest("openadapt", str(made_again), ada.email).batch
    assert (again.stored, again.already_known) == (0, batch.stored)
