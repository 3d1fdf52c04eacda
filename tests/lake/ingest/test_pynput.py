"""The connector `pynput`: loggers that people make, with the columns that they choose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lake.connectors import CONNECTORS, InvalidSource, Quarantined, Record
from lake.ingest.ingesting import ingest
from tests.lake.ingesting import START, allow, stored, texts
from tests.support.people import Company

AT = 1767603600


def log(file: Path, header: str, *rows: str) -> Path:
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def read(file: Path) -> list[Any]:
    return list(CONNECTORS["pynput"].read(str(file)))


def kinds(items: list[Any]) -> list[tuple[str, dict[str, str]]]:
    return [(item.signal, dict(item.content)) for item in items]


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        (
            "timestamp,event_type,x,y,button,dx,dy,key,start_x,start_y,end_x,end_y",
            [
                f"{AT}.1,mouse_move,10,20,,,,,,,,",
                f"{AT}.2,mouse_down,10,20,Button.left,,,,,,,",
                f"{AT}.3,mouse_up,10,20,Button.left,,,,,,,",
                f"{AT}.4,drag,,,,,,,1,2,3,4",
                f"{AT}.5,scroll,10,20,,0,-2,,,,,",
                f"{AT}.6,key_press,,,,,,a,,,,",
                f"{AT}.7,key_release,,,,,,Key.up,,,,",
            ],
            [
                ("mouse_move", {}),
                ("mouse_click", {"action": "press", "button": "left"}),
                ("mouse_click", {"action": "release", "button": "left"}),
                ("mouse_move", {}),
                ("scroll", {"action": "scroll", "dx": "0", "dy": "-2"}),
                ("keystroke", {"action": "press", "key": "a"}),
                ("keystroke", {"action": "release", "key": "Key.up"}),
            ],
        ),
        (
            "Time,Event,X,Y,Button,Pressed",
            [f"{AT},click,1,2,Button.right,True", f"{AT},click,1,2,Button.right,False", f"{AT},move,1,2,,"],
            [
                ("mouse_click", {"action": "press", "button": "right"}),
                ("mouse_click", {"action": "release", "button": "right"}),
                ("mouse_move", {}),
            ],
        ),
        (
            "ts,event,x,y,button,action",
            ["2026-01-05 09:00:00.5,click,1,2,Button.left,released", "2026-01-05T09:00:01+00:00,scroll,1,2,,down"],
            [
                ("mouse_click", {"action": "release", "button": "left"}),
                ("scroll", {"action": "scroll", "dx": "0", "dy": "-1"}),
            ],
        ),
        (
            "Key,Timestamp",
            [f"'a',{AT}", f'"""\'""",{AT}', f"'\\\\',{AT}", f"Key.space,{AT}", f"<97>,{AT}", f'"\'""\'",{AT}'],
            [("keystroke", {"action": "press", "key": key}) for key in ("a", "'", "\\", "Key.space", "<97>", '"')],
        ),
        (
            "timestamp;device;event;key;window title;process name",
            [f"{AT};keyboard;down;ctrl;Letter - Word;WINWORD.EXE", f"{AT};keyboard;up;ctrl;Letter - Word;WINWORD.EXE"],
            [
                ("keystroke", {"action": "press", "key": "ctrl", "title": "Letter - Word"}),
                ("keystroke", {"action": "release", "key": "ctrl", "title": "Letter - Word"}),
            ],
        ),
        ("timestamp,x,y", [f"{AT},1,2"], [("mouse_move", {})]),
    ],
)
def test_loggers(tmp_path: Path, header: str, rows: list[str], expected: list[tuple[str, dict[str, str]]]) -> None:
    assert kinds(read(log(tmp_path / "log.csv", header, *rows))) == expected


def test_application_if_there_is_one(tmp_path: Path) -> None:
    file = log(tmp_path / "log.csv", "timestamp,key,app", f"{AT},a,Word", f"{AT},b,")
    assert [item.application for item in read(file)] == ["Word", "Unknown"]


def test_broken_rows_cost_only_themselves(tmp_path: Path) -> None:
    rows = ["soon,move,1,2,", f"{AT},dance,1,2,", f"{AT},move,,2,", f"{AT},press,,,a", f"{AT},key_press,,,"]
    items = read(log(tmp_path / "log.csv", "timestamp,event,x,y,key", *rows))
    assert [(item.line, item.reason) for item in items if isinstance(item, Quarantined)] == [
        (2, "the time can't be read"),
        (3, "unknown kind of event"),
        (4, "the position can't be read"),
        (6, "the key can't be read"),
    ]


def test_relative_times_ask_for_a_start(tmp_path: Path) -> None:
    file = log(tmp_path / "log.csv", "event,key,time", "press,a,0.5")
    with pytest.raises(InvalidSource, match="--start"):
        read(file)


@pytest.mark.parametrize("header", ["timestamp,what", "a,b", "x,y", "3,4,Button.left"])
def test_what_is_no_log_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(InvalidSource, match="Nothing was changed"):
        read(log(tmp_path / "log.csv", header, "1,2"))


def test_typed_secrets_are_found(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(["Unknown"])
    rows, second = [], 0
    for key in ["Key.tab", *"Tr0ub4dor&3", "Key.enter", *"4111111111111111", "Key.enter"]:
        name = key if len(key) > 1 else f"'{key}'"
        for action in ("press", "release"):
            second += 1
            rows.append(f"{second / 10},{action},{name}")
    rows.append("9000,press,my password: Winter2026!")
    ingest("pynput", str(log(tmp_path / "log.csv", "time,event,key", *rows)), ada.email, start=START)
    captures = stored(ada.subject)
    assert len(captures) == len(rows)
    keys = [capture.content["key"] for capture in captures if capture.content and "key" in capture.content]
    assert {key for key in keys if not key.startswith("Key.")} == {"[password removed]", "[card number removed]"}
    assert "Winter2026!" not in texts(captures)


def test_equal_keys_are_two_and_again_adds_nothing(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(["Unknown"])
    file = log(tmp_path / "log.csv", "time,key", f"{AT},o", f"{AT},o")
    assert ingest("pynput", str(file), ada.email).batch.stored == 2
    assert ingest("pynput", str(file), ada.email).batch.stored == 0


def test_rows_are_read_one_by_one(tmp_path: Path) -> None:
    file = log(tmp_path / "log.csv", "time,key", *[f"{AT},a"] * 3)
    reading = CONNECTORS["pynput"].read(str(file))
    first = next(reading)
    assert isinstance(first, Record)
    assert first.line == 2
