"""The connector `agentnet`: trajectories of the published dataset's form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lake.connectors import CONNECTORS, InvalidSource, Quarantined
from lake.ingest.ingesting import connector_of, ingest
from tests.lake.ingesting import START, allow, stored, texts
from tests.support.people import Company
from tests.support.screens import encoded, screen


def step(code: str, action: str = "", **more: Any) -> dict[str, Any]:
    value = {"code": code, "action": action, "observation": "a screen", "thought": "think", "last_step_correct": True}
    return {"index": 0, "image": "a.png", "value": value, **more}


def trajectories(file: Path, *steps: Any, lines: tuple[str, ...] = ()) -> Path:
    one = {"task_id": "task-1", "instruction": "sort it", "traj": list(steps), "task_completed": True}
    file.write_text("\n".join([*lines, json.dumps(one)]) + "\n")
    return file


def read(file: Path) -> list[Any]:
    return list(connector_of("agentnet", START).read(str(file)))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pyautogui.click(x=0.1632, y=0.2711)", [("mouse_click", "click left 0.1632, 0.2711")]),
        ("pyautogui.rightClick(x=0.5, y=1.0)", [("mouse_click", "rightClick right 0.5, 1.0")]),
        ("computer.tripleClick(x=0.5, y=0.5)", [("mouse_click", "tripleClick left 0.5, 0.5")]),
        (
            "pyautogui.moveTo(x=0.1, y=0.2)\npyautogui.dragTo(x=0.3, y=0.4, button='left')",
            [("mouse_move", "moveTo 0.1, 0.2"), ("mouse_move", "dragTo 0.3, 0.4")],
        ),
        ("pyautogui.scroll(-5)", [("scroll", "scroll -5")]),
        ("pyautogui.write(message='a\\'b')", [("keystroke", "type a'b")]),
        ("pyautogui.press(keys=['tab', 'enter'])", [("keystroke", "press tab"), ("keystroke", "press enter")]),
        ("pyautogui.press('enter')", [("keystroke", "press enter")]),
        ("pyautogui.hotkey(['ctrl', 'c'])", [("keystroke", "hotkey ctrl+c")]),
        ("import pyautogui\npyautogui.hotkey('ctrl', 'v')", [("keystroke", "hotkey ctrl+v")]),
        ("computer.wait()\ncomputer.terminate(status='success')", []),
    ],
)
def test_code_becomes_actions(tmp_path: Path, code: str, expected: list[tuple[str, str]]) -> None:
    items = read(trajectories(tmp_path / "t.jsonl", step(code)))
    assert [(item.signal, " ".join(item.content.values())) for item in items] == expected


def test_times_positions_and_sessions(tmp_path: Path) -> None:
    steps = [step("pyautogui.click(100, 200)"), step("pyautogui.click(1, 2)"), step("pyautogui.click(1, 2)")]
    steps[2]["timestamp"] = "2026-01-06T08:00:00Z"
    first, second, third = read(trajectories(tmp_path / "t.jsonl", *steps))
    assert (first.x, first.y, first.session, first.application) == (100, 200, "task-1", "Unknown")
    assert [(item.captured_at - START).total_seconds() for item in (first, second, third)] == [0, 1, 23 * 3600]
    with pytest.raises(InvalidSource, match="--start"):
        list(CONNECTORS["agentnet"].read(str(tmp_path / "t.jsonl")))


def test_nothing_is_run_and_broken_steps_cost_only_themselves(tmp_path: Path) -> None:
    broken = [
        "__import__('os').system('true')", "pyautogui.click(x=open('/etc/passwd'))", "pyautogui.dance()", "(" * 500,
        "x = 1", "pyautogui.write(5)", "pyautogui.click(x='a', y=2)", "pyautogui.press()", "a" * 30_000,
    ]  # fmt: skip
    good = step("pyautogui.click(1, 2)")
    steps: list[Any] = [*map(step, broken), None, {"value": 3}, good]
    items = read(trajectories(tmp_path / "t.jsonl", *steps, lines=("{broken", "[]")))
    assert [(item.place, item.reason) for item in items[:2]] == [
        ("record 1", "not complete JSON"),
        ("record 2", "not a trajectory"),
    ]
    assert [item.line for item in items[2:-1] if isinstance(item, Quarantined)] == list(range(1, 12))
    assert items[2].place == "record 1 of the trajectory in line 3"
    assert items[-1].signal == "mouse_click"


def test_what_is_no_trajectory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text("no\n")
    with pytest.raises(InvalidSource, match="Nothing was changed"):
        read(tmp_path / "t.jsonl")


def test_texts_and_pictures_are_made_safe(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(["Unknown"])
    steps = [
        step("pyautogui.click(x=0.1, y=0.2)", "Click on the Password field"),
        step("pyautogui.write(message='hunter22')", "Type 'hunter22' into it"),
        step("pyautogui.write(message='card 4111 1111 1111 1111')", "Type the number", image="../elsewhere.png"),
    ]
    (tmp_path / "made" / "images").mkdir(parents=True)
    (tmp_path / "made" / "images" / "a.png").write_bytes(encoded(screen(["A quiet report"])))
    (tmp_path / "elsewhere.png").write_bytes(encoded(screen(["not of this recording"])))
    file = trajectories(tmp_path / "made" / "t.jsonl", *steps)
    done = ingest("agentnet", str(file), ada.email, start=START)
    assert done.batch.stored == 5
    kept = texts(stored(ada.subject))
    assert not [secret for secret in ("hunter22", "4111 1111 1111 1111", "a screen", "think") if secret in kept]
    assert ingest("agentnet", str(file), ada.email, start=START).batch.stored == 0
