"""The connector `openadapt`: the database of OpenAdapt (`recording.db`), or the folder with it.

    action_event   one input event each: name (move, click, scroll, press, release), time, pointer, key, element
    window_event   the active window, whenever it changed: title, and on macOS the application in `state`
    screenshot     pictures of the screen
    recording      `original_recording_id`: a copy of another recording, such as one that was scrubbed

Times are seconds since 1970. An event names its window by id, or in older versions by time. Where a window doesn't say
its application (Windows, Linux) it is unknown: a title is written by whoever made the page or document. The same events
in a copied recording are left out, and so are events that the person disabled in OpenAdapt.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from directory.sealing import Content
from lake.connectors.elements import Element, Focus, element_of
from lake.connectors.records import (
    SIGNAL_OF,
    UNKNOWN_APPLICATION,
    InvalidRecord,
    LeftOut,
    Picture,
    Quarantined,
    Record,
    content_of,
    identity,
    pixel,
    since_1970,
)
from lake.connectors.sqlite_rows import Database, database, read_part

FILE = "recording.db"
ACTIONS, WINDOWS, SCREENSHOTS, RECORDINGS = "action_event", "window_event", "screenshot", "recording"
EVENT = (
    "name", "timestamp", "mouse_x", "mouse_y", "mouse_dx", "mouse_dy", "mouse_button_name", "mouse_pressed", "key_name",
    "key_char", "key_vk",
)  # fmt: skip
"""What an event is; in all versions."""
PLACE = (
    "recording_id",
    "recording_timestamp",
    "window_event_id",
    "window_event_timestamp",
    "element_state",
    "disabled",
)
SCREENSHOT = "screenshot"
TITLE = 1000


@dataclass(frozen=True)
class Window:
    application: str = UNKNOWN_APPLICATION
    title: str = ""


class OpenAdapt:
    """Reads one database."""

    name = "openadapt"
    version = 1
    copies = True

    def read(self, location: str) -> Iterator[Record | Quarantined | LeftOut]:
        """Every action and every screenshot. Raises InvalidSource."""
        path = Path(location)
        with database(path / FILE if path.is_dir() else path, (ACTIONS, WINDOWS, SCREENSHOTS, RECORDINGS)) as opened:
            opened.require(ACTIONS, EVENT)
            opened.require(WINDOWS, ("timestamp", "title"))
            recordings = _Recordings(opened)
            for number, row in opened.rows(ACTIONS, (*EVENT, *PLACE)):
                try:
                    yield recordings.action(number, row)
                except InvalidRecord as error:
                    yield Quarantined(number, str(error), file=ACTIONS)
            for number, row in opened.rows(SCREENSHOTS, ("timestamp", *PLACE[:2]), sizes=("png_data",)):
                try:
                    yield recordings.screenshot(number, row)
                except InvalidRecord as error:
                    yield Quarantined(number, str(error), file=SCREENSHOTS)


class _Recordings:
    """The windows of a database, and the state for reading its events in their order."""

    def __init__(self, opened: Database) -> None:
        self._path = opened.path
        self._by_id: dict[object, Window] = {}
        self._by_time: dict[object, Window] = {}
        for _, row in opened.rows(WINDOWS, ("id", "timestamp", "title", "state")):
            window = Window(_application(row.get("state")), _text(row["title"])[:TITLE])
            self._by_id[row.get("id")] = self._by_time[row["timestamp"]] = window
        self._times = sorted(time for time in self._by_time if isinstance(time, int | float))
        self._copies = _copies(opened)
        self._session, self._focus = "", Focus()

    def action(self, line: int, row: dict[str, Any]) -> Record | LeftOut:
        """Raises InvalidRecord."""
        captured_at, event = since_1970(row["timestamp"]), {name: row[name] for name in EVENT}
        known_as = identity("openadapt", captured_at, event)
        named = row.get("window_event_id") is not None
        window = (
            self._by_id.get(row["window_event_id"]) if named else self._by_time.get(row.get("window_event_timestamp"))
        ) or Window()
        if row.get("recording_id") in self._copies or row.get("disabled"):
            what = "event that was disabled" if row.get("disabled") else "event of a copied recording"
            return LeftOut(line, window.application, what, captured_at, known_as)
        name = row["name"]
        signal = SIGNAL_OF.get(name) if isinstance(name, str) else None
        if signal is None:
            raise InvalidRecord("unknown kind of event")
        self._follow(row)
        pointer = signal != "keystroke"
        content = self._content(signal, row, window.title)
        return Record(
            line=line,
            captured_at=captured_at,
            signal=signal,
            application=window.application,
            session=self._session,
            identity=known_as,
            content=content,
            x=pixel(row["mouse_x"]) if pointer else None,
            y=pixel(row["mouse_y"]) if pointer else None,
            field="" if pointer else self._focus.field(content["key"], pressed=name == "press"),
        )

    def screenshot(self, line: int, row: dict[str, Any]) -> Record | LeftOut:
        """Raises InvalidRecord."""
        captured_at, size = since_1970(row["timestamp"]), row.get("png_data")
        known_as = identity("openadapt", captured_at, SCREENSHOT, size)
        index = bisect_right(self._times, row["timestamp"]) - 1
        window = self._by_time[self._times[index]] if index >= 0 else Window()
        if row.get("recording_id") in self._copies or not size:
            what = "screenshot of a copied recording" if size else "screenshot that is only in a video"
            return LeftOut(line, window.application, what, captured_at, known_as)
        self._follow(row)
        return Record(
            line=line,
            captured_at=captured_at,
            signal=SCREENSHOT,
            application=window.application,
            session=self._session,
            identity=known_as,
            content=content_of(title=window.title),
            picture=Picture(partial(read_part, self._path, SCREENSHOTS, "png_data", row["rowid"])),
        )

    def _follow(self, row: dict[str, Any]) -> None:
        """Keys of another recording go into no element of this one."""
        session = str(row.get("recording_timestamp") or row.get("recording_id") or "")
        if session != self._session:
            self._session, self._focus = session, Focus()

    def _content(self, signal: str, row: dict[str, Any], title: str) -> Content:
        """Raises InvalidRecord."""
        if signal == "mouse_move":
            return {}
        if signal == "scroll":
            dx, dy = (pixel(row[name] or 0) for name in ("mouse_dx", "mouse_dy"))
            return content_of(action="scroll", dx=dx, dy=dy, title=title)
        if signal == "mouse_click":
            element, pressed = _element(row.get("element_state")), row["mouse_pressed"] == 1
            if pressed:
                self._focus.click(element)
            return content_of(
                action="press" if pressed else "release",
                button=_text(row["mouse_button_name"]),
                element=element.shown if element else None,
                title=title,
            )
        code = f"<{row['key_vk']}>" if row["key_vk"] is not None else ""
        if not (key := _text(row["key_name"]) or _text(row["key_char"]) or code):
            raise InvalidRecord("the key can't be read")
        return content_of(action=row["name"], key=key, title=title)


def _copies(opened: Database) -> set[object]:
    """Ids of recordings that are copies of others in the database."""
    rows = opened.rows(RECORDINGS, ("id", "original_recording_id"))
    original = {row.get("id"): row.get("original_recording_id") for _, row in rows}
    return {each for each, of in original.items() if of is not None and of in original}


def _application(state: object) -> str:
    meta = _json(state).get("meta")
    owner = meta.get("kCGWindowOwnerName") if isinstance(meta, dict) else None
    return owner if isinstance(owner, str) and owner else UNKNOWN_APPLICATION


def _element(state: object) -> Element | None:
    """Of macOS, or of Windows by pywinauto's names; the text of a field isn't its name."""
    node = _json(state)
    kind, texts = node.get("friendly_class_name"), node.get("texts")
    if isinstance(kind, str):
        node |= {"ControlType": kind, "ClassName": node.get("class_name")}
        if kind != "Edit" and isinstance(texts, list) and texts:
            node["Name"] = texts[0]
    return element_of(node)


def _json(text: object) -> dict[str, Any]:
    """A JSON object; empty if it is none."""
    try:
        value = orjson.loads(text) if isinstance(text, str | bytes) else None
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
