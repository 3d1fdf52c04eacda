"""The connector `opencua`: a folder recorded by the OpenCUA / AgentNet annotator.

    events.jsonl      one input event per line, `time_stamp` in seconds of a monotonic clock
                      `{"action": "screenshot", "time_stamp": 12.5, "file": "screens/1.png", "windows": [{"application":
                      "Chrome", "x": 0, "y": 0, "width": 800, "height": 600}]}` names a picture in the folder (ours)
    top_window.jsonl  the foreground application, whenever it changed (Linux: absent, and applications are `Unknown`)
    element.jsonl     the accessibility element under the pointer, at clicks (optional)
    metadata.json     `start_time` (wall time) and `video_start_timestamp` (the same moment, monotonic)

Wall time = start_time + (time_stamp - video_start_timestamp). `start_time` has no zone: it is taken as UTC.
The application of an event is the last foreground application at or before it. If a broken line of top_window.jsonl
makes that ambiguous, the event is quarantined rather than attributed to the wrong application.
What is kept of elements, and which of them keys go into: `lake.connectors.elements`. Marks of the recorder (pause,
resume) are skipped.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from directory.sealing import Content
from lake.connectors.elements import Element, Focus, element_of
from lake.connectors.lines import file_in, filled, json_of, opened
from lake.connectors.records import (
    SIGNAL_OF,
    UNKNOWN_APPLICATION,
    InvalidRecord,
    InvalidSource,
    Picture,
    Quarantined,
    Record,
    Window,
    content_of,
    identity,
    moment,
    pixel,
)

SCREENSHOT = "screenshot"
MARKS = ("pause", "resume")
"""What the recorder notes about itself: nothing was captured."""
ELEMENT_SECONDS = 1.0
"""How long before a click its element may have been looked up."""


Value = TypeVar("Value")


@dataclass(frozen=True)
class Timeline(Generic[Value]):
    """Values that are valid from their time on, in order of time; None where unknown."""

    times: list[float]
    values: list[Value | None]

    def at(self, time: float) -> tuple[float, Value | None]:
        """The last value at or before `time`, and since when; (-inf, None) before the first."""
        index = bisect_right(self.times, time) - 1
        return (self.times[index], self.values[index]) if index >= 0 else (-math.inf, None)


class OpenCua:
    """Reads one recording folder."""

    name = "opencua"
    version = 2
    copies = False

    def read(self, location: str) -> Iterator[Record | Quarantined]:
        """Every event of `location`/events.jsonl. Raises InvalidSource."""
        folder = Path(location)
        if not folder.is_dir():
            problem = "is not a folder" if folder.exists() else "does not exist"
            raise InvalidSource(
                f"{location} {problem}; an OpenCUA recording is a folder with events.jsonl, top_window.jsonl and"
                " metadata.json. Nothing was changed. Check the path."
            )
        recording = _Recording(folder)
        with opened(folder / "events.jsonl", "events.jsonl") as file:
            for number, line in filled(file):
                try:
                    event = _json_object(line)
                    if event.get("action") == SCREENSHOT:
                        yield recording.screenshot(number, event)
                    elif event.get("action") not in MARKS:
                        yield recording.record(number, event)
                except InvalidRecord as error:
                    yield Quarantined(number, str(error))


class _Recording:
    """The state for reading the events of one folder, including the element clicked last, which receives the keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start, self.origin = _clock(folder / "metadata.json")
        self.session = f"{self.start.isoformat()} {self.origin}"
        self.windows = _windows(folder / "top_window.jsonl") if (folder / "top_window.jsonl").exists() else None
        self.elements = _elements(folder / "element.jsonl")
        self.focus = Focus()

    def screenshot(self, line: int, event: dict[str, Any]) -> Record:
        """Raises InvalidRecord."""
        captured_at, application = self._when_and_where(_seconds(event))
        return Record(
            line=line,
            captured_at=captured_at,
            signal=SCREENSHOT,
            application=application,
            session=self.session,
            identity=identity("opencua", captured_at, event),
            content={},
            picture=Picture.of_file(
                _file_in(self.folder, event.get("file")), tuple(map(_window, event.get("windows") or ()))
            ),
        )

    def _when_and_where(self, time: float) -> tuple[datetime, str]:
        """Raises InvalidRecord."""
        try:
            captured_at = self.start + timedelta(seconds=time - self.origin)
        except OverflowError as error:
            raise InvalidRecord("the time can't be read") from error
        application = UNKNOWN_APPLICATION if self.windows is None else self.windows.at(time)[1]
        if application is None:
            raise InvalidRecord("the application in the foreground is unknown")
        return captured_at, application

    def record(self, line: int, event: dict[str, Any]) -> Record:
        """Raises InvalidRecord."""
        action = event.get("action")
        signal = SIGNAL_OF.get(action) if isinstance(action, str) else None
        if signal is None:
            raise InvalidRecord("unknown kind of event")
        time = _seconds(event)
        captured_at, application = self._when_and_where(time)
        pointer = signal != "keystroke"
        content = self._content(signal, time, event)
        return Record(
            line=line,
            captured_at=captured_at,
            signal=signal,
            application=application,
            session=self.session,
            identity=identity("opencua", captured_at, event),
            content=content,
            x=pixel(event.get("x")) if pointer else None,
            y=pixel(event.get("y")) if pointer else None,
            field="" if pointer else self.focus.field(content["key"], pressed=action == "press"),
        )

    def _content(self, signal: str, time: float, event: dict[str, Any]) -> Content:
        if signal == "mouse_move":
            return {}
        if signal == "mouse_click":
            since, element = self.elements.at(time)
            element = element if time - since <= ELEMENT_SECONDS else None
            pressed = event.get("pressed") is True
            if pressed:
                self.focus.click(element)
            action = "press" if pressed else "release"
            return content_of(action=action, button=event.get("button"), element=element.shown if element else None)
        if signal == "scroll":
            return content_of(action="scroll", dx=pixel(event.get("dx", 0)), dy=pixel(event.get("dy", 0)))
        return content_of(action=event.get("action"), key=_key(event))


def _file_in(folder: Path, name: object) -> Path:
    """A picture of the recording. Raises InvalidRecord."""
    if (path := file_in(folder, name)) is None:
        raise InvalidRecord("its picture is not in the folder of the recording")
    return path


def _window(value: object) -> Window:
    """Raises InvalidRecord."""
    if not isinstance(value, dict) or not isinstance(value.get("application"), str):
        raise InvalidRecord("its windows can't be read")
    left, top = pixel(value.get("x")), pixel(value.get("y"))
    box = left, top, left + pixel(value.get("width")), top + pixel(value.get("height"))
    return Window(value["application"], box)


def _key(event: dict[str, Any]) -> str:
    """The key's name: a character, or a name such as `space`; pynput's notation if it has no name."""
    for field in ("name", "pynput_key"):
        if isinstance(value := event.get(field), str) and value:
            return value
    raise InvalidRecord("the key can't be read")


def _clock(path: Path) -> tuple[datetime, float]:
    """Wall time and monotonic time of the start of the recording."""
    with opened(path, "metadata.json") as file:
        try:
            metadata = _json_object(file.read(1 << 20))
            return moment(metadata.get("start_time")), _seconds(metadata, "video_start_timestamp")
        except InvalidRecord as error:
            raise InvalidSource(
                f"{path} is damaged: it must be complete JSON with start_time and video_start_timestamp."
                " Nothing was changed. Fetch the recording again."
            ) from error


def _windows(path: Path) -> Timeline[str]:
    times: list[float] = []
    values: list[str | None] = []
    with opened(path, "top_window.jsonl") as file:
        for _, line in filled(file):
            try:
                window = _json_object(line)
                name = window.get("top_window_name")
                times.append(_seconds(window))
                values.append(name if isinstance(name, str) and name else None)
            except InvalidRecord:
                if values:
                    values[-1] = None
    if not any(values):
        raise InvalidSource(f"{path} names no application. Nothing was changed. Fetch the recording again.")
    return _in_order(times, values)


def _elements(path: Path) -> Timeline[Element]:
    times: list[float] = []
    values: list[Element | None] = []
    if path.exists():
        with opened(path, "element.jsonl") as file:
            for _, line in filled(file):
                try:
                    found = _json_object(line)
                    node = found.get("a11y_tree")
                    times.append(_seconds(found))
                except InvalidRecord:
                    continue
                values.append(element_of(node) if isinstance(node, dict) else None)
    return _in_order(times, values)


def _in_order(times: list[float], values: list[Value | None]) -> Timeline[Value]:
    order = sorted(range(len(times)), key=times.__getitem__)
    return Timeline([times[index] for index in order], [values[index] for index in order])


def _json_object(line: bytes | None) -> dict[str, Any]:
    value = json_of(line)
    if not isinstance(value, dict):
        raise InvalidRecord("not a JSON object")
    return value


def _seconds(event: dict[str, Any], field: str = "time_stamp") -> float:
    value = event.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidRecord("the time can't be read")
    return float(value)
