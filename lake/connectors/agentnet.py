"""The connector `agentnet`: trajectories as OpenCUA publishes them (AgentNet), recorded by one person.

    {"task_id": "…", "instruction": "…", "traj": [{"index": 0, "image": "….png", "value": {"action": "Click on Save",
     "code": "pyautogui.click(x=0.16, y=0.27)", "observation": …, "thought": …, "reflection": …}}, …]}

One trajectory a line. What was done is in `code`, which is parsed and never run; what it was done to in `action`, in
the words of a model. What the model saw and thought isn't the person's and isn't kept. Published trajectories have no
times: each step then counts as a second, in the order of the file. Positions are parts of the screen's size, so they
have no pixels. Screenshots are read if they lie beside the file or in `images` beside it. Applications aren't recorded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from directory.sealing import Content
from lake.connectors.elements import Element, Focus
from lake.connectors.lines import file_in, filled, json_of, opened
from lake.connectors.records import (
    UNKNOWN_APPLICATION,
    InvalidRecord,
    InvalidSource,
    Picture,
    Quarantined,
    Record,
    Relative,
    content_of,
    identity,
    pixel,
)

CLICKS = {
    "click": "", "doubleClick": "left", "tripleClick": "left", "rightClick": "right", "middleClick": "middle",
    "mouseDown": "", "mouseUp": "",
}  # fmt: skip
"""The buttons of clicks; empty: as the call says."""
MOVES = ("moveTo", "dragTo")
SCROLLS = {"scroll": "dy", "vscroll": "dy", "hscroll": "dx"}
WRITES = ("write", "typewrite")
KEYS = {"press": "press", "hotkey": "hotkey", "keyDown": "press", "keyUp": "release"}
MARKS = ("wait", "terminate", "sleep", "screenshot")
"""What isn't an action of the person."""
PROGRAMS = ("pyautogui", "computer", "time")
LONGEST_CODE = 20_000
SHOWN = 500


@dataclass(frozen=True)
class Call:
    """`name(*values, **named)`, with plain values only."""

    name: str
    values: list[Any]
    named: dict[str, Any]

    def get(self, place: int, name: str) -> Any:
        return self.named[name] if name in self.named else (self.values[place : place + 1] or [None])[0]


@dataclass(frozen=True)
class AgentNet(Relative):
    """Reads one JSON Lines file."""

    name = "agentnet"
    version = 1
    copies = False

    def read(self, location: str) -> Iterator[Record | Quarantined]:
        """Every action of every step, and its screenshot. Raises InvalidSource."""
        path, number, any_read = Path(location), 0, False
        with opened(path, "JSON Lines file") as file:
            for line, text in filled(file):
                try:
                    task, steps = _trajectory(text)
                except InvalidRecord as error:
                    yield Quarantined(line, str(error))
                    continue
                any_read, focus = True, Focus()
                for index, step in enumerate(steps, start=1):
                    try:
                        yield from self._step(path.parent, task, index, step, number, focus)
                    except InvalidRecord as error:
                        yield Quarantined(index, str(error), file=f"the trajectory in line {line}")
                    number += 1
        if not any_read:
            raise InvalidSource(
                f"{path} has no trajectory: each line must be a JSON object with task_id and traj. Nothing was changed."
                " Check the format name and the file."
            )

    def _step(self, folder: Path, task: str, index: int, step: Any, number: int, focus: Focus) -> list[Record]:
        """`number`: of the step in the file. Raises InvalidRecord, InvalidSource."""
        value = step.get("value") if isinstance(step, dict) else None
        if not isinstance(value, dict) or not isinstance(value.get("code"), str):
            raise InvalidRecord("it has no code")
        given = step.get("timestamp") or value.get("timestamp")
        captured_at = self.time(number if given is None else given)
        done_to = value["action"][:SHOWN] if isinstance(value.get("action"), str) else ""
        records = []
        if picture := _picture(folder, step.get("image")):
            records.append(self._record(index, captured_at, task, "screenshot", {}, picture=picture))
        for call in _calls(value["code"]):
            for signal, content in _done(call):
                if signal == "mouse_click":
                    focus.click(Element(done_to, done_to))
                field = "" if signal.startswith("mouse") else focus.field(content.get("key", ""), pressed=True)
                content |= content_of(element=done_to)
                records.append(self._record(index, captured_at, task, signal, content, call, field))
        return records

    def _record(
        self, index: int, at: datetime, task: str, signal: str, content: Content, call: Call | None = None,
        field: str = "", picture: Picture | None = None,
    ) -> Record:  # fmt: skip
        x, y = _pixels(call) if call and signal.startswith("mouse") else (None, None)
        return Record(
            line=index,
            captured_at=at,
            signal=signal,
            application=UNKNOWN_APPLICATION,
            session=task,
            identity=identity("agentnet", at, task, index, signal, content, x, y),
            content=content,
            x=x,
            y=y,
            field=field,
            picture=picture,
        )


def _trajectory(text: bytes | None) -> tuple[str, list[Any]]:
    """Raises InvalidRecord."""
    found = json_of(text)
    task, steps = (found.get("task_id"), found.get("traj")) if isinstance(found, dict) else (None, None)
    if not isinstance(task, str) or not isinstance(steps, list):
        raise InvalidRecord("not a trajectory")
    return task, steps


def _calls(code: str) -> list[Call]:
    """Raises InvalidRecord, without running anything."""
    if len(code) > LONGEST_CODE:
        raise InvalidRecord("its code can't be read")
    try:
        return [_call(statement) for statement in ast.parse(code).body if not isinstance(statement, ast.Import)]
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise InvalidRecord("its code can't be read") from error


def _call(statement: ast.stmt) -> Call:
    """Raises ValueError."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(program), name), values, named)) if program in PROGRAMS:
            return Call(
                name,
                [ast.literal_eval(value) for value in values],
                {each.arg: ast.literal_eval(each.value) for each in named if each.arg},
            )
    raise ValueError


def _done(call: Call) -> Iterator[tuple[str, Content]]:
    """Signal and content of each action. Raises InvalidRecord."""
    if call.name in CLICKS:
        button = CLICKS[call.name] or call.named.get("button") or "left"
        yield "mouse_click", content_of(action=call.name, button=button, position=_part(call))
    elif call.name in MOVES:
        yield "mouse_move", content_of(action=call.name, position=_part(call))
    elif call.name in SCROLLS:
        yield "scroll", content_of(action="scroll", **{SCROLLS[call.name]: pixel(call.get(0, "clicks"))})
    elif call.name in WRITES:
        yield "keystroke", content_of(action="type", text=_text(call.get(0, "message")))
    elif call.name in KEYS:
        first = call.get(0, "keys" if call.get(0, "keys") is not None else "key")
        keys = [_text(key) for key in (first if isinstance(first, list | tuple) else call.values or [first])]
        for key in ["+".join(keys)] if call.name == "hotkey" else keys:
            yield "keystroke", content_of(action=KEYS[call.name], key=key)
    elif call.name not in MARKS:
        raise InvalidRecord("unknown kind of event")


def _text(value: object) -> str:
    """Raises InvalidRecord."""
    if not isinstance(value, str):
        raise InvalidRecord("its code can't be read")
    return value


def _position(call: Call) -> tuple[Any, Any]:
    return call.get(0, "x"), call.get(1, "y")


def _part(call: Call) -> str | None:
    """The position as parts of the screen's size, as text."""
    x, y = _position(call)
    fraction = isinstance(x, float) and isinstance(y, float) and 0 <= x <= 1 and 0 <= y <= 1
    return f"{x}, {y}" if fraction else None


def _pixels(call: Call) -> tuple[int | None, int | None]:
    """Raises InvalidRecord."""
    x, y = _position(call)
    return (None, None) if x is None or _part(call) else (pixel(x), pixel(y))


def _picture(folder: Path, name: object) -> Picture | None:
    """The screenshot before the step, if it is there."""
    beside = str(Path("images") / name) if isinstance(name, str) and name else None
    path = file_in(folder, name) or file_in(folder, beside)
    return Picture.of_file(path, ()) if path else None
