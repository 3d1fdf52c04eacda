"""The connector `pynput`: a CSV file of a logger that somebody made with pynput: pointer, keys, or both.

There is no one format. Columns are known by the names that such loggers use: a time, what happened (`event`,
`event_type`, `action`, …, in one or two of them), `x`, `y`, `button`, `pressed`, `dx`, `dy`, `key`. Times are ISO 8601,
count from 1970 or from the start. Few loggers record the application; otherwise it is unknown.

Keys are named as pynput prints them: `'a'`, `Key.enter`, `<97>`. What isn't the name of a key is text that was typed,
and is kept as such, because the safeguards look for secrets within text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from directory.sealing import Content
from lake.connectors.csv_rows import InputCsv
from lake.connectors.elements import key_name
from lake.connectors.records import (
    UNKNOWN_APPLICATION,
    InvalidRecord,
    Record,
    content_of,
    identity,
    pixel_of,
)

NAMES = {
    "time": "time timestamp ts datetime date_time time_stamp timestamp_s timestamp_ms epoch unix_time",
    "event": "event event_type eventtype type action action_type kind event_name device source input_type state status",
    "x": "x mouse_x pos_x x_pos position_x end_x",
    "y": "y mouse_y pos_y y_pos position_y end_y",
    "dx": "dx scroll_dx scroll_x delta_x",
    "dy": "dy scroll_dy scroll_y delta_y scroll",
    "button": "button mouse_button button_name",
    "pressed": "pressed is_pressed down is_down",
    "key": "key key_name keyname key_char key_pressed character char",
    "application": "application app app_name application_name process process_name program",
    "title": "window window_title title active_window window_name",
}
COLUMNS = {alias: name for name, aliases in NAMES.items() for alias in aliases.split()}
"""What loggers call a column, in small letters with underscores."""
KEY_NAME = re.compile(
    r"(?:Key\.)?(?:alt|ctrl|shift|cmd|option|command|control|meta|win)(?:_?(?:l|r|gr|left|right))?|<\d{1,9}>"
    r"|(?:Key\.)?(?:space|tab|enter|return|esc(?:ape)?|backspace|delete|insert|home|end|up|down|left|right|page_?up|page_?down"
    r"|caps_?lock|num_?lock|scroll_?lock|print_?screen|pause|menu|f\d{1,2}|media_\w{1,20}|num(?:pad)?_?\d)|Key\.\w{1,20}",
    re.IGNORECASE,
)
RELEASE = re.compile(r"release|(?:^|[ _-]|key|mouse|button)up\b", re.IGNORECASE)
TRUE = ("true", "1", "yes", "pressed", "down", "press")
FALSE = ("false", "0", "no", "released", "up", "release")


@dataclass(frozen=True)
class Pynput(InputCsv):
    """Reads one CSV file."""

    name = "pynput"
    version = 1
    copies = False

    def _columns(self, header: list[str]) -> list[str]:
        """Those that say what happened are kept apart."""
        known = [re.sub(r"\W+", "_", name.strip().casefold()).strip("_") for name in header]
        return [
            f"event {number}" if COLUMNS.get(name) == "event" else COLUMNS.get(name, f"other {number}")
            for number, name in enumerate(known)
        ]

    def _missing(self, names: set[str]) -> str:
        whole = "time" in names and ("key" in names or names >= {"x", "y"})
        return "" if whole else "a time (timestamp), and with key, or x and y"

    def _record(self, line: int, values: dict[str, str], session: str) -> Record:
        captured_at = self.time(values.get("time"))
        event = " ".join(value for name, value in values.items() if name.startswith("event")).casefold()
        signal = _signal(event, values)
        pointer = signal != "keystroke"
        return Record(
            line=line,
            captured_at=captured_at,
            signal=signal,
            application=values.get("application", "").strip() or UNKNOWN_APPLICATION,
            session=session or captured_at.isoformat(),
            identity=identity("pynput", captured_at, values),
            content=_content(signal, event, values),
            x=pixel_of(values.get("x")) if pointer else None,
            y=pixel_of(values.get("y")) if pointer else None,
        )


def _signal(event: str, values: dict[str, str]) -> str:
    """Raises InvalidRecord."""
    if "scroll" in event or "wheel" in event:
        return "scroll"
    if ("key" in values or "key" in event) and not re.search("mouse|click|button", event):
        return "keystroke"
    if re.search("move|motion|drag", event):
        return "mouse_move"
    if "button" in values or re.search("click|press|release|button|mouse_?(?:down|up)", event):
        return "mouse_click"
    if {"x", "y"} <= values.keys() and event in ("", "mouse", "position"):
        return "mouse_move"
    raise InvalidRecord("unknown kind of event")


def _content(signal: str, event: str, values: dict[str, str]) -> Content:
    """Raises InvalidRecord."""
    title = values.get("title")
    if signal == "mouse_move":
        return {}
    if signal == "scroll":
        return content_of(action="scroll", title=title, **_distance(event, values))
    action = _action(event, values)
    if signal == "mouse_click":
        button = (values.get("button") or values.get("key", "")).strip().removeprefix("Button.").casefold()
        return content_of(action=action, button=button, title=title)
    if "key" not in values:
        raise InvalidRecord("the key can't be read")
    key = key_name(values["key"])
    if len(key) == 1 or KEY_NAME.fullmatch(key):
        return content_of(action=action, key=key, title=title)
    return content_of(action="type", text=key, title=title)


def _distance(event: str, values: dict[str, str]) -> dict[str, int]:
    """Raises InvalidRecord."""
    if "dx" in values or "dy" in values:
        return {name: pixel_of(values.get(name, "0")) for name in ("dx", "dy")}
    return {"dx": 0, "dy": 1 if "up" in event else -1 if "down" in event else 0}


def _action(event: str, values: dict[str, str]) -> str:
    pressed = values.get("pressed", "").strip().casefold()
    if pressed in TRUE:
        return "press"
    return "release" if pressed in FALSE or RELEASE.search(event) else "press"
