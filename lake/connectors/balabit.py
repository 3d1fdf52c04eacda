"""The connector `balabit`: a CSV file of one person's pointer, as in the Balabit Mouse Dynamics Challenge.

Columns: `record timestamp, client timestamp, button, state, x, y`, or one `timestamp` or `time`. Of two times that of
the client counts: the other is when a gateway saw the event. Both count from the start of the session in seconds.
Rows that are equal are copies of one: a pointer does a thing once at a time. Applications aren't recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.sealing import Content
from lake.connectors.csv_rows import InputCsv
from lake.connectors.records import (
    UNKNOWN_APPLICATION,
    InvalidRecord,
    Record,
    content_of,
    identity,
    pixel_of,
)

COLUMNS = {
    "client timestamp": "time", "timestamp": "time", "time": "time", "record timestamp": "recorded", "button": "button",
    "state": "state", "x": "x", "mouse_x": "x", "y": "y", "mouse_y": "y",
}  # fmt: skip
"""What loggers call a column, in small letters."""
REQUIRED = {"button", "state", "x", "y"}
SIGNAL_OF = {
    "move": "mouse_move",
    "drag": "mouse_move",
    "pressed": "mouse_click",
    "released": "mouse_click",
    "down": "scroll",
    "up": "scroll",
}
OUTSIDE = 65_535
"""Remote desktops say this of a pointer that isn't on the screen."""


@dataclass(frozen=True)
class Balabit(InputCsv):
    """Reads one CSV file."""

    name = "balabit"
    version = 1
    copies = True

    def _columns(self, header: list[str]) -> list[str]:
        return [COLUMNS.get(name.strip().casefold(), "") for name in header]

    def _missing(self, names: set[str]) -> str:
        whole = names >= REQUIRED and names & {"time", "recorded"}
        return "" if whole else "client timestamp, button, state, x and y"

    def _record(self, line: int, values: dict[str, str], session: str) -> Record:
        values.pop("", None)
        captured_at = self.time(values.get("time") or values.get("recorded"))
        state = values.get("state", "").strip().casefold()
        signal = SIGNAL_OF.get(state)
        if signal is None:
            raise InvalidRecord("unknown state")
        x, y = pixel_of(values.get("x")), pixel_of(values.get("y"))
        if max(x, y) >= OUTSIDE:
            raise InvalidRecord("the pointer isn't on the screen")
        return Record(
            line=line,
            captured_at=captured_at,
            signal=signal,
            application=UNKNOWN_APPLICATION,
            session=session or captured_at.isoformat(),
            identity=identity("balabit", captured_at, values),
            content=_content(signal, state, values.get("button", "")),
            x=x,
            y=y,
        )


def _content(signal: str, state: str, button: str) -> Content:
    if signal == "mouse_move":
        return {}
    if signal == "scroll":
        return content_of(action="scroll", dx=0, dy=1 if state == "up" else -1)
    return content_of(action="press" if state == "pressed" else "release", button=button.strip().casefold())
